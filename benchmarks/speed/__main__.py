"""All of it: `make benchmark`, or `PYTHONPATH=src python -m benchmarks.speed [--quick]`, from the root of the project.

Half an hour on two cores; nothing else should run on the machine meanwhile.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.speed import frozen, preparing, study, throughput
from benchmarks.speed.pictures import save_folder
from benchmarks.speed.table import Row, write

FEW, MANY = 10_000, 100_000


def main() -> None:
    """Measure, and write `benchmarks/RESULTS.md`."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--quick", action="store_true", help="a tenth of the images for the memory of prepare")
    shrink = 10 if arguments.parse_args().quick else 1
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        save_folder(scratch / "images", train=128, test=64, side_px=512)
        save_folder(scratch / "many", train=MANY // shrink, test=64, side_px=224)
        parts: list[tuple[str, list[Row]]] = []

        def add(title: str, rows: list[Row]) -> None:
            print(f"## {title}", *rows, sep="\n", flush=True)
            parts.append((title, rows))

        studied, account = study.measure(scratch)
        add("The study and its edits", studied)
        add("Where the time of the study goes", account)
        add("Fine-tuning", throughput.measure(scratch / "images", scratch / "scratch"))
        add("Fixed features", frozen.measure(scratch / "images", scratch / "scratch"))
        add(
            "Preparing",
            [
                *preparing.measure_time(scratch / "images", scratch / "scratch"),
                *preparing.measure_memory(scratch / "many", scratch, FEW // shrink),
            ],
        )
        write(parts, [])


if __name__ == "__main__":
    main()
