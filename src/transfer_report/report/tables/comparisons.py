"""Tables of comparisons: one for each family of comparisons that are corrected together."""

from transfer_report.analysis.families import BETWEEN_STRATEGIES, is_within_table, within_table
from transfer_report.analysis.rules import largest_possible_difference
from transfer_report.figures.shown import pairs_shown
from transfer_report.records.analysis import Comparison, Tested
from transfer_report.report.study import Study
from transfer_report.report.tables.effects import effect_cell, find
from transfer_report.report.tables.table import Align, Cell, Stacked, Table, columns
from transfer_report.wording.wording import Wording

_COLUMNS: dict[str, Align] = {
    "pair": "text",
    "accuracy": "text",
    "auroc": "text",
    "minimum_detectable_difference": "number",
    "fixed_seed_test": "number",
    "flips": "number",
}


def comparison_tables(study: Study, wording: Wording) -> list[Table]:
    """A table for each family, what is between strategies first."""
    families: dict[str, list[Comparison]] = {}
    for comparison in study.analysis.comparisons:
        if comparison.split == "test" and comparison.metric == "accuracy":
            families.setdefault(comparison.family, []).append(comparison)
    ordered = sorted(families, key=lambda family: family != BETWEEN_STRATEGIES)
    return [_table(study, family, families[family], wording, explained=family == ordered[0]) for family in ordered]


def _table(study: Study, family: str, members: list[Comparison], wording: Wording, *, explained: bool) -> Table:
    shown = pairs_shown(members)
    notes = []
    if explained:
        notes.append(wording.text("tables.comparison.note"))
    if any({one.treatment, one.reference} & study.analysis.failed_conditions for one in shown):
        notes.append(wording.text("tables.comparison.note_failed"))
    if len(shown) < len(members):
        notes.append(wording.text("tables.comparison.some_pairs", shown=len(shown), count=len(members)))
    return Table(
        f"tab-{family}",
        "S",
        _caption(study, family, wording),
        columns(wording, "comparison", _COLUMNS),
        [_row(study, comparison, wording) for comparison in shown],
        note=wording.joined(notes),
        about=[[comparison.treatment, comparison.reference] for comparison in shown],
    )


def _caption(study: Study, family: str, wording: Wording) -> str:
    for table in study.analysis.tables:
        if family == within_table(table):
            model, strategy = (
                wording.printer.text(table.model, "model"),
                wording.printer.text(table.strategy, "strategy"),
            )
            return wording.text("tables.comparison.family_table", model=model, strategy=strategy)
    key = f"tables.comparison.family_{family}"
    return wording.text(key if wording.has(key) else "tables.comparison.family_other", family=family)


def _row(study: Study, comparison: Comparison, wording: Wording) -> list[Cell]:
    return [
        _pair(comparison, wording),
        _difference(study, comparison, "accuracy", wording),
        _difference(study, comparison, "auroc", wording),
        _detectable(study, comparison, wording),
        wording.printer.printed(comparison.fixed_seed_test.p_value, "p_value"),
        wording.text("tables.comparison.flips", gained=comparison.gained, lost=comparison.lost),
    ]


def _pair(comparison: Comparison, wording: Wording) -> Cell:
    """Two conditions, within a table by their techniques."""
    if not is_within_table(comparison.family):
        return question_cell(comparison.treatment, comparison.reference, wording)
    first, second = (wording.printer.text(key, "technique") for key in (comparison.treatment, comparison.reference))
    return Stacked((first, wording.text("tables.comparison.against", reference=second)))


def _difference(study: Study, comparison: Comparison, metric: Tested, wording: Wording) -> Cell:
    """Difference, verdict, interval and p-value of one metric; of an inconclusive one also how likely it matters."""
    effect = find(study.analysis.comparisons, comparison.family, comparison.treatment, comparison.reference, metric)
    mark = bool({comparison.treatment, comparison.reference} & study.analysis.failed_conditions)
    cell = effect_cell(effect, "accuracy", "signed_points", wording, mark=mark)
    if effect is None or effect.verdict != "inconclusive" or not isinstance(cell, Stacked):
        return cell
    if effect.probability_better is None:  # also in records of an older version
        return cell
    return Stacked((*cell.lines, wording.text("tables.comparison.probability", pair=effect)))


def question_cell(treatment: str, reference: str, wording: Wording) -> Cell:
    """Two conditions, the first above the second; of one model, the second leaves its name out."""
    printer = wording.printer
    one_model = printer.text(treatment, "model_of") == printer.text(reference, "model_of")
    against = printer.text(reference, "short_condition" if one_model else "condition")
    return Stacked((printer.text(treatment, "condition"), wording.text("tables.comparison.against", reference=against)))


def _detectable(study: Study, comparison: Comparison, wording: Wording) -> Cell:
    """The minimum detectable difference, or that it lies beyond all that is possible."""
    found = comparison.minimum_detectable_difference
    possible = largest_possible_difference(study.analysis.estimates["test"][comparison.reference]["accuracy"].value)
    if found is not None and found > possible:
        return wording.text("tables.comparison.undetectable", possible=wording.printer.text(possible, "points"))
    return wording.printer.printed(found, "points")
