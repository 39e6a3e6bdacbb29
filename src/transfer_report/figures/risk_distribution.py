"""Distribution of the risks: images of the class upwards, all others downwards."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from transfer_report.analysis.clinical.records import OperatingPoint, RiskDistribution
from transfer_report.figures.bands import HEAD_LINE_MM, LEFT_MM, RIGHT_MM, class_name, wrapped
from transfer_report.figures.drawing import Drawing, mark, mark_axes
from transfer_report.figures.palette import BLUE, INK, RUST
from transfer_report.figures.style import TEXT_WIDTH_MM, new_figure
from transfer_report.wording.wording import Wording

_COLUMNS = ("condition", "class", "from", "to", "positive", "negative")
ROW_MM, FOOT_MM, GAP_MM = 25.0, 9.0, 4.0
_MOST_COLUMNS = 3


def risk_distribution(
    risks: Sequence[RiskDistribution], points: Sequence[OperatingPoint], classes: Sequence[str], wording: Wording
) -> Drawing:
    """A panel per condition and class; a line marks the threshold of the operating point, the mean over the runs.

    Args:
        risks: Of some conditions.
        points: Their operating points, or none.
        classes: Names of all classes.
        wording: Names and labels.
    """
    columns = min(len(risks), _MOST_COLUMNS)
    rows_of_panels = -(-len(risks) // columns)
    wide_mm = (TEXT_WIDTH_MM - LEFT_MM - RIGHT_MM - GAP_MM * (columns - 1)) / columns
    titles = [
        f"{wrapped(wording.printer.text(one.condition, 'condition'), wide_mm)}\n"
        f"{wrapped(class_name(one.positive, classes, wording), wide_mm)}"
        for one in risks
    ]
    row_mm = ROW_MM + HEAD_LINE_MM * (1 + max(title.count("\n") for title in titles)) + 2
    height_mm = rows_of_panels * row_mm + FOOT_MM + 4
    figure = new_figure(height_mm)
    highest = 1.08 * max(share for one in risks for share in (*one.positive_share, *one.negative_share))
    thresholds = {(one.condition, one.positive): one.thresholds for one in points}
    for place, one in enumerate(risks):
        row, column = divmod(place, columns)
        left = (LEFT_MM + column * (wide_mm + GAP_MM)) / TEXT_WIDTH_MM
        bottom = (height_mm - (row + 1) * row_mm) / height_mm
        axes = figure.add_axes((left, bottom, wide_mm / TEXT_WIDTH_MM, ROW_MM / height_mm))
        axes.stairs(one.positive_share, one.edges, fill=True, color=RUST, lw=0)
        axes.stairs([-share for share in one.negative_share], one.edges, fill=True, color=BLUE, lw=0)
        axes.axhline(0, color=INK, lw=0.5)
        chosen = thresholds.get((one.condition, one.positive))
        if chosen is not None:
            axes.axvline(float(np.mean(chosen)), color=INK, lw=0.8, ls=(0, (3, 1.5)))
        axes.set(xlim=(0, 1), ylim=(-highest, highest), xticks=[0, 0.25, 0.5, 0.75, 1])
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}")
        axes.yaxis.set_major_formatter(lambda value, _: f"{abs(100 * value):.0f}")
        last_row = place + columns >= len(risks)
        axes.tick_params(labelleft=column == 0, labelbottom=last_row)
        axes.set_title(titles[place], fontsize=7.0, weight=400, pad=3)
        mark_axes(axes, f"risks-{one.positive}", one.condition)
        mark(axes.title, f"risks-{one.positive}-title", one.condition)
    figure.supylabel(wording.text("figures.risk_distribution.y"), fontsize=7.6, x=0.004, ha="left")
    figure.text(0.5, 5.2 / height_mm, wording.text("figures.risk_distribution.x"), ha="center", fontsize=7.6)
    _key(figure, height_mm, wording)
    return Drawing(
        id="risk-distribution",
        kind="risk_distribution",
        figure=figure,
        alt=_alt(risks, classes, wording),
        columns=[wording.text(f"figures.risk_distribution.columns.{name}") for name in _COLUMNS],
        rows=[row for one in risks for row in _rows(one, classes, wording)],
        about=[[one.condition] for one in risks for _ in one.positive_share],
    )


def _key(figure: Figure, height_mm: float, wording: Wording) -> None:
    """Draw the key of the two sides, below the panels."""
    for place, (name, colour) in enumerate((("positive", RUST), ("negative", BLUE))):
        x_mm = LEFT_MM + 62 * place
        box = (x_mm / TEXT_WIDTH_MM, 0.8 / height_mm)
        figure.add_artist(Rectangle(box, 3 / TEXT_WIDTH_MM, 2 / height_mm, color=colour, lw=0))
        words = wording.text(f"figures.risk_distribution.{name}")
        figure.text((x_mm + 4.4) / TEXT_WIDTH_MM, 1.8 / height_mm, words, va="center", fontsize=7.4)


def _rows(one: RiskDistribution, classes: Sequence[str], wording: Wording) -> list[list[str]]:
    printer = wording.printer
    start = [printer.text(one.condition, "condition"), class_name(one.positive, classes, wording)]
    return [
        [*start, printer.text(low, "percent_exact_number"), printer.text(high, "percent_exact_number")]
        + [printer.text(share, "percent_number") for share in shares]
        for low, high, *shares in zip(
            one.edges[:-1], one.edges[1:], one.positive_share, one.negative_share, strict=True
        )
    ]


def _alt(risks: Sequence[RiskDistribution], classes: Sequence[str], wording: Wording) -> str:
    parts = [wording.text("figures.risk_distribution.alt", count=len(risks))]
    for one in risks:
        middle = len(one.positive_share) // 2
        parts.append(
            wording.text(
                "figures.risk_distribution.alt_panel",
                condition=wording.printer.text(one.condition, "condition"),
                name=class_name(one.positive, classes, wording),
                positive=wording.printer.text(sum(one.positive_share[middle:]), "percent"),
                negative=wording.printer.text(sum(one.negative_share[middle:]), "percent"),
            )
        )
    return " ".join(parts)
