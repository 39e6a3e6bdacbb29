"""Many rounds of several stages at once, each of which must end as a plain `dvc repro` does, byte for byte.

    PYTHONPATH=src:. python benchmarks/soak.py [rounds] [jobs]

Runs a small study by `dvc repro`, then rounds of `transfer-report reproduce --jobs` in copies that have forgotten the
trainings. Stops at the first difference.
"""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from time import monotonic

from tests.pipeline.clone import Clone, small_clone


def main(rounds: int = 10, jobs: int = 4) -> None:
    """Make the study, run the rounds."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        alone = small_clone(Path(folder) / "alone")
        alone.repro()
        soak(alone, Path(folder), rounds, jobs)


def soak(alone: Clone, folder: Path, rounds: int, jobs: int) -> None:
    """Run rounds in copies of a study that a plain `dvc repro` made, and print a line for each."""
    expected = contents(alone)
    for count in range(1, rounds + 1):
        clone = alone.copy(folder / f"round-{count}")
        forget_trainings(clone)
        begun = monotonic()
        done = clone.run("transfer-report", "reproduce", "--jobs", str(jobs))
        found = contents(clone)
        names = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
        clean = "up to date" in clone.run("dvc", "status").stdout
        seconds = monotonic() - begun
        print(f"round {count}: {seconds:.0f} s; {summary(done.stdout)} differs: {names or 'nothing'}", flush=True)
        if names or not clean:
            sys.exit(f"round {count} did not end as dvc repro")
        shutil.rmtree(clone.folder)


def contents(clone: Clone) -> dict[str, bytes]:
    """What a run leaves: results, metrics and `dvc.lock`."""
    files = [clone.folder / "dvc.lock", clone.folder / "metrics.json", *(clone.folder / "results").rglob("*")]
    return {str(file.relative_to(clone.folder)): file.read_bytes() for file in files if file.is_file()}


def forget_trainings(clone: Clone) -> None:
    """Remove results, `dvc.lock` and what the run cache has of the trainings."""
    shutil.rmtree(clone.folder / "results")
    (clone.folder / "dvc.lock").unlink()
    for entry in (clone.folder / ".dvc/cache/runs").glob("*/*/*"):
        if re.search(r"stages\.(fine_tune|lp_ft|linear_probe)", entry.read_text(encoding="utf-8")):
            shutil.rmtree(entry.parent)


def summary(output: str) -> str:
    """The line that counts stages."""
    return next(line for line in output.splitlines() if re.search(r"\d stages? ran", line))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
