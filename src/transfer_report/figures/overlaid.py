"""Validation curves of one condition at two revisions, one over the other."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from transfer_report.figures.curves import MEASURES, mean_over_seeds, over_seeds
from transfer_report.figures.drawing import Drawing, panel
from transfer_report.figures.palette import BLUE, RUST
from transfer_report.figures.style import new_figure
from transfer_report.records import ConditionEvaluation, Panel
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
    """Validation accuracy beside validation loss: mean over seeds as a line, range over seeds as a band.

    Args:
        reference: Name of the revision and the condition's runs there; dashed.
        treatment: The same of the other; solid.
        id_: Of the figure.
        wording: Words for axes and alternative text.
    """
    sides = (Side(*reference, RUST, (0, (4, 1.6))), Side(*treatment, BLUE, "-"))
    figure = new_figure(50)
    row = figure.subplots(1, 2, sharex=True)
    figure.subplots_adjust(left=0.05, right=0.995, top=0.88, bottom=0.24, wspace=0.14)
    for axes, measure in zip(row, MEASURES, strict=True):
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
        panels=[_panel(axes, sides, measure, wording) for axes, measure in zip(row, MEASURES, strict=True)],
    )


def _draw(axes: Axes, sides: tuple[Side, Side], measure: str) -> None:
    for side in sides:
        values = over_seeds(side.condition, "val", measure)
        epochs = np.arange(1, values.shape[1] + 1)
        axes.fill_between(
            epochs, np.nanmin(values, axis=0), np.nanmax(values, axis=0), color=side.colour, alpha=0.16, lw=0
        )
        marker = "." if len(epochs) == 1 else "none"  # a line of one point cannot be seen
        axes.plot(epochs, np.nanmean(values, axis=0), marker=marker, color=side.colour, ls=side.style)


def _printed(side: Side, measure: str, epochs: int, wording: Wording) -> list[str]:
    """The mean of each epoch; the sign of a missing value after the last."""
    values = [wording.printer.text(float(value), MEASURES[measure]) for value in _means(side, measure)]
    return values + [wording.printer.none] * (epochs - len(values))


def _means(side: Side, measure: str) -> list[float]:
    return [float(value) for value in mean_over_seeds(side.condition, "val", measure)]


def _longest(sides: tuple[Side, Side]) -> int:
    return max(len(_means(side, "loss")) for side in sides)


def _panel(axes: Axes, sides: tuple[Side, Side], measure: str, wording: Wording) -> Panel:
    epochs = _longest(sides)
    series = {side.revision: _printed(side, measure, epochs, wording) for side in sides}
    label = wording.text(f"variants.curves.{measure}")
    return panel(axes, label, sides[1].condition.condition, [float(epoch + 1) for epoch in range(epochs)], series)


def _columns(sides: tuple[Side, Side], wording: Wording) -> list[str]:
    heads = [
        wording.text(f"variants.curves.columns.{name}", revision=side.revision) for name in MEASURES for side in sides
    ]
    return [wording.text("variants.curves.columns.epoch"), *heads]


def _rows(sides: tuple[Side, Side], wording: Wording) -> list[list[str]]:
    epochs = _longest(sides)
    columns = [_printed(side, measure, epochs, wording) for measure in MEASURES for side in sides]
    return [[str(epoch + 1), *(column[epoch] for column in columns)] for epoch in range(epochs)]


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
