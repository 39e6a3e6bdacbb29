"""Many rounds of several stages at once, each of which must end as a plain `dvc repro` does, byte for byte.

    PYTHONPATH=src:. python benchmarks/soak.py [rounds] [jobs]

Runs a small study by `dvc repro`, then rounds of `transfer-report reproduce --jobs` in copies that know nothing but
the timing of the models, which differs from run to run. Stops at the first difference.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from time import monotonic

from tests.pipeline.clone import Clone, small_clone


def main(rounds: int, jobs: int) -> None:
    """Run the rounds and print a line for each."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        alone = small_clone(Path(folder) / "alone")
        begun = monotonic()
        alone.repro()
        print(f"dvc repro: {monotonic() - begun:.0f} s", flush=True)
        expected = contents(alone)
        for count in range(1, rounds + 1):
            clone = alone.copy(Path(folder) / f"round-{count}")
            forget_all_but_timing(clone)
            begun = monotonic()
            done = clone.run("transfer-report", "reproduce", "--jobs", str(jobs))
            found = contents(clone)
            different = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
            clean = "up to date" in clone.run("dvc", "status").stdout
            print(
                f"round {count}: {monotonic() - begun:.0f} s; {summary(done.stdout)}; differs: {different or 'no'}",
                flush=True,
            )
            if different or not clean:
                sys.exit(f"round {count} did not end as dvc repro")
            shutil.rmtree(clone.folder)


def contents(clone: Clone) -> dict[str, bytes]:
    """What a run leaves: results, metrics and `dvc.lock`."""
    files = [clone.folder / "dvc.lock", clone.folder / "metrics.json", *(clone.folder / "results").rglob("*")]
    return {str(file.relative_to(clone.folder)): file.read_bytes() for file in files if file.is_file()}


def forget_all_but_timing(clone: Clone) -> None:
    """Remove results, `dvc.lock` and what the run cache has of all stages but `latency`."""
    shutil.rmtree(clone.folder / "results")
    (clone.folder / "dvc.lock").unlink()
    for entry in (clone.folder / ".dvc/cache/runs").rglob("*"):
        if entry.is_file() and "stages.latency" not in entry.read_text(encoding="utf-8"):
            entry.unlink()


def summary(output: str) -> str:
    """The line that counts stages."""
    return next(line for line in output.splitlines() if " stages ran" in line)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:] or (10,)), *((4,) if len(sys.argv) < 3 else ()))
