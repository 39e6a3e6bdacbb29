"""Tables of the images: how many, and what the checks found."""

from collections.abc import Iterator, Sequence

from transfer_report.layout import HERE
from transfer_report.records.base import SPLITS
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Cell, Table, columns
from transfer_report.wording.wording import Wording

MOST_EXAMPLES = 3
_INPUTS = (HERE.data_description_file(),)


def image_tables(study: Study, wording: Wording) -> Iterator[Table]:
    """Yield the tables of the images: how many, of whom, and what the checks found."""
    yield images_table(study, wording)
    if study.data.characteristics:
        yield cohort_table(study, wording)
    if flagged := checks_table(study, wording, passed=False):
        yield flagged


def images_table(study: Study, wording: Wording) -> Table:
    """A row for each class, all of them, and the patients where they are known."""
    data, printer = study.data, wording.printer
    rows: list[list[Cell]] = [
        [name, *(printer.printed(data.counts[split][index], "count") for split in SPLITS)]
        for index, name in enumerate(data.classes)
    ]
    totals = [printer.text(sum(data.counts[split]), "count") for split in SPLITS]
    rows.append([wording.text("tables.images.total"), *totals])
    if data.has_patients:
        patients = [printer.printed(data.patient_counts[split], "count") for split in SPLITS]
        rows.append([wording.text("tables.images.patients"), *patients])
    heads = columns(wording, "images", {"class": "text", "train": "number", "val": "number", "test": "number"})
    shared = study.patients_across_splits
    note = wording.text("tables.images.shared_note", shared=shared.count) if shared else ""
    return Table("tab-images", "A", wording.text("tables.images.caption"), heads, rows, note=note, inputs=_INPUTS)


def cohort_table(study: Study, wording: Wording) -> Table:
    """A row for each value of each characteristic, with its images in each split; of numbers, median and quartiles."""
    rows: list[list[Cell]] = []
    printed = wording.printer.printed
    for characteristic in study.data.characteristics:
        name = characteristic.name
        if characteristic.quartiles is not None:
            cells = [
                _quartiles(quartiles, wording)
                if (quartiles := characteristic.quartiles[split])
                else wording.printer.none
                for split in SPLITS
            ]
            rows.append([wording.text("tables.cohort.quartiles", name=name), *cells])
        for level in characteristic.levels:
            counts = (printed(level.counts[split], "count") for split in SPLITS)
            rows.append([wording.text("tables.cohort.level", name=name, value=level.name), *counts])
        if any(characteristic.missing.values()):
            counts = (printed(characteristic.missing[split], "count") for split in SPLITS)
            rows.append([wording.text("tables.cohort.missing", name=name), *counts])
    rows.append(
        [
            wording.text("tables.images.total"),
            *(wording.printer.text(sum(study.data.counts[split]), "count") for split in SPLITS),
        ]
    )
    heads = columns(wording, "images", {"train": "number", "val": "number", "test": "number"})
    first = columns(wording, "cohort", {"characteristic": "text"})
    return Table("tab-cohort", "A", wording.text("tables.cohort.caption"), first + heads, rows, inputs=_INPUTS)


def _quartiles(quartiles: Sequence[float], wording: Wording) -> str:
    if not quartiles:
        return wording.printer.none
    low, middle, high = (wording.printer.printed(one, "quartile") for one in quartiles)
    return wording.text("tables.cohort.median", middle=middle, low=low, high=high)


def source_table(study: Study, wording: Wording) -> Table:
    """A row for each thing that the source says of its images: where they come from, or how they were drawn."""
    rows: list[list[Cell]] = [[name, wording.printer.printed(text, "text")] for name, text in study.data.notes.items()]
    heads = columns(wording, "source", {"name": "text", "value": "text"})
    return Table("tab-source", "S", wording.text("tables.source.caption"), heads, rows, inputs=_INPUTS)


def checks_table(study: Study, wording: Wording, *, passed: bool) -> Table | None:
    """A row for each check of the images that passed, or that found something; None where there is none."""
    rows: list[list[Cell]] = []
    for check in study.data.checks:
        if check.passed is passed:
            shown = ", ".join(check.examples[:MOST_EXAMPLES]) + (" …" if len(check.examples) > MOST_EXAMPLES else "")
            count = wording.printer.printed(check.count, "count")
            name = wording.text(f"checks.{check.check}")
            rows.append([name] if passed else [name, count, shown or wording.printer.none])
    if not rows:
        return None
    if passed:
        heads = columns(wording, "checks", {"check": "text"})
        return Table("tab-checks-passed", "S", wording.text("tables.checks.passed"), heads, rows, inputs=_INPUTS)
    heads = columns(wording, "checks", {"check": "text", "count": "number", "examples": "text"})
    return Table("tab-checks", "A", wording.text("tables.checks.caption"), heads, rows, inputs=_INPUTS)
