"""The numbers that were reported elsewhere, with the interval that their images allow, and whether ours differ."""

from transfer_report.records.analysis import ReportedResult
from transfer_report.report.numbering import APPENDIX
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Align, Cell, Stacked, Table, columns, interval, with_interval
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
    rows = [_row(study, result, wording) for result in study.analysis.reported]
    caption = wording.text("tables.reported.caption")
    note = wording.text("tables.reported.note")
    about = [[result.condition] for result in study.analysis.reported]
    heads = columns(wording, "reported", _COLUMNS)
    return Table("tab-reported", APPENDIX, caption, heads, rows, note=note, about=about)


def _row(study: Study, result: ReportedResult, wording: Wording) -> list[Cell]:
    printer, none = wording.printer, wording.printer.none
    ours = study.analysis.estimates["test"][result.condition]["accuracy"]
    return [
        printer.text(result.condition, "condition"),
        Stacked(
            (printer.printed(result.accuracy, "percent_exact_number"), interval(result, "percent_number", wording))
        ),
        with_interval(ours, "percent_number", wording),
        with_interval(result.difference, "signed_points", wording) if result.difference else none,
        printer.printed(result.p_adjusted, "p_value"),
        printer.printed(result.verdict, "verdict"),
    ]
