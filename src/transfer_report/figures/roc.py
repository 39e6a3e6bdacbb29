"""ROC and precision–recall curves with their bands, a panel per class."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from transfer_report.analysis.clinical.records import Band, Curve, CurveKind
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


def roc(curves: Sequence[Curve], classes: Sequence[str], wording: Wording) -> Drawing:
    """Sensitivity over false positive rate; the diagonal is chance.

    Args:
        curves: Of up to four conditions, the one that matters most first, for the same classes.
        classes: Names of all classes.
        wording: Names and labels.
    """
    return _drawing("roc", curves, classes, wording)


def precision_recall(curves: Sequence[Curve], classes: Sequence[str], wording: Wording) -> Drawing:
    """Precision over recall; the level line is the prevalence, which a constant answer reaches. As for `roc`."""
    return _drawing("precision_recall", curves, classes, wording)


def _drawing(kind: CurveKind, curves: Sequence[Curve], classes: Sequence[str], wording: Wording) -> Drawing:
    shown = [one for one in curves if one.kind == kind]
    styles = style_of(one.condition for one in shown)
    figure, panels = class_panels((one.positive for one in shown), classes, wording, key_lines=len(styles))
    for positive, axes in panels.items():
        draw_curves(axes, [one for one in shown if one.positive == positive], styles)
    label_axes(figure, panels, wording.text(f"figures.{kind}.x"), wording.text(f"figures.{kind}.y"))
    first = {one.condition: one for one in reversed(shown)}
    entries = [
        (
            style,
            wording.printer.text(key, "condition"),
            wording.text(f"figures.{kind}.area", area=interval_words(first[key].area, "decimal3", wording)),
            key,
        )
        for key, style in styles.items()
    ]
    draw_key(figure, panels, entries)
    names = ("condition", "class", "x", "y", "low", "high")
    rows = [band_rows(one, one.band, "percent_number", classes, wording) for one in shown]
    return Drawing(
        id=kind.replace("_", "-"),
        kind=kind,
        figure=figure,
        alt=curves_alt(kind, shown, classes, wording),
        columns=[wording.text(f"figures.{kind}.columns.{name}") for name in names],
        rows=[row for of_curve in rows for row in of_curve],
        about=[[one.condition] for one, of_curve in zip(shown, rows, strict=True) for _ in of_curve],
    )


def draw_curves(axes: Axes, curves: Sequence[Curve], styles: Mapping[str, LineStyle]) -> None:
    """Draw the curves of one kind and class on some axes, with what chance reaches."""
    percent_axes(axes)
    heights = [0, 1] if curves[0].kind == "roc" else [curves[0].chance] * 2
    axes.plot([0, 1], heights, color=GREY, lw=0.7, ls=(0, (1, 1.5)))
    for one in curves:
        band = one.band if one.kind == "precision_recall" else _with_corners(one)
        draw_band(axes, band, styles[one.condition], one.condition, f"{one.kind}-{one.positive}")


def _with_corners(one: Curve) -> Band:
    """A ROC curve begins at 0 and ends at 1, where nothing is estimated."""
    band = one.band
    return Band(
        x=[0.0, *band.x, 1.0],
        value=[0.0, *band.value, 1.0],
        low=[0.0, *band.low, 1.0],
        high=[band.high[0], *band.high, 1.0],
    )


def curves_alt(kind: CurveKind, shown: Sequence[Curve], classes: Sequence[str], wording: Wording) -> str:
    """Say in words what curves of one kind show."""
    conditions = {one.condition for one in shown}
    parts = [wording.text(f"figures.{kind}.alt", count=len(conditions))]
    for one in shown:
        at = min(range(len(one.band.x)), key=lambda index: abs(one.band.x[index] - PLACE[kind]))
        parts.append(
            wording.text(
                f"figures.{kind}.alt_curve",
                condition=wording.printer.text(one.condition, "condition"),
                name=class_name(one.positive, classes, wording),
                area=interval_words(one.area, "decimal3", wording),
                x=wording.printer.text(one.band.x[at], "percent"),
                y=wording.printer.text(one.band.value[at], "percent"),
            )
        )
    return " ".join(parts)


PLACE: dict[CurveKind, float] = {"roc": 0.1, "precision_recall": 0.8}
"""Where the alternative text reads a curve: the false positive rate, or the recall."""
