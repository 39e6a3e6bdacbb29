"""Calibration of the risks: observed share over predicted risk, with its band."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from transfer_report.analysis.clinical.records import RiskCalibration
from transfer_report.figures.bands import (
    LineStyle,
    band_rows,
    class_name,
    class_panels,
    draw_band,
    draw_key,
    interval_words,
    label_axes,
    percent_axes,
    style_of,
)
from transfer_report.figures.drawing import Drawing
from transfer_report.figures.palette import GREY
from transfer_report.wording.wording import Wording

_COLUMNS = ("condition", "class", "risk", "observed", "low", "high")


def risk_calibration(calibrations: Sequence[RiskCalibration], classes: Sequence[str], wording: Wording) -> Drawing:
    """Smooth calibration curves; the diagonal is perfect calibration.

    Args:
        calibrations: Of up to four conditions, the one that matters most first, for the same classes.
        classes: Names of all classes.
        wording: Names and labels.
    """
    styles = style_of(one.condition for one in calibrations)
    figure, panels = class_panels((one.positive for one in calibrations), classes, wording, key_lines=len(styles))
    for positive, axes in panels.items():
        draw_calibrations(axes, [one for one in calibrations if one.positive == positive], styles)
    rows, about = [], []
    for one in calibrations:
        if one.curve is not None:
            own = band_rows(one, one.curve, "percent_number", classes, wording)
            rows += own
            about += [[one.condition]] * len(own)
    label_axes(figure, panels, wording.text("figures.risk_calibration.x"), wording.text("figures.risk_calibration.y"))
    first = {one.condition: one for one in reversed(calibrations)}
    entries = [
        (style, wording.printer.text(key, "condition"), _slope_words("slope", first[key], wording), key)
        for key, style in styles.items()
    ]
    draw_key(figure, panels, entries)
    return Drawing(
        id="risk-calibration",
        kind="risk_calibration",
        figure=figure,
        alt=calibrations_alt(calibrations, classes, wording),
        columns=[wording.text(f"figures.risk_calibration.columns.{name}") for name in _COLUMNS],
        rows=rows,
        about=about,
    )


def draw_calibrations(axes: Axes, calibrations: Sequence[RiskCalibration], styles: Mapping[str, LineStyle]) -> None:
    """Draw the curves of one class on some axes, those that there are, with the diagonal of perfect calibration."""
    percent_axes(axes)
    axes.plot([0, 1], [0, 1], color=GREY, lw=0.7, ls=(0, (1, 1.5)))
    for one in calibrations:
        if one.curve is not None:
            draw_band(axes, one.curve, styles[one.condition], one.condition, f"calibration-{one.positive}")


def _slope_words(key: str, one: RiskCalibration, wording: Wording) -> str:
    if one.slope is None:
        return wording.text("figures.risk_calibration.separated")
    return wording.text(
        f"figures.risk_calibration.{key}",
        slope=interval_words(one.slope, "decimal", wording),
        intercept=interval_words(one.intercept, "decimal", wording),
    )


def calibrations_alt(calibrations: Sequence[RiskCalibration], classes: Sequence[str], wording: Wording) -> str:
    """Say in words what calibration curves show."""
    first = wording.text("figures.risk_calibration.alt", count=len({one.condition for one in calibrations}))
    return " ".join([first, *(_alt_of(one, classes, wording) for one in calibrations)])


def _alt_of(one: RiskCalibration, classes: Sequence[str], wording: Wording) -> str:
    return wording.text(
        "figures.risk_calibration.alt_curve",
        condition=wording.printer.text(one.condition, "condition"),
        name=class_name(one.positive, classes, wording),
        slope=_slope_words("alt_slope", one, wording),
        brier=interval_words(one.brier, "decimal3", wording),
        chance=wording.printer.text(one.brier_chance, "decimal3"),
    )
