"""The numbers that were reported elsewhere, with the interval that their images allow, and whether ours differ."""

from transfer_report.report.numbering import APPENDIX
from transfer_report.report.study import Study
from transfer_report.report.tables.conditions import interval, with_interval
from transfer_report.report.tables.table import Align, Cell, Stacked, Table, columns
from transfer_report.wording.wording import Wording

_COLUMNS: dict[str, Align] = {
    "condition": "text",
    "reported": "number",
    "ours": "number",
    "difference": "number",
    "p_adjusted": "number",
    "verdict": "text",
}


def reported_table(study: Study, wording: Wording) -> Table:
    """A row for each condition that was reported elsewhere."""
    rows = [_row(study, result.condition, wording) for result in study.analysis.reported]
    caption = wording.text("tables.reported.caption", source=study.value("facts.reported_source", "text"))
    note = wording.text("tables.reported.note")
    about = [[result.condition] for result in study.analysis.reported]
    heads = columns(wording, "reported", _COLUMNS)
    return Table("tab-reported", APPENDIX, caption, heads, rows, note=note, about=about)


def _row(study: Study, condition: str, wording: Wording) -> list[Cell]:
    printer, place = wording.printer, f"reported.{condition}"
    reported = printer.value(study.value(f"{place}.accuracy", "percent_exact_number"))
    return [
        printer.text(condition, "condition"),
        Stacked((reported, interval(study, place, "percent_number", wording))),
        with_interval(study, f"estimates.test.{condition}.accuracy", "percent_number", wording),
        with_interval(study, f"{place}.difference", "signed_points", wording),
        printer.value(study.value(f"{place}.p_adjusted", "p_value")),
        printer.value(study.value(f"{place}.verdict", "verdict")),
    ]
