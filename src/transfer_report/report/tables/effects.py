"""Tables of effects: each technique against its baseline, in accuracy, train–validation gap and volatility."""

from collections.abc import Sequence
from typing import TypeVar

from transfer_report.analysis.families import within_table
from transfer_report.analysis.tables import TableGroup
from transfer_report.records.analysis import Comparison, CurveComparison, CurveMeasure, StudyTable
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Align, Cell, Stacked, Table, columns, interval
from transfer_report.wording.names import group_name
from transfer_report.wording.wording import Wording

Compared = TypeVar("Compared", Comparison, CurveComparison)

_COLUMNS: dict[str, Align] = {"technique": "text", "accuracy": "text", "gap": "text", "volatility": "text"}
_CURVES: tuple[CurveMeasure, ...] = ("gap", "volatility")
_FORMATS = {"accuracy": "signed_points", "gap": "signed_points", "volatility": "signed_significant3"}


def effects_table(study: Study, group: TableGroup, wording: Wording) -> Table | None:
    """A row for each technique; None where a group has none."""
    pairs = [(table, key) for table in group.tables for key in table.conditions[1:]]
    if not pairs:
        return None
    failed = any({key, table.baseline} & study.analysis.failed_conditions for table, key in pairs)
    notes = []
    if group.number == 1:
        notes.append(wording.text("tables.effects.note"))
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
    analysis, pair = study.analysis, (within_table(table), key, table.baseline)
    mark = bool({key, table.baseline} & analysis.failed_conditions)
    effects: dict[str, Comparison | CurveComparison | None]
    effects = {"accuracy": find(analysis.comparisons, *pair, "accuracy")}
    effects |= {measure: find(analysis.curve_comparisons, *pair, measure) for measure in _CURVES}
    return [
        wording.printer.text(key, "technique"),
        *(effect_cell(effect, name, _FORMATS[name], wording, mark=mark) for name, effect in effects.items()),
    ]


def find(members: Sequence[Compared], family: str, treatment: str, reference: str, what: str) -> Compared | None:
    """The comparison of two conditions in a metric, or in a measure of the curves; None where there is none."""
    key = (family, treatment, reference, what)
    return next((one for one in members if tuple(getattr(one, name) for name in one.KEY) == key), None)


def effect_cell(
    effect: Comparison | CurveComparison | None,
    measure: str,
    format: str,  # noqa: A002  # the record's own word
    wording: Wording,
    *,
    mark: bool,
) -> Cell:
    """Difference and verdict, below them interval and adjusted p-value.

    Args:
        effect: where there is none, or no value of it, the cell has the sign of that.
        measure: what differs, by whose words the verdict is printed.
        format: of the difference.
        wording: the report's.
        mark: whether either condition has failed runs.
    """
    if effect is None or effect.difference is None:
        return wording.printer.none
    verdict = wording.text(f"tables.effects.{measure}.{effect.verdict}")
    if mark:
        verdict = wording.text("names.marked", text=verdict)
    printed = wording.printer.printed
    first = wording.text("tables.effects.cell", difference=printed(effect.difference, format), verdict=verdict)
    if effect.difference.low is None:
        return first
    ends = interval(effect.difference, format, wording)
    return Stacked((first, wording.text("tables.effects.below", ends=ends, p=printed(effect.p_adjusted, "p_equals"))))
