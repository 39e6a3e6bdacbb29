"""Tables of the test set: the scores of every condition, and whether splits look alike."""

from collections.abc import Mapping

from transfer_report.records.analysis import Estimate, ExternalSummary, Metric
from transfer_report.report.study import Study
from transfer_report.report.tables.controls import control_name, shown_controls
from transfer_report.report.tables.table import Align, Cell, Stacked, Table, columns, with_interval
from transfer_report.wording.wording import Wording

SCORES: dict[Metric, str] = {
    "auroc": "decimal3",
    "sensitivity": "percent_number",
    "specificity": "percent_number",
    "f1": "decimal3",
    "brier": "decimal3",
    "calibration_error": "decimal3",
}
"""Metrics besides accuracy, with their formats."""

NUMBER: Align = "number"


def scores_table(study: Study, wording: Wording) -> Table:
    """A row for each condition; metrics that the study has no estimate of are left out."""
    conditions = [key for table in study.analysis.tables for key in table.conditions]
    first = study.analysis.estimates["test"][conditions[0]]
    metrics = {metric: format_ for metric, format_ in SCORES.items() if metric in first}
    named: list[tuple[Cell, Mapping[Metric, Estimate]]] = [
        (wording.printer.text(key, "condition"), study.analysis.estimates["test"][key]) for key in conditions
    ]
    named += [
        (control_name(control, wording, with_model=True), control.estimates["test"])
        for control in shown_controls(study)
    ]
    rows: list[list[Cell]] = [
        [name, *(with_interval(scores[metric], form, wording) for metric, form in metrics.items())]
        for name, scores in named
    ]
    heads = columns(wording, "scores", {"condition": "text", **dict.fromkeys(metrics, NUMBER)})
    note = ""
    if study.data.positive_class:
        note = wording.text("tables.scores.positive")
    elif len(study.data.classes) > 2:
        note = wording.text("tables.scores.macro")
    return Table(
        "tab-scores",
        "S",
        wording.text("tables.scores.caption"),
        heads,
        rows,
        note=note,
        about=[[key] for key in conditions],
    )


def subgroups_table(study: Study, wording: Wording) -> Table:
    """A row for each part of the test images: how the recommended condition does there, and against the others."""
    printer = wording.printer

    def cell(estimate: Estimate | None, form: str) -> Cell:
        return printer.none if estimate is None else with_interval(estimate, form, wording)

    rows: list[list[Cell]] = [
        [
            wording.text("tables.cohort.level", name=part.characteristic, value=part.level),
            printer.printed(part.accuracy.images, "count"),
            cell(part.accuracy, "percent_number"),
            cell(part.auroc, "decimal3"),
            cell(part.difference, "signed_points"),
            printer.printed(part.p_adjusted, "p_value"),
            printer.printed(part.verdict, "verdict"),
        ]
        for part in study.analysis.subgroups
    ]
    heads = columns(
        wording,
        "subgroups",
        {
            "part": "text",
            "images": "number",
            "accuracy": "number",
            "auroc": "number",
            "difference": "number",
            "p_adjusted": "number",
            "verdict": "text",
        },
    )
    return Table(
        "tab-subgroups",
        "E",
        wording.text("tables.subgroups.caption"),
        heads,
        rows,
        note=wording.text("tables.subgroups.note"),
    )


def external_table(study: Study, summary: ExternalSummary, wording: Wording) -> Table:
    """A row for each condition: the same runs on the study's test images and on an external set."""
    printer = wording.printer

    scores = {one.condition: one for one in study.analysis.external_scores if one.external == summary.external}
    drops = {one.condition: one for one in study.analysis.external_drops if one.external == summary.external}
    rows: list[list[Cell]] = []
    conditions = [key for table in study.analysis.tables for key in table.conditions]
    for key in conditions:
        there, drop = scores[key].there, drops[key]
        decided = (printer.printed(drop.p_adjusted, "p_equals"), printer.printed(drop.verdict, "verdict"))
        rows.append(
            [
                printer.text(key, "condition"),
                with_interval(scores[key].test["accuracy"], "percent_number", wording),
                with_interval(there["accuracy"], "percent_number", wording),
                Stacked((*with_interval(drop.difference, "points", wording).lines, *decided)),
                with_interval(there["auroc"], "decimal3", wording),
                with_interval(there["sensitivity"], "percent_number", wording),
                with_interval(there["specificity"], "percent_number", wording),
                with_interval(there["calibration_error"], "decimal3", wording),
            ]
        )
    aligned: dict[str, Align] = {"condition": "text"}
    numbers = ("test", "there", "drop", "auroc", "sensitivity", "specificity", "calibration_error")
    aligned |= dict.fromkeys(numbers, NUMBER)
    return Table(
        f"tab-external-{summary.external}",
        "E",
        wording.text("tables.external.caption", set=summary),
        columns(wording, "external", aligned),
        rows,
        note=wording.text("tables.external.note", set=summary),
        about=[[key] for key in conditions],
    )


def shift_table(study: Study, wording: Wording) -> Table:
    """A row for each kind of features that was tried."""
    printer = wording.printer
    rows: list[list[Cell]] = []
    for shift in study.analysis.shifts:
        first, second = (printer.text(split, "split") for split in shift.splits)
        low, high = (printer.printed(end, "decimal") for end in (shift.low, shift.high))
        rows.append(
            [
                printer.printed(shift.features, "features"),
                wording.text("tables.shift.splits", first=first, second=second),
                printer.printed(shift.effect, "decimal"),
                wording.text("page.interval", low=low, high=high),
                printer.printed(shift.p_adjusted, "p_value"),
                printer.printed(shift.verdict, "verdict"),
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
    return Table("tab-shift", "S", wording.text("tables.shift.caption"), heads, rows)
