"""Differences of test accuracy with their intervals, family by family, against the margin of equivalence."""

from collections.abc import Collection
from itertools import groupby
from typing import cast

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Transform, blended_transform_factory

from transfer_report.analysis.families import (
    BETWEEN_STRATEGIES,
    CLAIMS,
    NETWORKS,
    PRETRAINING,
    WEIGHTS,
    is_within_table,
)
from transfer_report.figures.drawing import Drawing, mark
from transfer_report.figures.palette import BLUE, GREY, GRID, INK, PAPER
from transfer_report.figures.shown import pairs_shown
from transfer_report.figures.style import new_figure, without_frame
from transfer_report.records.analysis import Comparison
from transfer_report.wording.wording import Wording

ROW_MM, GAP_ROWS, LABEL_SHARE, NUMBER_SHARE = 4.0, 1.35, 0.44, 0.16
"""Millimetres and rows; shares of the width that labels have, or more where one is long, and differences."""
LABEL_GAP = 0.015
_COLUMNS = ("treatment", "reference", "difference", "low", "high", "p_adjusted", "verdict")


def of_test_accuracy(comparisons: list[Comparison]) -> list[Comparison]:
    """Comparisons of test accuracy beyond a table, those between strategies first; effects within have a table."""
    found = [
        one
        for one in comparisons
        if (one.split, one.metric) == ("test", "accuracy") and not is_within_table(one.family) and one.family != CLAIMS
    ]
    return sorted(found, key=lambda one: one.family != BETWEEN_STRATEGIES)


def comparison(comparisons: list[Comparison], wording: Wording, failed: Collection[str] = ()) -> Drawing:
    """A row per comparison: a dot for the difference, a bar for its interval, filled where a difference is shown.

    Args:
        comparisons: Any; those of test accuracy between tables are drawn, as many as a page holds.
        wording: Names and labels.
        failed: Conditions with failed runs, whose verdicts get a mark.
    """
    compared = of_test_accuracy(comparisons)
    drawn = pairs_shown(compared)
    families = [(family, list(members)) for family, members in groupby(drawn, key=lambda one: one.family)]
    rows = len(drawn) + GAP_ROWS * len(families)
    height_mm = 10 + ROW_MM * rows
    figure = new_figure(height_mm)
    axes = figure.add_axes((LABEL_SHARE, 8.5 / height_mm, 1 - LABEL_SHARE - NUMBER_SHARE, 1 - 10 / height_mm))
    _prepare(axes, drawn, rows)
    y = -0.4
    for family, members in families:
        _name_family(axes, family, y, wording)
        y -= GAP_ROWS - 0.35
        for member in members:
            _draw(axes, member, y, failed, wording)
            y -= 1
        y -= 0.35
    axes.set_xlabel(wording.text("figures.comparison.difference"), labelpad=2)
    _make_room(figure, axes)
    return Drawing(
        id="comparison",
        kind="comparison",
        figure=figure,
        alt=_alt(compared, wording),
        columns=[wording.text(f"figures.comparison.columns.{name}") for name in _COLUMNS],
        rows=[_row(member, failed, wording) for member in drawn],
        about=[[member.treatment, member.reference] for member in drawn],
        values={
            "count": len(compared),
            "shown": len(drawn),
            "failed": len(failed),
            "margin": drawn[0].margin,
        },
    )


def _prepare(axes: Axes, drawn: list[Comparison], rows: float) -> None:
    without_frame(axes)
    ends = [end for one in drawn for end in (one.difference.low, one.difference.high, one.difference.value) if end]
    widest = max([0.05, *(abs(end) for end in ends)]) * 1.05
    axes.set(xlim=(-widest, widest), ylim=(-rows, 0.3), yticks=[])
    axes.axvspan(-drawn[0].margin, drawn[0].margin, color=GRID, alpha=0.7, lw=0)
    axes.axvline(0, color=GREY, lw=0.6)
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:+.0f}".replace("-", "−").replace("+0", "0"))


def _name_family(axes: Axes, family: str, y: float, wording: Wording) -> None:
    words = wording.text(f"figures.comparison.families.{family}")
    axes.text(0, y, words, transform=_across_figure(axes), weight=600, va="center")


def _across_figure(axes: Axes) -> Transform:
    """Return x as a share of the figure's width, y in rows."""
    return blended_transform_factory(cast(Figure, axes.figure).transFigure, axes.transData)


def _make_room(figure: Figure, axes: Axes) -> None:
    """Begin the axes to the right of the longest label."""
    width = figure.bbox.width
    labels = [text.get_window_extent().x1 / width for text in axes.texts if text.get_window_extent().x0 < 1]
    left = max(LABEL_SHARE, max(labels, default=0.0) + LABEL_GAP)
    place = axes.get_position()
    axes.set_position((left, place.y0, 1 - left - NUMBER_SHARE, place.height))


def _draw(axes: Axes, one: Comparison, y: float, failed: Collection[str], wording: Wording) -> None:
    difference, printer = one.difference, wording.printer
    decided = one.verdict in ("better", "worse")
    marks: list[Artist] = []
    if difference.low is not None and difference.high is not None:
        marks += axes.plot([difference.low, difference.high], [y, y], color=BLUE, lw=1.2, solid_capstyle="butt")
    marks += axes.plot(
        [difference.value], [y], "o", ms=4.2, mfc=BLUE if decided else PAPER, mec=BLUE, mew=1.0, zorder=3
    )
    across = axes.get_yaxis_transform()
    label = _label(one, wording)
    marks.append(axes.text(0, y, label, transform=_across_figure(axes), va="center", fontsize=7.2, color=INK))
    right = f"{printer.text(difference.value, 'signed_points')}  {_verdict(one, failed, wording)}"
    weight = 600 if decided else 400
    marks.append(axes.text(1.02, y, right, transform=across, va="center", fontsize=7.2, weight=weight))
    for number, artist in enumerate(marks):
        mark(artist, f"{one.family}-{number}", one.treatment, one.reference)


def _verdict(one: Comparison, failed: Collection[str], wording: Wording) -> str:
    verdict = wording.printer.text(one.verdict, "verdict")
    return wording.text("names.marked", text=verdict) if {one.treatment, one.reference} & {*failed} else verdict


_NAMED_BY = {
    BETWEEN_STRATEGIES: ("model_of", "short_condition"),
    NETWORKS: ("strategy_of", "model_of"),
    WEIGHTS: ("strategy_of", "model_of"),
}
"""By family, the formats that print what two conditions share, and each of the two."""


def _label(one: Comparison, wording: Wording) -> str:
    """Return a label of two conditions: shared parts, then the difference; families name initial weights."""
    printer = wording.printer
    if one.family == PRETRAINING:
        return printer.text(one.treatment, "setup")
    shared, each = _NAMED_BY[one.family]
    return wording.text(
        "figures.comparison.pair",
        context=printer.text(one.treatment, shared),
        treatment=printer.text(one.treatment, each),
        reference=printer.text(one.reference, each),
    )


def _row(one: Comparison, failed: Collection[str], wording: Wording) -> list[str]:
    printer, difference = wording.printer, one.difference
    return [
        printer.text(one.treatment, "condition"),
        printer.text(one.reference, "condition"),
        printer.text(difference.value, "signed_points"),
        printer.text(difference.low, "signed_points"),
        printer.text(difference.high, "signed_points"),
        printer.text(one.p_adjusted, "p_value"),
        _verdict(one, failed, wording),
    ]


def _alt(compared: list[Comparison], wording: Wording) -> str:
    verdicts = [one.verdict for one in compared]
    widest = max(compared, key=lambda one: abs(one.difference.value))
    return wording.text(
        "figures.comparison.alt",
        count=len(compared),
        decided=verdicts.count("better") + verdicts.count("worse"),
        equivalent=verdicts.count("equivalent"),
        inconclusive=verdicts.count("inconclusive"),
        treatment=wording.printer.text(widest.treatment, "condition"),
        reference=wording.printer.text(widest.reference, "condition"),
        difference=wording.printer.text(widest.difference.value, "signed_points"),
    )
