"""All of it: `make benchmark`, or `PYTHONPATH=src python -m benchmarks.speed [--quick]`, from the root of the project.

Half an hour on two cores; nothing else should run on the machine meanwhile.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.speed import frozen, preparing, study, throughput
from benchmarks.speed.own_training import BATCH
from benchmarks.speed.pictures import save_folder
from benchmarks.speed.table import Row, write

FEW, MANY = 10_000, 100_000


STUDY, ACCOUNT = "The study and its edits", "Where the time of the study goes"
PARTS = ("study", "fine_tuning", "linear_probe", "reading", "table", "memory")
TUNING, FIXED = "Fine-tuning", "Fixed features"
READING, TABLE, MEMORY = "Reading images", "A table of images", "Memory of many images"
LISTED = 20_000
"""Images of a table, small ones: what it costs to list them is to be seen."""


def main() -> None:
    """Measure, and write `benchmarks/RESULTS.md`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tenth of the images of table and memory")
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
            few_images = scratch / "two-batches"
            save_folder(few_images, train=2 * BATCH, test=2, side_px=512)
            add(TUNING, throughput.measure(few_images, scratch / "scratch"))
        if wanted("linear_probe"):
            add(FIXED, frozen.measure(images, scratch / "scratch"))
        if wanted("reading"):
            rows = []
            for side_px, train in ((224, 10_000), (512, 2_000), (2_048, 400)):
                save_folder(scratch / f"px-{side_px}", train=train, test=64, side_px=side_px)
                rows += preparing.measure_time(scratch / f"px-{side_px}", scratch / "scratch")
            add(READING, rows)
        if wanted("table"):
            listed = scratch / "listed"
            save_folder(listed, train=LISTED // shrink, test=64, side_px=96)
            add(TABLE, preparing.measure_table(listed, scratch / "scratch"))
        if wanted("memory"):
            many = scratch / "many"
            save_folder(many, train=MANY // shrink, test=64, side_px=224)
            few = preparing.part_of(many, scratch / "few", FEW // shrink)
            shape = (MANY // shrink, 224, 224, 1)
            rows = preparing.measure_memory(many, few, scratch)
            add(MEMORY, rows + preparing.measure_training_memory(scratch, shape, FEW // shrink))
    write(measured, (STUDY, ACCOUNT, TUNING, FIXED, READING, TABLE, MEMORY))


if __name__ == "__main__":
    main()
