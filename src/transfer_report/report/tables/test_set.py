"""Tables of the test set: the scores of every condition, and whether splits look alike."""

from transfer_report.analysis.lookup import address
from transfer_report.records.analysis import ExternalSummary, Metric
from transfer_report.report.study import Study
from transfer_report.report.tables.conditions import with_interval
from transfer_report.report.tables.controls import control_name, shown_controls
from transfer_report.report.tables.table import Align, Cell, Stacked, Table, columns
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
    places: dict[str, Cell] = {f"estimates.test.{key}": wording.printer.text(key, "condition") for key in conditions}
    places |= {
        f"controls.{control.name}.estimates.test": control_name(study, control, wording, with_model=True)
        for control in shown_controls(study)
    }
    rows: list[list[Cell]] = [
        [name, *(with_interval(study, f"{place}.{metric}", form, wording) for metric, form in metrics.items())]
        for place, name in places.items()
    ]
    heads = columns(wording, "scores", {"condition": "text", **dict.fromkeys(metrics, NUMBER)})
    note = ""
    if study.data.positive_class:
        note = wording.text("tables.scores.positive", positive=study.value("data.positive_class", "text"))
    elif len(study.data.classes) > 2:
        note = wording.text("tables.scores.macro")
    return Table(
        "tab-scores",
        "S",
        wording.text("tables.scores.caption", confidence=study.value("facts.confidence", "percent_exact")),
        heads,
        rows,
        note=note,
        about=[[key] for key in conditions],
    )


def subgroups_table(study: Study, wording: Wording) -> Table:
    """A row for each part of the test images: how the recommended condition does there, and against the others."""
    printer = wording.printer

    def cell(place: str, format_: str, known: bool) -> Cell:
        return with_interval(study, place, format_, wording) if known else printer.none

    rows: list[list[Cell]] = []
    for part in study.analysis.subgroups:
        place = address("subgroups", part)
        rows.append(
            [
                wording.text(
                    "tables.cohort.level",
                    name=study.value(f"{place}.characteristic", "text"),
                    value=study.value(f"{place}.level", "text"),
                ),
                printer.value(study.value(f"{place}.accuracy.images", "count")),
                cell(f"{place}.accuracy", "percent_number", True),
                cell(f"{place}.auroc", "decimal3", part.auroc is not None),
                cell(f"{place}.difference", "signed_points", part.difference is not None),
                printer.value(study.value(f"{place}.p_adjusted", "p_value")),
                printer.value(study.value(f"{place}.verdict", "verdict")),
            ]
        )
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
    caption = wording.text(
        "tables.subgroups.caption",
        condition=study.value(f"conditions.{study.analysis.selection.recommended}", "condition"),
    )
    return Table("tab-subgroups", "E", caption, heads, rows, note=wording.text("tables.subgroups.note"))


def external_table(study: Study, summary: ExternalSummary, wording: Wording) -> Table:
    """A row for each condition: the same runs on the study's test images and on an external set."""
    printer = wording.printer

    rows: list[list[Cell]] = []
    conditions = [key for table in study.analysis.tables for key in table.conditions]
    for key in conditions:
        scores, drop = (f"{kind}.{summary.external}.{key}" for kind in ("external_scores", "external_drops"))
        decided = (
            printer.value(study.value(f"{drop}.p_adjusted", "p_equals")),
            printer.value(study.value(f"{drop}.verdict", "verdict")),
        )
        difference = with_interval(study, f"{drop}.difference", "points", wording)
        rows.append(
            [
                printer.text(key, "condition"),
                with_interval(study, f"{scores}.test.accuracy", "percent_number", wording),
                with_interval(study, f"{scores}.there.accuracy", "percent_number", wording),
                Stacked((*difference.lines, *decided)),
                with_interval(study, f"{scores}.there.auroc", "decimal3", wording),
                with_interval(study, f"{scores}.there.sensitivity", "percent_number", wording),
                with_interval(study, f"{scores}.there.specificity", "percent_number", wording),
                with_interval(study, f"{scores}.there.calibration_error", "decimal3", wording),
            ]
        )
    aligned: dict[str, Align] = {"condition": "text"}
    numbers = ("test", "there", "drop", "auroc", "sensitivity", "specificity", "calibration_error")
    aligned |= dict.fromkeys(numbers, NUMBER)
    place = f"external.{summary.external}"
    counts = {
        name: study.value(f"{place}.{name}", "count")
        for name in ("images", "patients", "most_seeds", "left_out_classes", "left_out_copies")
    }
    return Table(
        f"tab-external-{summary.external}",
        "E",
        wording.text("tables.external.caption", name=study.value(f"{place}.external", "text"), **counts),
        columns(wording, "external", aligned),
        rows,
        note=wording.text("tables.external.note", **counts),
        about=[[key] for key in conditions],
    )


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
    return Table("tab-shift", "S", wording.text("tables.shift.caption"), heads, rows)
