"""Test accuracy by the number of training images: a panel per condition, and the power law to twice the images."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from transfer_report.figures.drawing import Drawing, mark_axes
from transfer_report.figures.grid import two_lines
from transfer_report.figures.palette import BLUE, GREY, PAPER
from transfer_report.figures.style import new_figure
from transfer_report.records.analysis import Estimate, SizeCurve
from transfer_report.wording.wording import Wording

PANELS_IN_A_ROW = 3
HEIGHT_MM = 46
TITLE_CHARACTERS = 96
"""Most characters of adjacent titles."""


def size_curves(curves: Sequence[SizeCurve], wording: Wording) -> Drawing:
    """Dots with intervals: as measured; the line: the power law, dotted beyond what was measured.

    Args:
        curves: of one condition each.
        wording: names and labels.
    """
    columns = min(len(curves), PANELS_IN_A_ROW)
    rows = ceil(len(curves) / columns)
    figure = new_figure(HEIGHT_MM * rows)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flatten()
    figure.subplots_adjust(left=0.07, right=0.985, top=1 - 0.17 / rows, bottom=0.21 / rows, wspace=0.1, hspace=0.35)
    for axes in grid[len(curves) :]:
        axes.remove()
    for axes, curve in zip(grid, curves, strict=False):
        _draw(axes, curve)
        name = wording.printer.text(curve.condition, "condition")
        axes.set_title(two_lines(name, TITLE_CHARACTERS // columns) if columns > 1 else name)
        mark_axes(axes, "accuracy", curve.condition)
    _scale(grid[0], curves)
    figure.supxlabel(wording.text("figures.size_curves.x"), fontsize=7.6, y=0.004, va="bottom")
    figure.supylabel(wording.text("figures.size_curves.y"), fontsize=7.6, x=0.004, ha="left")
    return Drawing(
        id="size-curves",
        kind="size_curves",
        figure=figure,
        alt=_alt(curves, wording),
        columns=[wording.text(f"figures.size_curves.columns.{name}") for name in _COLUMNS],
        rows=[row for curve in curves for row in _rows(curve, wording)],
        about=[[curve.condition] for curve in curves for _ in _rows(curve, wording)],
    )


_COLUMNS = ("condition", "images", "accuracy", "low", "high", "kind")


def _draw(axes: Axes, curve: SizeCurve) -> None:
    for point in curve.points:
        _dot(axes, point.images, point.accuracy, BLUE)
    if curve.exponent and curve.accuracy_ahead and curve.images_ahead:
        _dot(axes, curve.images_ahead, curve.accuracy_ahead, PAPER)
        error, last = 1 - curve.accuracy_ahead.value, curve.points[-1].images
        for start, end, style in (
            (curve.points[0].images, last, "-"),
            (last, curve.images_ahead, (0, (1, 1.5))),
        ):
            images = np.geomspace(start, end, 40)
            law = 1 - error * (images / curve.images_ahead) ** -curve.exponent.value
            axes.plot(images, law, color=GREY, lw=0.9, ls=style, zorder=1)


def _dot(axes: Axes, images: float, accuracy: Estimate, fill: str) -> None:
    if accuracy.low is not None and accuracy.high is not None:
        axes.plot([images, images], [accuracy.low, accuracy.high], color=BLUE, lw=1.0)
    axes.plot([images], [accuracy.value], "o", ms=4.2, mfc=fill, mec=BLUE, mew=1.0, zorder=3)


def _scale(axes: Axes, curves: Sequence[SizeCurve]) -> None:
    """Set the axes that all panels share: images by factors, and whole intervals in view."""
    sizes = sorted({point.images for curve in curves for point in curve.points})
    sizes = [size for size, next_ in zip(sizes, [*sizes[1:], np.inf], strict=True) if next_ / size > 1.3]
    ahead = [curve.images_ahead for curve in curves if curve.images_ahead]
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator([*sizes, *ahead[:1]]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    shown = [point.accuracy for curve in curves for point in curve.points]
    shown += [curve.accuracy_ahead for curve in curves if curve.accuracy_ahead]
    bottom = min(one.value if one.low is None else one.low for one in shown)
    axes.set_ylim(np.floor(20 * bottom - 0.2) / 20, 1.01)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f}"))


def _rows(curve: SizeCurve, wording: Wording) -> list[list[str]]:
    printer, name = wording.printer, wording.printer.text(curve.condition, "condition")
    measured = [(point.images, point.accuracy, "measured") for point in curve.points]
    if curve.images_ahead and curve.accuracy_ahead:
        measured.append((curve.images_ahead, curve.accuracy_ahead, "power_law"))
    return [
        [
            name,
            printer.text(images, "count"),
            *(printer.text(end, "percent_number") for end in (accuracy.value, accuracy.low, accuracy.high)),
            wording.text(f"figures.size_curves.kinds.{kind}"),
        ]
        for images, accuracy, kind in measured
    ]


def _alt(curves: Sequence[SizeCurve], wording: Wording) -> str:
    printer = wording.printer
    parts = [wording.text("figures.size_curves.alt", count=len(curves))]
    parts += [
        wording.text(
            "figures.size_curves.alt_curve",
            condition=printer.text(curve.condition, "condition"),
            fewest=printer.text(curve.points[0].images, "count"),
            first=printer.text(curve.points[0].accuracy.value, "percent"),
            most=printer.text(curve.points[-1].images, "count"),
            last=printer.text(curve.points[-1].accuracy.value, "percent"),
        )
        for curve in curves
    ]
    return " ".join(parts)
