"""What the engine and DVC cost per stage, measured, and what that means for large studies, by simulation.

    PYTHONPATH=src:. python benchmarks/scaling.py

Runs pipelines whose trainings do nothing, so that all that is left is overhead. Prints the tables of docs/scaling.md.
"""

import contextlib
import heapq
import io
import os
import sys
import tempfile
from pathlib import Path
from time import monotonic

from rich.console import Console
from tests.engine.toy import Toy

from transfer_report.engine.display import Display
from transfer_report.engine.pipeline import Pipeline
from transfer_report.engine.reproduce import run_pipeline
from transfer_report.engine.runners import LocalRunner
from transfer_report.engine.schedule import Schedule

SIZES = (13, 50, 200)
SHARED = 20
"""Stages whose way to a folder remote and back is measured."""


def main() -> None:
    """Measure, simulate, print."""
    print("| trainings | all run, s a stage | nothing changed, s | `dvc repro`, nothing changed, s |")
    print("| --- | --- | --- | --- |")
    head = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            toy = Toy.make(Path(folder) / str(size))
            toy.write_pipeline(seconds=0, names=tuple(f"n{place}" for place in range(size)))
            os.chdir(toy.folder)
            first, again = run(), run()
            begun = monotonic()
            toy.run("dvc", "repro")
            head = first / (size + 3)
            print(f"| {size} | {head:.2f} | {again:.1f} | {monotonic() - begun:.1f} |", flush=True)
        pull, push = remote(Path(folder) / "200", Path(folder) / "store")
    print(f"\npull: {pull:.2f} s a stage, push: {push:.2f} s a stage (a folder as remote)\n")
    print("| seconds a training | workers | hours | limited by |")
    print("| --- | --- | --- | --- |")
    for seconds in (10, 60, 600):
        for workers in (2, 8, 32):
            hours, limit = simulate(
                200, workers, seconds, begin=head / 2, worker=pull + head + push, file=head / 2 + pull
            )
            print(f"| {seconds} | {workers} | {hours:.2f} | {limit} |")


def run() -> float:
    """Seconds of a run of the present folder's pipeline."""
    begun = monotonic()
    pipeline = Pipeline(Path())
    schedule = Schedule(pipeline.stages, 4)
    display = Display(schedule, Console(file=io.StringIO()))
    with contextlib.redirect_stderr(io.StringIO()):
        result = run_pipeline(pipeline, schedule, display, LocalRunner(Path(".cache/logs")))
    if result.failed:
        sys.exit(str(result.failed))
    return monotonic() - begun


def remote(folder: Path, store: Path) -> tuple[float, float]:
    """Seconds that one stage's outputs take from a remote, and to it."""
    os.chdir(folder)
    Toy(folder).run("dvc", "remote", "add", "--default", "store", str(store))
    pipeline = Pipeline(Path())
    names = [name for name in pipeline.stages if name.startswith("train@")][:SHARED]
    with pipeline.held():
        begun = monotonic()
        for name in names:
            pipeline.push([name])
        push = (monotonic() - begun) / len(names)
        begun = monotonic()
        for name in names:
            pipeline.pull([name])
        return (monotonic() - begun) / len(names), push


def simulate(
    trainings: int, workers: int, seconds: float, *, begin: float, worker: float, file: float
) -> tuple[float, str]:
    """Hours that the trainings take, and what limits them.

    The head first begins all of them, one after the other, then files results, one after the other, as they come;
    workers train side by side from the first that was begun.

    Args:
        trainings: how many.
        workers: how many.
        seconds: of one training.
        begin: seconds of the head before each.
        worker: seconds beside each on its worker.
        file: seconds of the head after each.
    """
    free = [0.0] * workers
    done = []
    for place in range(1, trainings + 1):
        done.append(max(heapq.heappop(free), place * begin) + worker + seconds)
        heapq.heappush(free, done[-1])
    head = trainings * begin
    for moment in sorted(done):
        head = max(head, moment) + file
    limit = "the head" if begin + file > (seconds + worker) / workers else "the workers"
    return head / 3600, limit


if __name__ == "__main__":
    main()
