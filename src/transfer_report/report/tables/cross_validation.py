"""Table of accuracies over folds."""

from transfer_report.analysis.lookup import address
from transfer_report.records.analysis import CrossValidated
from transfer_report.report.study import Study
from transfer_report.report.tables.conditions import with_interval
from transfer_report.report.tables.table import Align, Cell, Table, columns
from transfer_report.wording.wording import Wording

_COLUMNS: dict[str, Align] = {"condition": "text", "accuracy": "number", "difference": "number"}


def folds_table(study: Study, wording: Wording) -> Table:
    """A row for each condition that is cross-validated."""
    conditions = study.analysis.cross_validated
    first = address("cross_validated", conditions[0])
    values = {name: study.value(f"{first}.{name}", "count") for name in ("folds", "repeats", "images")}
    confidence = study.value("facts.confidence", "percent_exact")
    notes = [wording.text("tables.cross_validation.note")]
    if len(conditions) > 1:
        notes.append(wording.text("tables.cross_validation.note_differences"))
    return Table(
        "tab-folds",
        "D",
        wording.text("tables.cross_validation.caption", confidence=confidence, **values),
        columns(wording, "cross_validation", _COLUMNS)[: None if len(conditions) > 1 else -1],
        [_row(study, one, wording)[: None if len(conditions) > 1 else -1] for one in conditions],
        note=wording.joined(notes),
        about=[[one.condition] for one in conditions],
    )


def _row(study: Study, one: CrossValidated, wording: Wording) -> list[Cell]:
    place, printer = address("cross_validated", one), wording.printer
    difference = (
        with_interval(study, f"{place}.difference", "signed_points", wording) if one.difference else printer.none
    )
    return [
        printer.text(one.condition, "condition"),
        with_interval(study, f"{place}.accuracy", "percent_number", wording),
        difference,
    ]
