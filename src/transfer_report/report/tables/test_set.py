"""Tables of the test set: the scores of every condition, and whether splits look alike."""

from transfer_report.records import Metric
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Align, Cell, Table, columns
from transfer_report.wording.wording import Wording

SCORES: dict[Metric, str] = {
    "auroc": "decimal3",
    "sensitivity": "percent_number",
    "specificity": "percent_number",
    "f1": "decimal3",
    "brier": "decimal3",
    "calibration_error": "decimal3",
}
"""Metrics beside accuracy, with their formats."""

NUMBER: Align = "number"


def scores_table(study: Study, wording: Wording) -> Table:
    """A row for each condition; metrics that the study has no estimate of are left out."""
    conditions = [key for table in study.analysis.tables for key in table.conditions]
    first = study.analysis.estimates["test"][conditions[0]]
    metrics = {metric: format_ for metric, format_ in SCORES.items() if metric in first}
    rows = [_scores(study, key, metrics, wording) for key in conditions]
    heads = columns(
        wording, "scores", {"condition": "text", "val": "number", "test": "number", **dict.fromkeys(metrics, NUMBER)}
    )
    return Table(
        "tab-scores", "E", wording.text("tables.scores.caption"), heads, rows, about=[[key] for key in conditions]
    )


def _scores(study: Study, key: str, metrics: dict[Metric, str], wording: Wording) -> list[Cell]:
    printer = wording.printer
    addresses = {
        f"estimates.val.{key}.accuracy.value": "percent_number",
        f"estimates.test.{key}.accuracy.value": "percent_number",
    } | {f"estimates.test.{key}.{metric}.value": format_ for metric, format_ in metrics.items()}
    values = [printer.value(study.value(address, format_)) for address, format_ in addresses.items()]
    return [printer.text(key, "condition"), *values]


def shift_table(study: Study, wording: Wording) -> Table:
    """A row for each kind of features that was tried."""
    printer = wording.printer
    rows: list[list[Cell]] = []
    for shift in study.analysis.shifts:
        place = f"shifts.{shift.features}"
        first, second = (printer.text(split, "split") for split in shift.splits)
        rows.append(
            [
                printer.value(study.value(f"{place}.features", "features")),
                wording.text("tables.shift.splits", first=first, second=second),
                printer.value(study.value(f"{place}.effect", "decimal")),
                wording.text(
                    "page.interval",
                    low=study.value(f"{place}.low", "decimal"),
                    high=study.value(f"{place}.high", "decimal"),
                ),
                printer.value(study.value(f"{place}.p_adjusted", "p_value")),
                printer.value(study.value(f"{place}.verdict", "verdict")),
            ]
        )
    heads = columns(
        wording,
        "shift",
        {
            "features": "text",
            "splits": "text",
            "effect": "number",
            "interval": "number",
            "p_adjusted": "number",
            "verdict": "text",
        },
    )
    return Table("tab-shift", "E", wording.text("tables.shift.caption"), heads, rows)
