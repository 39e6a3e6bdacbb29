"""Reliability: share of correct predictions at a given confidence, one small panel per condition."""

from matplotlib.axes import Axes

from transfer_report.figures.drawing import Drawing, mark_axes
from transfer_report.figures.grid import panel_grid
from transfer_report.figures.palette import BLUE, GREY
from transfer_report.records.analysis import CalibrationBin, StudyTable
from transfer_report.wording.wording import Wording

LARGEST_DOT = 90.0
"""Area of the dot of a bin that holds all predictions, in square points."""


def reliability(calibration: dict[str, list[CalibrationBin]], tables: list[StudyTable], wording: Wording) -> Drawing:
    """Accuracy against confidence; a dot's area is its share of predictions, the diagonal is perfect calibration."""
    figure, panels = panel_grid(tables, wording, height_mm=14.5, left_mm=11, foot_mm=3, share=True)
    for key, axes in panels.items():
        _draw(axes, calibration.get(key, []))
        mark_axes(axes, "panel", key)
    first = next(iter(panels.values()))
    lowest = min((bin_.confidence for bins in calibration.values() for bin_ in bins if bin_.count), default=0.0)
    first.set(ylim=(-0.04, 1.06), xticks=[0.2, 0.4, 0.6, 0.8], yticks=[0, 0.5, 1])
    first.set_xlim(min(0.5, lowest) - 0.02, 1.06)
    first.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}")
    first.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}")
    figure.supxlabel(wording.text("figures.reliability.confidence"), fontsize=7.6, y=0.004, va="bottom")
    figure.supylabel(wording.text("figures.reliability.accuracy"), fontsize=7.6, x=0.004, ha="left")
    return Drawing(
        id="reliability",
        kind="reliability",
        figure=figure,
        alt=_alt({key: calibration.get(key, []) for key in panels}, wording),
        columns=[
            wording.text(f"figures.reliability.columns.{name}")
            for name in ("condition", "confidence", "accuracy", "count")
        ],
        rows=[
            [
                wording.printer.text(key, "condition"),
                wording.printer.text(bin_.confidence, "percent_number"),
                wording.printer.text(bin_.accuracy, "percent_number"),
                wording.printer.text(bin_.count, "count"),
            ]
            for key in panels
            for bin_ in _filled(calibration.get(key, []))
        ],
        about=[[key] for key in panels for _ in _filled(calibration.get(key, []))],
    )


def _filled(bins: list[CalibrationBin]) -> list[CalibrationBin]:
    return [bin_ for bin_ in bins if bin_.count]


def excess_confidence(bins: list[CalibrationBin]) -> float:
    """Mean confidence minus accuracy, weighted by predictions; above zero the model is too sure."""
    total = sum(bin_.count for bin_ in bins) or 1
    return sum((bin_.confidence - bin_.accuracy) * bin_.count for bin_ in bins) / total


def _draw(axes: Axes, bins: list[CalibrationBin]) -> None:
    filled = _filled(bins)
    total = sum(bin_.count for bin_ in filled) or 1
    axes.plot([0, 1], [0, 1], color=GREY, lw=0.7, ls=(0, (1, 1.5)))
    axes.plot([bin_.confidence for bin_ in filled], [bin_.accuracy for bin_ in filled], color=BLUE, lw=0.9)
    axes.scatter(
        [bin_.confidence for bin_ in filled],
        [bin_.accuracy for bin_ in filled],
        s=[LARGEST_DOT * bin_.count / total for bin_ in filled],
        color=BLUE,
        lw=0,
        zorder=3,
        clip_on=False,
    )


def _alt(calibration: dict[str, list[CalibrationBin]], wording: Wording) -> str:
    parts = [wording.text("figures.reliability.alt", count=len(calibration))]
    for key, bins in calibration.items():
        excess = excess_confidence(bins)
        parts.append(
            wording.text(
                f"figures.reliability.alt_{'above' if excess > 0 else 'below'}",
                condition=wording.printer.text(key, "condition"),
                excess=wording.printer.text(abs(excess), "points"),
            )
        )
    return " ".join(parts)
