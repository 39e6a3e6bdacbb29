"""Tables of effects: each technique against its baseline, in accuracy, train–validation gap and volatility."""

from transfer_report.analysis.families import within_table
from transfer_report.analysis.tables import TableGroup
from transfer_report.records.analysis import StudyTable
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Align, Cell, Stacked, Table, columns
from transfer_report.wording.names import group_name
from transfer_report.wording.wording import Wording

_COLUMNS: dict[str, Align] = {"technique": "text", "accuracy": "text", "gap": "text", "volatility": "text"}
_CURVES = {"gap": "signed_points", "volatility": "signed_significant3"}


def effects_table(study: Study, group: TableGroup, wording: Wording) -> Table | None:
    """A row for each technique; None where a group has none."""
    pairs = [(table, key) for table in group.tables for key in table.conditions[1:]]
    if not pairs:
        return None
    failed = any({key, table.baseline} & study.analysis.failed_conditions for table, key in pairs)
    notes = []
    if group.number == 1:
        notes.append(wording.text("tables.effects.note", confidence=study.value("facts.confidence", "percent_exact")))
    if failed:
        notes.append(wording.text("tables.comparison.note_failed"))
    return Table(
        id=f"tab-effects-{group.key}",
        section=group.strategy,
        caption=wording.text("tables.effects.caption", name=group_name(wording, group.tables)),
        columns=columns(wording, "effects", _COLUMNS),
        rows=[_row(study, table, key, wording) for table, key in pairs],
        number=f"{group.number}b",
        note=wording.joined(notes),
        about=[[key, table.baseline] for table, key in pairs],
    )


def _row(study: Study, table: StudyTable, key: str, wording: Wording) -> list[Cell]:
    family = within_table(table)
    place = f"comparisons.{family}.{key}.{table.baseline}.accuracy"
    mark = bool({key, table.baseline} & study.analysis.failed_conditions)
    cells: list[Cell] = [wording.printer.text(key, "technique")]
    cells.append(effect_cell(study, place, "accuracy", "signed_points", wording, mark=mark))
    for measure, format_ in _CURVES.items():
        place = f"curve_comparisons.{family}.{key}.{table.baseline}.{measure}"
        cells.append(effect_cell(study, place, measure, format_, wording, mark=mark))
    return cells


def effect_cell(
    study: Study,
    place: str,
    measure: str,
    format: str,  # noqa: A002  # the record's own word
    wording: Wording,
    *,
    mark: bool,
) -> Cell:
    """Difference and verdict, below them interval and adjusted p-value.

    Args:
        study: whose comparison.
        place: its address; where it has no value, the cell has the sign of that.
        measure: what differs, by whose words the verdict is printed.
        format: of the difference.
        wording: the report's.
        mark: whether either condition has failed runs.
    """
    if f"{place}.difference.value" not in study.leaves:
        return wording.printer.none
    verdict = wording.text(f"tables.effects.{measure}.{study.leaves[f'{place}.verdict']}")
    if mark:
        verdict = wording.text("names.marked", text=verdict)
    first = wording.text(
        "tables.effects.cell", difference=study.value(f"{place}.difference.value", format), verdict=verdict
    )
    low = study.value(f"{place}.difference.low", format)
    if low.value is None:
        return first
    below = wording.text(
        "tables.effects.below",
        low=low,
        high=study.value(f"{place}.difference.high", format),
        p=study.value(f"{place}.p_adjusted", "p_equals"),
    )
    return Stacked((first, below))
