"""Decision curves: net benefit over the threshold, against treating all and treating none."""

from collections.abc import Mapping, Sequence
from math import ceil

from matplotlib.axes import Axes

from transfer_report.analysis.clinical.records import DecisionCurve
from transfer_report.figures.bands import (
    LineStyle,
    band_rows,
    class_name,
    class_panels,
    draw_band,
    draw_key,
    label_axes,
    style_of,
)
from transfer_report.figures.drawing import Drawing
from transfer_report.figures.palette import GREY, INK
from transfer_report.wording.wording import Wording

_COLUMNS = ("condition", "class", "threshold", "net_benefit", "low", "high")
LOWEST = -0.15
"""Bottom of the axis as a share of its top: below, acting on the network is useless."""
HEADROOM = 1.15
"""Top of the axis as a multiple of the prevalence."""
TREAT_ALL, TREAT_NONE = LineStyle(GREY, (0, (5, 2))), LineStyle(INK, "-")


def decision_curves(curves: Sequence[DecisionCurve], classes: Sequence[str], wording: Wording) -> Drawing:
    """Net benefit of each condition with its band; dashed, treating all; the level line at 0, treating none.

    Args:
        curves: Of up to three conditions, the one that matters most first, for the same classes.
        classes: Names of all classes.
        wording: Names and labels.
    """
    styles = style_of(one.condition for one in curves)
    entries = [
        (style, wording.printer.text(key, "condition"), _useful_words(key, curves, wording), key)
        for key, style in styles.items()
    ]
    entries += alternatives(wording)
    figure, panels = class_panels(
        (one.positive for one in curves), classes, wording, wide_mm=68, key_lines=len(entries)
    )
    top = HEADROOM * max(one.prevalence for one in curves)
    for positive, axes in panels.items():
        draw_decisions(axes, [one for one in curves if one.positive == positive], styles, top)
    label_axes(figure, panels, wording.text("figures.decision_curve.x"), wording.text("figures.decision_curve.y"))
    draw_key(figure, panels, entries)
    rows = [band_rows(one, one.net_benefit, "decimal3", classes, wording) for one in curves]
    return Drawing(
        id="decision-curve",
        kind="decision_curve",
        figure=figure,
        alt=decisions_alt(curves, classes, wording),
        columns=[wording.text(f"figures.decision_curve.columns.{name}") for name in _COLUMNS],
        rows=[row for of_curve in rows for row in of_curve],
        values={"prevalence": shared_prevalence(curves)},
        about=[[one.condition] for one, of_curve in zip(curves, rows, strict=True) for _ in of_curve],
    )


def draw_decisions(axes: Axes, curves: Sequence[DecisionCurve], styles: Mapping[str, LineStyle], top: float) -> None:
    """Draw the curves of one class on some axes, with treating all and treating none.

    Args:
        axes: Empty ones.
        curves: Curves of the conditions.
        styles: By condition.
        top: Top of the axis. No net benefit exceeds the prevalence; bands that do are cut, as they would flatten it.
    """
    treat_all, treat_none = TREAT_ALL, TREAT_NONE
    axes.plot(curves[0].net_benefit.x, curves[0].treat_all, color=treat_all.colour, ls=treat_all.dashes, lw=1.0)
    axes.axhline(0, color=treat_none.colour, lw=0.8)
    end = _end(curves, LOWEST * top)
    axes.set(xlim=(0, end), ylim=(LOWEST * top, top), xticks=[end * part / 4 for part in range(5)])
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.2g}".replace("-", "−"))
    for one in curves:
        draw_band(axes, one.net_benefit, styles[one.condition], one.condition, f"net-{one.positive}")


def _end(curves: Sequence[DecisionCurve], bottom: float) -> float:
    """Where the last curve leaves the axis at its bottom, in steps of 20 %."""
    points = (point for one in curves for point in zip(one.net_benefit.x, one.net_benefit.value, strict=True))
    seen = [x for x, value in points if value > bottom]
    return min(ceil(5 * max(seen, default=1.0)) / 5, 1.0)


def alternatives(wording: Wording) -> list[tuple[LineStyle, str, str, str]]:
    """Entries of a key for treating all and treating none."""
    return [
        (TREAT_ALL, wording.text("figures.decision_curve.treat_all"), "", ""),
        (TREAT_NONE, wording.text("figures.decision_curve.treat_none"), "", ""),
    ]


def shared_prevalence(curves: Sequence[DecisionCurve]) -> float | str:
    """The prevalence of all curves; empty where classes have their own."""
    first, *others = {one.prevalence for one in curves}
    return "" if others else first


def _useful_words(key: str, curves: Sequence[DecisionCurve], wording: Wording) -> str:
    """Where the first panel's curve is shown to exceed both alternatives."""
    return _ranges(next(one for one in curves if one.condition == key), wording)


def _ranges(one: DecisionCurve, wording: Wording) -> str:
    """Return where a curve is shown to exceed both alternatives; empty where that was not tested."""
    if one.useful is None:
        return ""
    if not one.useful:
        return wording.text("figures.decision_curve.nowhere")
    low, high = one.useful[0][0], one.useful[-1][1]
    gaps = {
        "low": wording.printer.text(low, "percent_exact_number"),
        "high": wording.printer.text(high, "percent_exact"),
    }
    return wording.text(f"figures.decision_curve.{'useful' if len(one.useful) == 1 else 'useful_in_parts'}", **gaps)


def decisions_alt(curves: Sequence[DecisionCurve], classes: Sequence[str], wording: Wording) -> str:
    """Say in words what decision curves show."""
    parts = [wording.text("figures.decision_curve.alt", count=len({one.condition for one in curves}))]
    for one in curves:
        best = max(range(len(one.net_benefit.x)), key=lambda index: _gain(one, index))
        parts.append(
            wording.text(
                "figures.decision_curve.alt_curve",
                condition=wording.printer.text(one.condition, "condition"),
                name=class_name(one.positive, classes, wording),
                useful=_ranges(one, wording),
                threshold=wording.printer.text(one.net_benefit.x[best], "percent_exact"),
                gain=wording.printer.text(_gain(one, best), "decimal3"),
            )
        )
    return " ".join(parts)


def _gain(one: DecisionCurve, index: int) -> float:
    """Net benefit above the better of treating all and treating none."""
    return one.net_benefit.value[index] - max(one.treat_all[index], 0.0)
