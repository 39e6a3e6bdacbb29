"""Validation curves of one condition at two revisions, one over the other."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from transfer_report.figures.curves import DRAWN, first_epoch, mean_over_seeds, over_seeds
from transfer_report.figures.drawing import Drawing, panel
from transfer_report.figures.palette import BLUE, RUST
from transfer_report.figures.style import new_figure
from transfer_report.records.evaluation import ConditionEvaluation
from transfer_report.records.figures import Panel
from transfer_report.wording.wording import Wording


class Side(NamedTuple):
    """One revision's runs of the condition, and how its line looks."""

    revision: str
    condition: ConditionEvaluation
    colour: str
    style: str | tuple[float, tuple[float, float]]


def overlaid_curves(
    reference: tuple[str, ConditionEvaluation], treatment: tuple[str, ConditionEvaluation], id_: str, wording: Wording
) -> Drawing:
    """Draw validation accuracy next to validation loss: mean over seeds as a line, range over seeds as a band.

    Args:
        reference: Name of the revision and the condition's runs there; dashed.
        treatment: The same of the other; solid.
        id_: Name of the figure.
        wording: Words for axes and alternative text.
    """
    sides = (Side(*reference, RUST, (0, (4, 1.6))), Side(*treatment, BLUE, "-"))
    figure = new_figure(50)
    row = figure.subplots(1, 2, sharex=True)
    figure.subplots_adjust(left=0.05, right=0.995, top=0.88, bottom=0.24, wspace=0.14)
    for axes, measure in zip(row, DRAWN, strict=True):
        _draw(axes, sides, measure)
        axes.set_title(wording.text(f"variants.curves.{measure}"))
    row[0].xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    row[0].yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}")
    figure.text(0.05, 0.02, wording.text("variants.curves.epoch"), va="bottom")
    figure.legend(
        handles=[Line2D([], [], color=side.colour, ls=side.style, label=side.revision) for side in sides],
        loc="lower right", bbox_to_anchor=(1.0, -0.02), ncols=2, frameon=False, fontsize=7.4, handlelength=2.2,
        columnspacing=1.6, borderaxespad=0.2, labelcolor="linecolor",
    )  # fmt: skip
    return Drawing(
        id=id_,
        kind="overlaid",
        figure=figure,
        alt=_alt(sides, wording),
        columns=_columns(sides, wording),
        rows=_rows(sides, wording),
        panels=[_panel(axes, sides, measure, wording) for axes, measure in zip(row, DRAWN, strict=True)],
    )


def _draw(axes: Axes, sides: tuple[Side, Side], measure: str) -> None:
    for side in sides:
        values = over_seeds(side.condition, "val", measure)
        epochs = first_epoch(side.condition) + np.arange(values.shape[1])
        axes.fill_between(
            epochs, np.nanmin(values, axis=0), np.nanmax(values, axis=0), color=side.colour, alpha=0.16, lw=0
        )
        marker = "." if len(epochs) == 1 else "none"  # a line of one point cannot be seen
        axes.plot(epochs, np.nanmean(values, axis=0), marker=marker, color=side.colour, ls=side.style)


def _printed(side: Side, measure: str, epochs: range, wording: Wording) -> list[str]:
    """Return the mean of each epoch, the sign of a missing value where the side has none."""
    means = dict(enumerate(_means(side, measure), first_epoch(side.condition)))
    return [
        wording.printer.text(means[epoch], DRAWN[measure]) if epoch in means else wording.printer.none
        for epoch in epochs
    ]


def _means(side: Side, measure: str) -> list[float]:
    return [float(value) for value in mean_over_seeds(side.condition, "val", measure)]


def _epochs(sides: tuple[Side, Side]) -> range:
    """Return the numbers of the epochs that either side has."""
    firsts = [first_epoch(side.condition) for side in sides]
    return range(min(firsts), max(first + len(_means(side, "loss")) for first, side in zip(firsts, sides, strict=True)))


def _panel(axes: Axes, sides: tuple[Side, Side], measure: str, wording: Wording) -> Panel:
    epochs = _epochs(sides)
    series = {side.revision: _printed(side, measure, epochs, wording) for side in sides}
    label = wording.text(f"variants.curves.{measure}")
    return panel(axes, label, sides[1].condition.condition, [float(epoch) for epoch in epochs], series)


def _columns(sides: tuple[Side, Side], wording: Wording) -> list[str]:
    heads = [
        wording.text(f"variants.curves.columns.{name}", revision=side.revision) for name in DRAWN for side in sides
    ]
    return [wording.text("variants.curves.columns.epoch"), *heads]


def _rows(sides: tuple[Side, Side], wording: Wording) -> list[list[str]]:
    epochs = _epochs(sides)
    columns = [_printed(side, measure, epochs, wording) for measure in DRAWN for side in sides]
    return [[str(epoch), *row] for epoch, *row in zip(epochs, *columns, strict=True)]


def _alt(sides: tuple[Side, Side], wording: Wording) -> str:
    gaps = {"condition": sides[1].condition.condition}
    for name, side in zip(("reference", "treatment"), sides, strict=True):
        accuracy = _means(side, "accuracy")
        gaps |= {
            name: side.revision,
            f"{name}_first": wording.printer.text(accuracy[0], "percent"),
            f"{name}_last": wording.printer.text(accuracy[-1], "percent"),
        }
    return wording.text("variants.curves.alt", **gaps)
