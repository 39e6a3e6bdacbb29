"""Learning curves of one table: a column per condition, accuracy above loss, the same axes throughout."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray

from transfer_report.analysis.tables import TableGroup
from transfer_report.figures.drawing import Drawing, mark_axes, panel
from transfer_report.figures.grid import two_lines
from transfer_report.figures.palette import BLUE, PAPER, RUST
from transfer_report.figures.style import new_figure
from transfer_report.records.evaluation import ConditionEvaluation, Evaluation
from transfer_report.records.figures import Panel
from transfer_report.wording.names import group_name
from transfer_report.wording.printer import Printer
from transfer_report.wording.wording import Wording


class StyledLine(NamedTuple):
    """How one line of every panel looks."""

    name: str
    colour: str
    style: str | tuple[float, tuple[float, float]]


LINES = (StyledLine("train", RUST, (0, (4, 1.6))), StyledLine("val", BLUE, "-"))
WIDEST_LINEAR = 100.0
"""Where the highest losses of two lines differ by more than two decades, the axis is logarithmic."""
CHARACTERS = 112
"""Most characters of adjacent titles; longer ones break into two lines."""
DRAWN = {"accuracy": "percent_number", "loss": "loss"}


def curves(group: TableGroup, evaluation: Evaluation, wording: Wording) -> Drawing:
    """Curves of a group: mean over seeds as a line, range over seeds as a band, circles where runs keep their epoch."""
    members = {member.condition: member for member in evaluation.conditions}
    conditions = [members[key] for key in group.conditions]
    names = {key: wording.printer.text(key, group.name_format(key)) for key in group.conditions}
    figure = new_figure(46)
    grid = figure.subplots(2, len(conditions), sharex=True, sharey="row", squeeze=False)
    titles = [two_lines(names[one.condition], CHARACTERS // len(conditions)) for one in conditions]
    top = 0.745 if any("\n" in title for title in titles) else 0.82
    figure.subplots_adjust(left=0.05, right=0.995, top=top, bottom=0.17, wspace=0.1, hspace=0.28)
    for column, condition in enumerate(conditions):
        for row, measure in enumerate(DRAWN):
            _draw(grid[row, column], condition, measure)
            grid[row, column].set_title(titles[column] if row == 0 else "", pad=12)
            mark_axes(grid[row, column], measure, condition.condition)
    _label(figure, grid, conditions, wording)
    panels = [
        _panel(grid[row, column], condition, names[condition.condition], measure, wording)
        for column, condition in enumerate(conditions)
        for row, measure in enumerate(DRAWN)
    ]
    return Drawing(
        id=f"curves-{group.key}",
        kind="curves",
        figure=figure,
        alt=_alt(conditions, names, group, wording),
        columns=[wording.text(f"figures.curves.columns.{name}") for name in _COLUMNS],
        rows=[row for one in conditions for row in _rows(one, names[one.condition], wording.printer)],
        values={
            "name": group_name(wording, group.tables),
            "seeds": len(conditions[0].runs),
            "stopped": sum(run.history.stopped_early for condition in conditions for run in condition.runs),
        },
        panels=panels,
        about=[[one.condition] for one in conditions for _ in _rows(one, "", wording.printer)],
    )


def over_seeds(condition: ConditionEvaluation, split: str, measure: str) -> NDArray[np.float64]:
    """A figure per seed and epoch: (seeds, epochs); runs that stopped early end in NaN."""
    runs = [[getattr(epoch, f"{split}_{measure}") for epoch in run.history.epochs] for run in condition.runs]
    longest = max(map(len, runs))
    return np.array([run + [np.nan] * (longest - len(run)) for run in runs])


def mean_over_seeds(condition: ConditionEvaluation, split: str, measure: str) -> NDArray[np.float64]:
    """Mean per epoch over the runs that got so far: (epochs,)."""
    return np.asarray(np.nanmean(over_seeds(condition, split, measure), axis=0), dtype=np.float64)


def first_epoch(condition: ConditionEvaluation) -> int:
    """Return the number of the first epoch: 0 where the head was trained before."""
    return condition.runs[0].history.epochs[0].epoch


def _longest(conditions: list[ConditionEvaluation]) -> int:
    """Return the number of the last epoch of the longest run."""
    return max(run.history.epochs[-1].epoch for condition in conditions for run in condition.runs)


def _draw(axes: Axes, condition: ConditionEvaluation, measure: str) -> None:
    for line in LINES:
        values = over_seeds(condition, line.name, measure)
        epochs = first_epoch(condition) + np.arange(values.shape[1])
        axes.fill_between(
            epochs, np.nanmin(values, axis=0), np.nanmax(values, axis=0), color=line.colour, alpha=0.16, lw=0
        )
        marker = "." if len(epochs) == 1 else "none"  # a line of one point cannot be seen
        axes.plot(epochs, np.nanmean(values, axis=0), marker=marker, color=line.colour, ls=line.style)
    for run in condition.runs:
        best = run.history.kept
        y = getattr(best, f"val_{measure}")
        axes.plot([best.epoch], [y], "o", ms=3.6, mfc=PAPER, mec=BLUE, mew=1.0, zorder=5)


def _label(figure: Figure, grid: NDArray[np.object_], conditions: list[ConditionEvaluation], wording: Wording) -> None:
    _set_scales(grid, conditions)
    for row, measure in enumerate(DRAWN):
        scale = "_logarithmic" if grid[row, 0].get_yscale() == "log" else ""
        grid[row, 0].text(
            0,
            1.03,
            wording.text(f"figures.curves.{measure}{scale}"),
            transform=grid[row, 0].transAxes,
            fontsize=7.2,
            va="bottom",
        )
    figure.text(0.05, 0.012, wording.text("figures.curves.epoch"), va="bottom")
    _name_lines(figure, wording)


def _set_scales(grid: NDArray[np.object_], conditions: list[ConditionEvaluation]) -> None:
    first = min(map(first_epoch, conditions))
    longest = _longest(conditions)
    pad = max(0.2, (longest - first) * 0.04)
    accuracy, loss = grid[0, 0], grid[1, 0]
    accuracy.set_xlim(first - pad, longest + pad)
    accuracy.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, min_n_ticks=1))
    lowest = min(np.nanmin(over_seeds(condition, line.name, "accuracy")) for condition in conditions for line in LINES)
    # From a quarter's mark below the lowest value to all: heights can be compared and nothing is cut off.
    bottom = np.floor((float(lowest) - 0.03) * 4) / 4
    accuracy.set_ylim(bottom, 1.02)
    accuracy.set_yticks([tick for tick in MaxNLocator(nbins=5).tick_values(bottom, 1.0) if bottom <= tick <= 1])
    accuracy.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}")
    if _differ_by_decades(conditions):
        loss.set_yscale("log")
        loss.yaxis.set_major_locator(LogLocator(numticks=8))
        loss.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        loss.yaxis.set_minor_locator(NullLocator())
    else:
        loss.set_ylim(bottom=0)
        loss.yaxis.set_major_locator(MaxNLocator(nbins=4))


def _differ_by_decades(conditions: list[ConditionEvaluation]) -> bool:
    """Return whether one line's loss is so high that a linear scale would flatten another."""
    highest = [float(np.nanmax(over_seeds(condition, line.name, "loss"))) for condition in conditions for line in LINES]
    return min(highest) > 0 and max(highest) > WIDEST_LINEAR * min(highest)


def _name_lines(figure: Figure, wording: Wording) -> None:
    """The names of the lines in their colours, below the panels, which all look the same."""
    handles = [
        Line2D([], [], color=line.colour, ls=line.style, label=wording.text(f"figures.curves.{line.name}"))
        for line in LINES
    ]
    handles.append(
        Line2D([], [], ls="", marker="o", ms=3.6, mfc=PAPER, mec=BLUE, label=wording.text("figures.curves.kept"))
    )
    legend = figure.legend(
        handles=handles, loc="lower right", bbox_to_anchor=(1.0, -0.02), ncols=3, frameon=False, fontsize=7.4,
        handlelength=2.2, columnspacing=1.6, borderaxespad=0.2, labelcolor="linecolor",
    )  # fmt: skip
    legend.get_texts()[-1].set_color(BLUE)


def _panel(axes: Axes, condition: ConditionEvaluation, name: str, measure: str, wording: Wording) -> Panel:
    series = {
        wording.text(f"figures.curves.{line.name}"): [
            wording.printer.text(float(value), DRAWN[measure])
            for value in mean_over_seeds(condition, line.name, measure)
        ]
        for line in LINES
    }
    epochs = [float(first_epoch(condition) + number) for number in range(len(next(iter(series.values()))))]
    label = f"{name}: {wording.text(f'figures.curves.{measure}')}"
    return panel(axes, label, condition.condition, epochs, series)


_COLUMNS = ("condition", "epoch", "train_accuracy", "val_accuracy", "train_loss", "val_loss", "chosen")


def _rows(condition: ConditionEvaluation, name: str, printer: Printer) -> list[list[str]]:
    means = [
        (mean_over_seeds(condition, line.name, measure), format_)
        for measure, format_ in DRAWN.items()
        for line in LINES
    ]
    chosen = [run.history.best_epoch for run in condition.runs]
    return [
        [
            name,
            str(first_epoch(condition) + number),
            *(printer.text(float(values[number]), format_) for values, format_ in means),
            str(chosen.count(first_epoch(condition) + number)),
        ]
        for number in range(len(means[0][0]))
    ]


def _alt(conditions: list[ConditionEvaluation], names: Mapping[str, str], group: TableGroup, wording: Wording) -> str:
    """Return the alternative text: ends of both lines per condition, and extremes of validation."""
    printer = wording.printer
    parts = [
        wording.text(
            "figures.curves.alt",
            name=group_name(wording, group.tables),
            count=len(conditions),
            epochs=_longest(conditions),
        )
    ]
    for condition in conditions:
        accuracy = mean_over_seeds(condition, "val", "accuracy")
        train = mean_over_seeds(condition, "train", "accuracy")
        loss = mean_over_seeds(condition, "val", "loss")
        parts.append(
            wording.text(
                "figures.curves.alt_condition",
                condition=names[condition.condition],
                first=printer.text(float(accuracy[0]), "percent"),
                last=printer.text(float(accuracy[-1]), "percent"),
                highest=printer.text(float(accuracy.max()), "percent"),
                highest_epoch=int(accuracy.argmax()) + 1,
                train_last=printer.text(float(train[-1]), "percent"),
                loss_lowest=printer.text(float(loss.min()), "decimal"),
                loss_epoch=int(loss.argmin()) + 1,
                loss_last=printer.text(float(loss[-1]), "decimal"),
            )
        )
    return " ".join(parts)
