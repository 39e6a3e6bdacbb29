"""A small study's trainings on two workers of Dask, one of which is killed, must end as a plain `dvc repro` does.

    PYTHONPATH=src:. python benchmarks/soak_workers.py

Scheduler and workers are started by their own commands, each worker in a clone of its own, with a folder as the shared
remote. Once with both workers to the end, once with one killed (SIGKILL) after its first training.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

from tests.pipeline.clone import Clone, small_clone

from benchmarks.soak import contents, forget_trainings, summary

SEEDS = [0, 1, 2, 3]


def main() -> None:
    """Make the study, run both rounds."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        alone = small_clone(folder / "alone")
        alone.edit(seeds=SEEDS)
        alone.run("dvc", "remote", "add", "--default", "store", str(folder / "nothing-yet"))
        alone.run(
            "git", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-am", "Four seeds"
        )
        alone.repro()
        for kill in (False, True):
            _round(alone, folder / ("killed" if kill else "whole"), kill=kill)


def _round(alone: Clone, folder: Path, *, kill: bool) -> None:
    expected = contents(alone)
    head, *workers = (alone.copy(folder / name) for name in ("head", "worker-1", "worker-2"))
    for clone in (head, *workers):
        forget_trainings(clone)
        clone.run("dvc", "remote", "modify", "store", "url", str(folder / "store"))
    begun = monotonic()
    with _process(head, "dask", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard") as scheduler:
        address = scheduler.wait_for(r"Scheduler at:\s+(tcp://\S+)")
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard")
        with (
            _process(workers[0], "dask", "worker", address, *options) as first,
            _process(workers[1], "dask", "worker", address, *options) as second,
            _process(head, "transfer-report", "reproduce", "--scheduler", address) as run,
        ):
            first.wait_for("(Registered to)")
            second.wait_for("(Registered to)")
            if kill:
                run.wait_for(r"((?:fine_tune|linear_probe|lp_ft)@\S+)", times=6)
                second.process.kill()
            code = run.process.wait()
            sleep(1)
    found = contents(head)
    names = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    what = "one worker killed" if kill else "two workers"
    print(f"{what}: {monotonic() - begun:.0f} s; {summary(run.text())} differs: {names or 'nothing'}", flush=True)
    if code or names:
        sys.exit(run.text())
    shutil.rmtree(folder)


class _Running:
    """A process whose lines are kept."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(line)

    def text(self) -> str:
        """All that it wrote."""
        return "".join(self.lines)

    def wait_for(self, pattern: str, times: int = 1, seconds: float = 600) -> str:
        """The text of a pattern's group, once it came so often."""
        deadline = monotonic() + seconds
        while monotonic() < deadline:
            found = re.findall(pattern, self.text())
            if len(found) >= times:
                return str(found[-1])
            if self.process.poll() is not None:
                break
            sleep(0.2)
        sys.exit(f"{pattern} did not come:\n{self.text()}")


@contextmanager
def _process(clone: Clone, *command: str) -> Iterator[_Running]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(  # noqa: S603
        command, cwd=clone.folder, env={**os.environ, "PATH": path, "PYTHONPATH": "src"}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        yield _Running(process)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
