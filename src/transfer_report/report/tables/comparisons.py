"""Tables of comparisons: one for each family of comparisons that are corrected together."""

from transfer_report.analysis.families import BETWEEN_STRATEGIES, is_within_table, within_table
from transfer_report.analysis.rules import largest_possible_difference
from transfer_report.figures.shown import pairs_shown
from transfer_report.records.analysis import Comparison
from transfer_report.report.study import Study
from transfer_report.report.tables.conditions import interval
from transfer_report.report.tables.table import Align, Cell, Stacked, Table, columns
from transfer_report.wording.wording import Wording


def comparison_tables(study: Study, wording: Wording) -> list[Table]:
    """A table for each family, what is between strategies first."""
    families: dict[str, list[Comparison]] = {}
    for comparison in study.analysis.comparisons:
        if comparison.split == "test" and comparison.metric == "accuracy":
            families.setdefault(comparison.family, []).append(comparison)
    ordered = sorted(families, key=lambda family: family != BETWEEN_STRATEGIES)
    return [_table(study, family, families[family], wording) for family in ordered]


def _table(study: Study, family: str, members: list[Comparison], wording: Wording) -> Table:
    names = ("treatment", "reference") if is_within_table(family) else ("pair",)
    numbers = ("difference", "interval", "p_adjusted", "minimum_detectable_difference", "fixed_seed_test", "flips")
    aligned: dict[str, Align] = {
        **dict.fromkeys(names, "text"), **dict.fromkeys(numbers, "number"), "verdict": "text"
    }  # fmt: skip
    heads = columns(wording, "comparison", aligned)
    shown = pairs_shown(members)
    rows = [_row(study, comparison, wording) for comparison in shown]
    notes = []
    if family == BETWEEN_STRATEGIES:
        notes.append(wording.text("tables.comparison.note", power=study.value("facts.power", "percent_exact")))
    if any({one.treatment, one.reference} & study.analysis.failed_conditions for one in shown):
        notes.append(wording.text("tables.comparison.note_failed"))
    if len(shown) < len(members):
        notes.append(wording.text("tables.comparison.some_pairs", shown=len(shown), count=len(members)))
    note = wording.joined(notes)
    about = [[comparison.treatment, comparison.reference] for comparison in shown]
    return Table(f"tab-{family}", "S", _caption(study, family, wording), heads, rows, note=note, about=about)


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
    printer = wording.printer
    names: list[Cell]
    if is_within_table(comparison.family):
        names = [printer.text(key, "technique") for key in (comparison.treatment, comparison.reference)]
    else:
        names = [question_cell(comparison.treatment, comparison.reference, wording)]
    place = f"comparisons.{comparison.family}.{comparison.treatment}.{comparison.reference}.{comparison.metric}"
    return [
        *names,
        printer.value(study.value(f"{place}.difference.value", "signed_points")),
        interval(study, f"{place}.difference", "signed_points", wording),
        printer.value(study.value(f"{place}.p_adjusted", "p_value")),
        _detectable(study, comparison, place, wording),
        printer.value(study.value(f"{place}.fixed_seed_test.p_value", "p_value")),
        wording.text(
            "tables.comparison.flips",
            gained=study.value(f"{place}.gained", "count"),
            lost=study.value(f"{place}.lost", "count"),
        ),
        _verdict(study, comparison, place, wording),
    ]


def question_cell(treatment: str, reference: str, wording: Wording) -> Cell:
    """Two conditions, the first above the second; of one model, the second leaves its name out."""
    printer = wording.printer
    one_model = printer.text(treatment, "model_of") == printer.text(reference, "model_of")
    against = printer.text(reference, "short_condition" if one_model else "condition")
    return Stacked((printer.text(treatment, "condition"), wording.text("tables.comparison.against", reference=against)))


def _detectable(study: Study, comparison: Comparison, place: str, wording: Wording) -> Cell:
    """The minimum detectable difference, or that it lies beyond all that is possible."""
    found = study.value(f"{place}.minimum_detectable_difference", "points")
    possible = largest_possible_difference(study.analysis.estimates["test"][comparison.reference]["accuracy"].value)
    if found.value is not None and float(found.value) > possible:
        return wording.text("tables.comparison.undetectable", possible=wording.printer.text(possible, "points"))
    return wording.printer.value(found)


def _verdict(study: Study, comparison: Comparison, place: str, wording: Wording) -> Cell:
    """The verdict, with a mark where runs of either condition failed."""
    verdict = study.value(f"{place}.verdict", "verdict")
    if {comparison.treatment, comparison.reference} & study.analysis.failed_conditions:
        return wording.text("names.marked", text=verdict)
    return wording.printer.value(verdict)
