"""Table of accuracies over folds."""

from transfer_report.records.analysis import CrossValidated
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Align, Cell, Table, columns, with_interval
from transfer_report.wording.wording import Wording

_COLUMNS: dict[str, Align] = {"condition": "text", "accuracy": "number", "difference": "number"}


def folds_table(study: Study, wording: Wording) -> Table:
    """A row for each condition that is cross-validated."""
    conditions = study.analysis.cross_validated
    notes = [wording.text("tables.cross_validation.note")]
    if len(conditions) > 1:
        notes.append(wording.text("tables.cross_validation.note_differences"))
    return Table(
        "tab-folds",
        "D",
        wording.text("tables.cross_validation.caption", first=conditions[0]),
        columns(wording, "cross_validation", _COLUMNS)[: None if len(conditions) > 1 else -1],
        [_row(one, wording)[: None if len(conditions) > 1 else -1] for one in conditions],
        note=wording.joined(notes),
        about=[[one.condition] for one in conditions],
    )


def _row(one: CrossValidated, wording: Wording) -> list[Cell]:
    difference = with_interval(one.difference, "signed_points", wording) if one.difference else wording.printer.none
    return [
        wording.printer.text(one.condition, "condition"),
        with_interval(one.accuracy, "percent_number", wording),
        difference,
    ]
