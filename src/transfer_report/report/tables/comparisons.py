"""Tables of comparisons: one for each family of comparisons that are corrected together."""

from transfer_report.analysis.families import BETWEEN_TASKS, is_within_table, within_table
from transfer_report.figures.shown import pairs_shown
from transfer_report.records import Comparison
from transfer_report.report.study import Study
from transfer_report.report.tables.conditions import interval
from transfer_report.report.tables.table import Align, Cell, Stacked, Table, columns
from transfer_report.wording.wording import Wording


def comparison_tables(study: Study, wording: Wording) -> list[Table]:
    """A table for each family, what is between the tasks first."""
    families: dict[str, list[Comparison]] = {}
    for comparison in study.analysis.comparisons:
        if comparison.split == "test" and comparison.metric == "accuracy":
            families.setdefault(comparison.family, []).append(comparison)
    ordered = sorted(families, key=lambda family: family != BETWEEN_TASKS)
    return [_table(study, family, families[family], wording) for family in ordered]


def _table(study: Study, family: str, members: list[Comparison], wording: Wording) -> Table:
    names = ("treatment", "reference") if is_within_table(family) else ("pair",)
    numbers = ("difference", "interval", "p_adjusted", "detectable", "runs_test", "flips")
    aligned: dict[str, Align] = {
        **dict.fromkeys(names, "text"), **dict.fromkeys(numbers, "number"), "verdict": "text"
    }  # fmt: skip
    heads = columns(wording, "comparison", aligned)
    shown = pairs_shown(members)
    rows = [_row(study, comparison, wording) for comparison in shown]
    notes = []
    if family == BETWEEN_TASKS:
        notes.append(wording.text("tables.comparison.note", power=study.value("facts.power", "percent_exact")))
    if len(shown) < len(members):
        notes.append(wording.text("tables.comparison.some_pairs", shown=len(shown), count=len(members)))
    note = wording.joined(notes)
    about = [[comparison.treatment, comparison.reference] for comparison in shown]
    return Table(f"tab-{family}", "D", _caption(study, family, wording), heads, rows, note=note, about=about)


def _caption(study: Study, family: str, wording: Wording) -> str:
    for table in study.analysis.tables:
        if family == within_table(table):
            model, group = wording.printer.text(table.model, "model"), wording.printer.text(table.group, "group")
            return wording.text("tables.comparison.family_table", model=model, group=group)
    key = f"tables.comparison.family_{family}"
    return wording.text(key if wording.has(key) else "tables.comparison.family_other", family=family)


def _row(study: Study, comparison: Comparison, wording: Wording) -> list[Cell]:
    printer = wording.printer
    names: list[Cell]
    if is_within_table(comparison.family):
        names = [printer.text(key, "technique") for key in (comparison.treatment, comparison.reference)]
    else:
        shorter = "short_condition" if comparison.family == BETWEEN_TASKS else "condition"  # there, both of one model
        against = wording.text("tables.comparison.against", reference=printer.text(comparison.reference, shorter))
        names = [Stacked((printer.text(comparison.treatment, "condition"), against))]
    place = f"comparisons.{comparison.family}.{comparison.treatment}.{comparison.reference}.{comparison.metric}"
    return [
        *names,
        printer.value(study.value(f"{place}.difference.value", "signed_points")),
        interval(study, f"{place}.difference", "signed_points", wording),
        printer.value(study.value(f"{place}.p_adjusted", "p_value")),
        printer.value(study.value(f"{place}.detectable", "possible_points")),
        printer.value(study.value(f"{place}.runs_test.p_value", "p_value")),
        wording.text(
            "tables.comparison.flips",
            gained=study.value(f"{place}.gained", "count"),
            lost=study.value(f"{place}.lost", "count"),
        ),
        printer.value(study.value(f"{place}.verdict", "verdict")),
    ]
