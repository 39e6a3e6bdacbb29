"""Tables of the images: how many, and what the checks found."""

from transfer_report import storage
from transfer_report.records import SPLITS
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Cell, Table, columns
from transfer_report.wording.wording import Wording

MOST_EXAMPLES = 3
INPUTS = (storage.data_description_file(),)


def images_table(study: Study, wording: Wording) -> Table:
    """A row for each class, all of them, and the patients where they are known."""
    data, printer = study.data, wording.printer
    rows: list[list[Cell]] = [
        [
            study.data.classes[index],
            *(printer.value(study.value(f"data.counts.{split}.{index}", "count")) for split in SPLITS),
        ]
        for index in range(len(data.classes))
    ]
    totals = [printer.text(sum(data.counts[split]), "count") for split in SPLITS]
    rows.append([wording.text("tables.images.total"), *totals])
    if data.grouped:
        groups = [printer.value(study.value(f"data.group_counts.{split}", "count")) for split in SPLITS]
        rows.append([wording.text("tables.images.groups"), *groups])
    heads = columns(wording, "images", {"class": "text", "train": "number", "val": "number", "test": "number"})
    shared = study.patients_across_splits
    note = wording.text("tables.images.shared_note", shared=shared) if shared else ""
    return Table("tab-images", "A", wording.text("tables.images.caption"), heads, rows, note=note, inputs=INPUTS)


def source_table(study: Study, wording: Wording) -> Table:
    """A row for each thing that the source says of its images: where they come from, or how they were drawn."""
    rows: list[list[Cell]] = [
        [name, wording.printer.value(study.value(f"data.notes.{name}", "text"))] for name in study.data.notes
    ]
    heads = columns(wording, "source", {"name": "text", "value": "text"})
    return Table("tab-source", "G", wording.text("tables.source.caption"), heads, rows, inputs=INPUTS)


def checks_table(study: Study, wording: Wording) -> Table:
    """A row for each check of the images."""
    rows: list[list[Cell]] = []
    for index, check in enumerate(study.data.checks):
        shown = ", ".join(check.examples[:MOST_EXAMPLES]) + (" …" if len(check.examples) > MOST_EXAMPLES else "")
        rows.append(
            [
                wording.text(f"checks.{check.check}"),
                wording.text(f"tables.checks.{'passed' if check.passed else 'failed'}"),
                wording.printer.value(study.value(f"data.checks.{index}.count", "count")),
                shown or wording.printer.none,
            ]
        )
    heads = columns(wording, "checks", {"check": "text", "result": "text", "count": "number", "examples": "text"})
    return Table("tab-checks", "A", wording.text("tables.checks.caption"), heads, rows, inputs=INPUTS)
