"""Table of test accuracy by the number of training images."""

from transfer_report.analysis.lookup import address
from transfer_report.records.analysis import SizeCurve
from transfer_report.report.study import Study
from transfer_report.report.tables.conditions import with_interval
from transfer_report.report.tables.table import Cell, Column, Table
from transfer_report.wording.wording import Wording


def size_table(study: Study, wording: Wording) -> Table:
    """A row for each condition, a column for each share of the training images; the last one by the power law."""
    curves = study.analysis.size_curves
    place = address("size_curves", curves[0])
    heads = [Column(wording.text("tables.size_curves.columns.condition"), "text")]
    heads += [
        Column(
            wording.text(
                "tables.size_curves.columns.share",
                share=study.value(f"{place}.points.{number}.fraction", "percent_exact"),
            ),
            "number",
        )
        for number in range(len(curves[0].points))
    ]
    if fitted := any(curve.fit == "power_law" for curve in curves):
        heads.append(Column(wording.text("tables.size_curves.columns.ahead"), "number"))
    caption = wording.text("tables.size_curves.caption", confidence=study.value("facts.confidence", "percent_exact"))
    return Table(
        "tab-size-curves",
        "D",
        caption,
        heads,
        [_row(study, curve, fitted, wording) for curve in curves],
        note=wording.text("tables.size_curves.note"),
        about=[[curve.condition] for curve in curves],
    )


def _row(study: Study, curve: SizeCurve, fitted: bool, wording: Wording) -> list[Cell]:
    place = address("size_curves", curve)
    cells: list[Cell] = [wording.printer.text(curve.condition, "condition")]
    cells += [
        with_interval(study, f"{place}.points.{number}.accuracy", "percent_number", wording)
        for number in range(len(curve.points))
    ]
    if curve.fit == "power_law":
        cells.append(with_interval(study, f"{place}.accuracy_ahead", "percent_number", wording))
    elif fitted:
        cells.append(wording.printer.none)
    return cells
