"""Fine-tuning beside other work: with none, and with four processes that compute all the time.

    PYTHONPATH=src:. python benchmarks/busy.py

Ten minutes on an otherwise idle machine. Writes `benchmarks/BUSY.md`. *Side by side* is what the study does: as many
runs as there are cores, one thread each. *One after the other* is one run with a thread for each core.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.speed.side_by_side import CONTEXT, CORES, Case, seconds_per_image
from benchmarks.speed.table import Row, machine

RESULT = Path("benchmarks/BUSY.md")
OTHERS = 4
REPEATS = 3
BAR = 4.0
CASES = (Case("efficientnet_lite0", 64, 256), Case("resnet50", 224, 64))


def _spin() -> None:
    while True:
        pass


@contextmanager
def others(count: int) -> Iterator[None]:
    """So many processes that compute all the time."""
    processes = [CONTEXT.Process(target=_spin, daemon=True) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()


def measure(case: Case) -> list[Row]:
    """A row for each way to train."""
    rows = []
    for name, runs, threads in (("side by side", CORES, 1), ("one after the other", 1, CORES)):
        times: dict[int, list[float]] = {0: [], OTHERS: []}
        for _ in range(REPEATS):
            for count, found in times.items():
                with others(count):
                    found.append(seconds_per_image(case, runs, threads))
        idle, busy = (median(found) for found in times.values())
        ours = runs == CORES
        rows.append(
            Row(
                f"{case.architecture}, {case.image_px} px, {name}",
                f"{1000 * idle:.1f} ms an image idle, {1000 * busy:.1f} ms busy: {busy / idle:.1f} ×",
                f"{BAR:g} ×" if ours else "",
                busy <= BAR * idle if ours else None,
            )
        )
    return rows


def main() -> None:
    """Measure, and write the table."""
    lines = [
        "# A busy machine\n",
        f"Made by `PYTHONPATH=src:. python benchmarks/busy.py` on {machine()}.",
        f"Busy: {OTHERS} other processes compute all the time. Medians of {REPEATS} measurements, batches of 32.\n",
        "| what | measured | bar | met |\n| --- | --- | --- | --- |",
    ]
    for case in CASES:
        for row in measure(case):
            print(row, flush=True)
            lines.append(str(row))
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
