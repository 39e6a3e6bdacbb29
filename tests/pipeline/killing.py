"""Stops a real `dvc repro` at a moment of the caller's choice."""

import math
import os
import random
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

import psutil
from tests.pipeline.clone import Clone
from tests.processes import working_in

from transfer_report.damage import AT_WORK, damaged_records
from transfer_report.storage import LOCK

Whom = Literal["group", "stage", "dvc"]

# dvc alone takes no notice of Ctrl-C while a stage runs: that is sent to all by a terminal.
WAYS: list[tuple[signal.Signals, Whom]] = [
    (signal.SIGINT, "group"),
    (signal.SIGINT, "stage"),
    *((number, whom) for number in (signal.SIGTERM, signal.SIGKILL) for whom in ("group", "stage", "dvc")),
]


def environment():
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": "src"}


def start(clone: Clone, *targets: str) -> subprocess.Popen:
    """`dvc repro` in a process group of its own."""
    return subprocess.Popen(
        ("dvc", "repro", *targets), cwd=clone.folder, env=environment(), text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        # What a shell starts in the background inherits that Ctrl-C means nothing.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def stage_in(clone: Clone, name: str = "transfer_report.stages") -> psutil.Process | None:
    """The stage that runs in a checkout at the moment."""
    of_name = (one for one in working_in(clone.folder) if any(name in word for word in one.info["cmdline"] or ()))
    return next(of_name, None)


def listens(stage: psutil.Process | None) -> bool:
    """Whether a stage, not the shell that starts it, hears signals by now."""
    if stage is None:
        return False
    with suppress(OSError):
        caught = re.search(r"SigCgt:\s+(\w+)", Path(f"/proc/{stage.pid}/status").read_text())
        return bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)
    return False


def stop(clone: Clone, process: subprocess.Popen, number: signal.Signals, whom: Whom) -> str:
    """Send a signal to a `dvc repro`, wait until nothing of it is left, and return what it said."""
    stage = stage_in(clone)
    if process.poll() is None:
        if whom == "group":
            os.killpg(process.pid, number)
        elif whom == "stage" and stage:
            stage.send_signal(number)
        else:
            process.send_signal(number)
    said = process.communicate(timeout=120)[0]
    if stage:
        psutil.wait_procs([stage], timeout=60)
        assert not stage.is_running() or stage.status() == psutil.STATUS_ZOMBIE
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
        seconds: of processor time, after which it is stopped at the latest.
        rng: chooses ways and moments.

    Returns:
        How often the stage was still at work.
    """
    module, hits = f"transfer_report.stages.{stage}", 0
    for number, whom in rng.sample(WAYS, ways):
        process = start(clone, stage)
        moment = rng.uniform(0, seconds)
        wait_for(lambda process=process, moment=moment: worked(clone, process, module) >= moment, 900)
        hits += stage_in(clone, module) is not None
        said = stop(clone, process, number, whom)
        print(f"{stage}: {number.name} to {whom} after {moment:.1f} s of work: {said.splitlines()[-1:]}")
        assert "Traceback" not in said, said
        mend_records(clone)
    return hits


def mend_records(clone: Clone) -> None:
    """DVC writes its records in place; where a kill left half of one, do as `transfer-report verify --remove`."""
    for record in damaged_records(clone.folder / LOCK, clone.folder / AT_WORK):
        print(f"half-written: {record.name}")
        record.unlink()


def worked(clone: Clone, process: subprocess.Popen, module: str) -> float:
    """Processor time of the stage that a `dvc repro` runs: below 0 before it begins, without end when dvc has ended."""
    if process.poll() is not None:
        return math.inf
    stage = stage_in(clone, module)
    return seconds_of(stage) if stage else -1


def seconds_of(stage: psutil.Process) -> float:
    """Processor time of a process; 0 where it has ended."""
    try:
        times = stage.cpu_times()
    except psutil.Error:
        return 0
    return times.user + times.system


def stage_seconds(clone: Clone) -> dict[str, float]:
    """Processor time of each stage in a `dvc repro` that is let alone, in their order."""
    process, stages = start(clone), {}
    while process.poll() is None:
        with suppress(psutil.Error):
            if stage := stage_in(clone):
                name = re.search(r"transfer_report\.stages\.(\w+)", " ".join(stage.cmdline()))[1]
                stages[name] = max(stages.get(name, 0), seconds_of(stage))
        time.sleep(0.05)
    assert process.communicate()
    assert process.returncode == 0
    return stages


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
