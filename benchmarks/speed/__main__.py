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


STUDY, ACCOUNT = "The study and its edits", "Where the time of the study goes"
PARTS = ("study", "fine_tuning", "linear_probe", "preparing")
TUNING, FIXED, PREPARING = "Fine-tuning", "Fixed features", "Preparing"


def main() -> None:
    """Measure, and write `benchmarks/RESULTS.md`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tenth of the images for the memory of prepare")
    parser.add_argument("--parts", nargs="+", choices=PARTS, help="all, unless some are named")
    arguments = parser.parse_args()
    shrink = 10 if arguments.quick else 1
    measured: dict[str, list[Row]] = {}

    def add(title: str, rows: list[Row]) -> None:
        print(f"## {title}", *rows, sep="\n", flush=True)
        measured[title] = rows

    def wanted(part: str) -> bool:
        return not arguments.parts or part in arguments.parts

    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        images = scratch / "images"
        save_folder(images, train=128, test=64, side_px=512)
        if wanted("study"):
            edits, account = study.measure(scratch)
            add(STUDY, edits)
            add(ACCOUNT, account)
        if wanted("fine_tuning"):
            add(TUNING, throughput.measure(images, scratch / "scratch"))
        if wanted("linear_probe"):
            add(FIXED, frozen.measure(images, scratch / "scratch"))
        if wanted("preparing"):
            many = scratch / "many"
            save_folder(many, train=MANY // shrink, test=64, side_px=224)
            few = preparing.part_of(many, scratch / "few", FEW // shrink)
            large = scratch / "large"
            save_folder(large, train=2000, test=64, side_px=512)
            rows = [row for folder in (few, large) for row in preparing.measure_time(folder, scratch / "scratch")]
            rows += preparing.measure_memory(many, few, scratch)
            shape = (MANY // shrink, 224, 224, 1)
            add(PREPARING, rows + preparing.measure_training_memory(scratch, shape, FEW // shrink))
    write(measured, (STUDY, ACCOUNT, TUNING, FIXED, PREPARING))


if __name__ == "__main__":
    main()
