"""Results at a glance: test accuracy of every condition with its interval, what chance gives, and AUROC."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from transfer_report.figures.drawing import Drawing, mark
from transfer_report.figures.palette import BLUE, GREY, GRID, INK, PAPER, RUST
from transfer_report.figures.style import new_figure, without_frame
from transfer_report.records.analysis import MAJORITY_CLASS, Analysis, Estimate, Metric, StudyTable
from transfer_report.records.evaluation import Evaluation
from transfer_report.wording.wording import Wording

ROW_MM, HEAD_MM, FOOT_MM = 2.9, 7.4, 7.0
NUMBER_SHARE, GAP_SHARE = 0.055, 0.02
"""Shares of the figure's width: AUROC next to a panel, and space between panels."""
LETTER_SHARE, WIDEST_LABELS = 0.0083, 0.42
"""Width of a letter of a row's name, on average, and of all names at most."""
SPACE = 0.02
"""Left free beyond the lowest and the highest value, as a share of accuracy."""
_COLUMNS = ("condition", "accuracy", "low", "high", "auroc", "reported")


def results_overview(
    analysis: Analysis, evaluation: Evaluation, tables: Sequence[StudyTable], wording: Wording
) -> Drawing:
    """Draw a panel per strategy and a row per network and technique: test accuracy with its interval, and AUROC.

    Args:
        analysis: Estimates, reported numbers and the recommendation.
        evaluation: Labels of the test images, whose largest class is shown where the majority class of the training
            images was not scored.
        tables: Whose conditions are shown.
        wording: Names and labels.
    """
    test = analysis.estimates["test"]
    reported = {result.condition: result.accuracy for result in analysis.reported}
    largest = float(max(np.bincount(evaluation.test_labels)) / len(evaluation.test_labels))
    constant = [one.estimates["test"]["accuracy"].value for one in analysis.controls if one.name == MAJORITY_CLASS]
    chance = next(iter(constant), largest)
    keys = [key for table in tables for key in table.conditions]
    strategies = list(dict.fromkeys(table.strategy for table in tables))
    labels = _labels(tables, wording)
    height_mm = HEAD_MM + ROW_MM * len(labels) + FOOT_MM
    figure = new_figure(height_mm)
    label_share = min(WIDEST_LABELS, LETTER_SHARE * (2 + max(map(len, labels))))
    width = (1 - label_share) / len(strategies)
    limits = _limits([chance, *reported.values()], [test[key]["accuracy"] for key in keys])
    for number, strategy in enumerate(strategies):
        left = label_share + number * width
        box = (left, FOOT_MM / height_mm, width - NUMBER_SHARE - GAP_SHARE, ROW_MM * len(labels) / height_mm)
        axes = figure.add_axes(box)
        _prepare(axes, limits, len(labels), chance)
        _heads(axes, wording.printer.text(strategy, "strategy_heading"), chance if number == 0 else None, wording)
        for key in (key for table in tables if table.strategy == strategy for key in table.conditions):
            _draw(axes, key, -labels.index(wording.printer.text(key, "row")) - 0.5, analysis, reported, wording)
    for row, label in enumerate(labels):
        y = (FOOT_MM + ROW_MM * (len(labels) - row - 0.5)) / height_mm
        figure.text(0, y, label, va="center", fontsize=7.0)
    figure.text(label_share, 0.0, wording.text("figures.overview.accuracy"), va="bottom")
    return Drawing(
        id="overview",
        kind="overview",
        figure=figure,
        alt=_alt(keys, analysis, chance, wording),
        columns=[wording.text(f"figures.overview.columns.{name}") for name in _COLUMNS],
        rows=[_data(key, test[key], reported, wording) for key in keys],
        about=[[key] for key in keys],
        values={
            "shown": len(keys),
            "count": len(test),
            "chance": chance,
            "reported": len(reported),
        },
    )


def _labels(tables: Sequence[StudyTable], wording: Wording) -> list[str]:
    """Return the names of the rows: every technique of each network once, whatever strategies try it."""
    return list(
        dict.fromkeys(
            wording.printer.text(key, "row")
            for model in dict.fromkeys(table.model for table in tables)
            for table in tables
            if table.model == model
            for key in table.conditions
        )
    )


def _limits(marks: list[float], shown: list[Estimate]) -> tuple[float, float]:
    ends = [end for one in shown for end in (one.value, one.low, one.high) if end is not None]
    return max(0.0, min([*ends, *marks]) - SPACE), min(1.0, max([*ends, *marks]) + SPACE)


def _prepare(axes: Axes, limits: tuple[float, float], rows: int, chance: float) -> None:
    without_frame(axes)
    axes.set(xlim=limits, ylim=(-rows, 0), yticks=[])
    axes.grid(True, axis="x", color=GRID, lw=0.5)
    span = np.ptp(limits)
    axes.xaxis.set_major_locator(MultipleLocator(0.2 if span > 0.5 else 0.1 if span > 0.25 else 0.05))
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}")
    axes.axvline(chance, color=GREY, lw=0.8, ls=(0, (1, 1.5)))


def _heads(axes: Axes, strategy: str, chance: float | None, wording: Wording) -> None:
    axes.annotate(
        strategy, (0, 1), (0, 10), xycoords="axes fraction", textcoords="offset points", va="bottom", weight=600
    )
    heads = [((1.03, 1), "axes fraction", "left", wording.text("figures.overview.auroc"))]
    if chance is not None:
        # Away from the head of the next column, where the line stands in the right half.
        side = "right" if (chance - axes.get_xlim()[0]) / np.ptp(axes.get_xlim()) > 0.35 else "left"
        heads.append(((chance, 0), "data", side, wording.text("figures.overview.chance")))
    for place, system, side, words in heads:
        axes.annotate(
            words, place, (0, 1.5), xycoords=system, textcoords="offset points", color=GREY, ha=side, va="bottom",
            fontsize=6.6,
        )  # fmt: skip


def _draw(axes: Axes, key: str, y: float, analysis: Analysis, reported: Mapping[str, float], wording: Wording) -> None:
    estimates, chosen = analysis.estimates["test"][key], key == analysis.selection.recommended
    accuracy, colour = estimates["accuracy"], RUST if chosen else BLUE
    marks: list[Artist] = []
    if accuracy.low is not None and accuracy.high is not None:
        marks += axes.plot([accuracy.low, accuracy.high], [y, y], color=colour, lw=1.2, solid_capstyle="butt")
    marks += axes.plot(
        [accuracy.value], [y], "D" if chosen else "o", ms=4.4 if chosen else 3.6, mfc=colour, mec=PAPER, mew=0.4,
        zorder=3,
    )  # fmt: skip
    if key in reported:
        marks += axes.plot([reported[key]], [y], "x", ms=3.6, color=INK, mew=0.9, zorder=4)
    if "auroc" in estimates:
        marks.append(
            axes.text(
                1.03, y, wording.printer.text(estimates["auroc"].value, "decimal3"),
                transform=axes.get_yaxis_transform(), va="center", fontsize=6.6, weight=600 if chosen else 400,
            )
        )  # fmt: skip
    for number, artist in enumerate(marks):
        mark(artist, f"overview-{number}", key)


def _data(key: str, estimates: Mapping[Metric, Estimate], reported: Mapping[str, float], wording: Wording) -> list[str]:
    printer, accuracy = wording.printer, estimates["accuracy"]
    return [
        printer.text(key, "condition"),
        *(printer.text(value, "percent_number") for value in (accuracy.value, accuracy.low, accuracy.high)),
        printer.text(estimates["auroc"].value if "auroc" in estimates else None, "decimal3"),
        printer.text(reported.get(key), "percent_exact_number"),
    ]


def _alt(keys: Sequence[str], analysis: Analysis, chance: float, wording: Wording) -> str:
    accuracies = {key: analysis.estimates["test"][key]["accuracy"].value for key in keys}
    lowest, highest = min(keys, key=accuracies.__getitem__), max(keys, key=accuracies.__getitem__)
    chosen, printer = analysis.selection.recommended, wording.printer
    return wording.text(
        "figures.overview.alt",
        count=len(keys),
        lowest=printer.text(lowest, "condition"),
        lowest_accuracy=printer.text(accuracies[lowest], "percent"),
        highest=printer.text(highest, "condition"),
        highest_accuracy=printer.text(accuracies[highest], "percent"),
        recommended=printer.text(chosen, "condition"),
        recommended_accuracy=printer.text(analysis.estimates["test"][chosen]["accuracy"].value, "percent"),
        chance=printer.text(chance, "percent"),
    )
