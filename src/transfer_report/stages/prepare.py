"""Stage `prepare`: the images that `data` names, read, checked and split, as arrays of bytes."""

import typer

from transfer_report import storage
from transfer_report.data.prepare import prepare
from transfer_report.params import load_params
from transfer_report.records import SPLITS
from transfer_report.stages.run import run_stage


def main() -> None:
    """Read, check and split the images, and write them as arrays of bytes."""
    data = prepare(load_params().data, storage.CACHE)
    for split in SPLITS:
        with storage.growing_array(storage.images_file(split), data.shape(split), "uint8") as images:
            data.copy(split, images)
        storage.write_columns(storage.table_file(split), data.table(split))
    storage.write_record(storage.TEST_LABELS, data.test_labels)
    storage.write_record(storage.data_description_file(), data.description)
    for check in data.description.checks:
        if not check.passed:
            typer.echo(f"found: {check.check} ({check.count}), such as {check.examples[0]}", err=True)


if __name__ == "__main__":
    run_stage(main)
