"""Stops a real `dvc repro` at a moment of the caller's choice."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

from tests.pipeline.clone import Clone
from tests.processes import holder

from transfer_report.layout import HERE
from transfer_report.revisions.damage import AT_WORK, damaged_records

Whom = Literal["group", "stage", "dvc"]

# dvc alone takes no notice of Ctrl-C while a stage runs: that is sent to all by a terminal.
WAYS: list[tuple[signal.Signals, Whom]] = [
    (signal.SIGINT, "group"),
    (signal.SIGINT, "stage"),
    *((number, whom) for number in (signal.SIGTERM, signal.SIGKILL) for whom in ("group", "stage", "dvc")),
]


def environment(clone: Clone) -> dict[str, str]:
    """That of a `dvc repro` whose stages say when they hear signals."""
    announced(clone).mkdir(exist_ok=True)
    folders = (Path(__file__).with_name("announcing"), Path(sys.executable).parent, os.environ["PATH"])
    return {
        **os.environ,
        "PATH": os.pathsep.join(map(str, folders)),
        "PYTHON": sys.executable,
        "PYTHONPATH": "src",
        "ANNOUNCED": str(announced(clone)),
    }


def announced(clone: Clone) -> Path:
    """Where the stages of a checkout say that they are at work, each by a file of its name."""
    return clone.folder.with_name(f"{clone.folder.name}-announced")


def _hear_everything() -> None:
    """In the background of a shell Ctrl-C means nothing, below nohup a lost terminal; children inherit both."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def start(clone: Clone, *targets: str) -> subprocess.Popen:
    """`dvc repro` in a process group of its own."""
    return subprocess.Popen(
        ("dvc", "repro", *targets), cwd=clone.folder, env=environment(clone), text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        preexec_fn=_hear_everything,
    )  # fmt: skip


def at_work(clone: Clone, name: str = "*") -> dict[str, int]:
    """The stages of a checkout that hear signals at the moment, and the number of the process of each."""
    return {file.name: number for file in announced(clone).glob(name) if (number := holder(file))}


def stop(clone: Clone, process: subprocess.Popen, number: signal.Signals, whom: Whom) -> str:
    """Send a signal to a `dvc repro`, wait until nothing of it is left, and return what it said."""
    stages = at_work(clone).values()
    if process.poll() is None:
        if whom == "group":
            os.killpg(process.pid, number)
        elif whom == "stage" and stages:
            for stage in stages:
                with suppress(ProcessLookupError):
                    os.kill(stage, number)
        else:
            process.send_signal(number)
    said = process.communicate(timeout=120)[0]
    wait_for(lambda: not at_work(clone))
    return said


def stopped_after(clone: Clone, seconds: float, number: signal.Signals, whom: Whom) -> str:
    """A `dvc repro` that is stopped after some time; what it said."""
    process = start(clone)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return stop(clone, process, number, whom)
    return process.communicate()[0]


def stopped_within(clone: Clone, stage: str, ways: int, seconds: float, rng: random.Random) -> int:
    """Runs of `dvc repro STAGE` that are stopped at random moments after it has begun, each in another way.

    Args:
        clone: the checkout.
        stage: the name of the stage, of whichever condition.
        ways: in how many ways.
        seconds: after which it is stopped at the latest.
        rng: chooses ways and moments.

    Returns:
        How often the stage was still at work.
    """
    hits = 0
    for number, whom in rng.sample(WAYS, ways):
        process = start(clone, stage)
        wait_for(lambda process=process: at_work(clone, stage) or process.poll() is not None, 900)
        moment = rng.uniform(0, seconds)
        time.sleep(moment)
        hits += bool(at_work(clone, stage))
        said = stop(clone, process, number, whom)
        print(f"{stage}: {number.name} to {whom} after {moment:.1f} s of work: {said.splitlines()[-1:]}")
        assert "Traceback" not in said, said
        mend_records(clone)
    return hits


def mend_records(clone: Clone) -> None:
    """DVC writes its records in place; where a kill left half of one, do as `transfer-report verify --remove`."""
    for record in damaged_records(clone.folder / HERE.lock, clone.folder / AT_WORK):
        print(f"half-written: {record.name}")
        record.unlink()


def stage_seconds(clone: Clone) -> dict[str, float]:
    """How long each stage of a `dvc repro` that is let alone is at work, in their order."""
    process, begun, seconds = start(clone), {}, {}
    while process.poll() is None:
        now = time.monotonic()
        for stage in at_work(clone).items():
            begun.setdefault(stage, now)
            seconds[stage[0]] = max(seconds.get(stage[0], 0), now - begun[stage])
        time.sleep(0.05)
    assert process.communicate()
    assert process.returncode == 0
    return seconds


def wait_for(condition, seconds: float = 60) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def results_of(clone: Clone) -> dict[str, bytes]:
    """Metrics, histories, predictions and the report in all its forms."""
    files = [clone.folder / "metrics.json"]
    for folder in ("results/runs", "results/evaluation", "results/report"):
        files += sorted(path for path in (clone.folder / folder).rglob("*.*") if path.is_file())
    return {str(file.relative_to(clone.folder)): file.read_bytes() for file in files}
