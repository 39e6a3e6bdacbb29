"""Table of test accuracy by the number of training images."""

from transfer_report.records.analysis import SizeCurve
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Cell, Column, Table, with_interval
from transfer_report.wording.wording import Wording


def size_table(study: Study, wording: Wording) -> Table:
    """A row for each condition, a column for each share of the training images; the last one by the power law."""
    curves = study.analysis.size_curves
    heads = [Column(wording.text("tables.size_curves.columns.condition"), "text")]
    heads += [
        Column(wording.text("tables.size_curves.columns.share", share=point.fraction), "number")
        for point in curves[0].points
    ]
    if fitted := any(curve.fit == "power_law" for curve in curves):
        heads.append(Column(wording.text("tables.size_curves.columns.ahead"), "number"))
    return Table(
        "tab-size-curves",
        "D",
        wording.text("tables.size_curves.caption"),
        heads,
        [_row(curve, fitted, wording) for curve in curves],
        note=wording.text("tables.size_curves.note"),
        about=[[curve.condition] for curve in curves],
    )


def _row(curve: SizeCurve, fitted: bool, wording: Wording) -> list[Cell]:
    cells: list[Cell] = [wording.printer.text(curve.condition, "condition")]
    cells += [with_interval(point.accuracy, "percent_number", wording) for point in curve.points]
    if curve.accuracy_ahead is not None:
        cells.append(with_interval(curve.accuracy_ahead, "percent_number", wording))
    elif fitted:
        cells.append(wording.printer.none)
    return cells
