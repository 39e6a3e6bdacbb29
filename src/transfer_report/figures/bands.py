"""Curves with bands, a panel per class: what ROC, precision–recall, calibration and decision curves have in common."""

from collections.abc import Iterable, Sequence
from math import ceil
from textwrap import fill
from typing import NamedTuple, Protocol

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from transfer_report.analysis.clinical.records import Band
from transfer_report.figures.drawing import mark
from transfer_report.figures.palette import BLUE, GREY, INK, RUST
from transfer_report.figures.style import TEXT_WIDTH_MM, new_figure
from transfer_report.records.analysis import Estimate
from transfer_report.wording.wording import Wording

Panels = dict[int | None, Axes]
"""Axes by class; None is the macro average."""

LEFT_MM, RIGHT_MM, FOOT_MM, HEAD_MM, GAP_MM = 11.0, 3.0, 10.0, 5.5, 5.0
HIGH_MM = 46.0
"""Height of a panel that stands alone."""
_MOST_COLUMNS = 4
HEAD_LINE_MM, LETTER_MM = 3.1, 1.4
"""Height of each further line of a title, and width of one of its letters, little more than the average."""
TICKS_MM = 4.0
"""Room for the numbers below a row of panels that is not the last."""
KEY_MM, KEY_LINE_MM, KEY_ENTRY_MM = 4.0, 7.6, 4.2
"""Distance of the key from its panel, and height of an entry of two lines and of one."""


class OfClass(Protocol):
    """A value of a condition and one of its classes."""

    @property
    def condition(self) -> str:
        """Its key."""

    @property
    def positive(self) -> int | None:
        """The class; None for the macro average."""


class LineStyle(NamedTuple):
    """How the curve of a condition looks."""

    colour: str
    dashes: str | tuple[float, tuple[float, ...]]


STYLES = (
    LineStyle(BLUE, "-"),
    LineStyle(RUST, (0, (4, 1.6))),
    LineStyle(INK, (0, (4, 1.2, 1, 1.2))),
    LineStyle(GREY, (0, (1, 1.4))),
)
"""Styles of a figure's conditions, in order; no figure has more."""


def class_panels(
    positives: Iterable[int | None], names: Sequence[str], wording: Wording, *, wide_mm: float = HIGH_MM, key_lines: int
) -> tuple[Figure, Panels]:
    """A panel per class: one of `wide_mm` by `HIGH_MM` with its key at the right, or several, smaller, over their key.

    Args:
        positives: The classes that are drawn, in order, each as often as it has curves; None for the macro average.
        names: Of all classes.
        wording: Names the macro average.
        wide_mm: Width of a panel that stands alone.
        key_lines: Entries of the key that stands below several panels.
    """
    positives = list(dict.fromkeys(positives))
    if len(positives) == 1:
        height_mm = HIGH_MM + FOOT_MM + 2
        figure = new_figure(height_mm)
        box = (LEFT_MM / TEXT_WIDTH_MM, FOOT_MM / height_mm, wide_mm / TEXT_WIDTH_MM, HIGH_MM / height_mm)
        return figure, {positives[0]: figure.add_axes(box)}
    columns = min(len(positives), _MOST_COLUMNS)
    side_mm = (TEXT_WIDTH_MM - LEFT_MM - RIGHT_MM - GAP_MM * (columns - 1)) / columns
    titles = {positive: wrapped(class_name(positive, names, wording), side_mm) for positive in positives}
    lines = max(title.count("\n") for title in titles.values())
    row_mm = HEAD_MM + HEAD_LINE_MM * lines + side_mm + TICKS_MM
    below_mm = FOOT_MM + KEY_ENTRY_MM * key_lines
    rows = ceil(len(positives) / columns)
    height_mm = row_mm * rows - TICKS_MM + below_mm  # the last row's numbers stand in the foot
    figure = new_figure(height_mm)
    panels: Panels = {}
    for place, positive in enumerate(positives):
        row, column = divmod(place, columns)
        x_mm = LEFT_MM + column * (side_mm + GAP_MM)
        y_mm = height_mm - (row + 1) * row_mm + TICKS_MM
        axes = figure.add_axes(
            (x_mm / TEXT_WIDTH_MM, y_mm / height_mm, side_mm / TEXT_WIDTH_MM, side_mm / height_mm),
            sharex=next(iter(panels.values()), None),
            sharey=next(iter(panels.values()), None),
        )
        axes.set_title(titles[positive], fontsize=7.4, pad=3)
        axes.tick_params(labelleft=column == 0, labelbottom=place + columns >= len(positives))
        panels[positive] = axes
    return figure, panels


def class_name(positive: int | None, names: Sequence[str], wording: Wording) -> str:
    """The name of a class, or of the average over classes."""
    return wording.text("figures.clinical.macro") if positive is None else names[positive]


def wrapped(text: str, width_mm: float) -> str:
    """A title in as many lines as it needs to fit above a panel."""
    return fill(text, max(1, int(width_mm / LETTER_MM)))


def draw_band(axes: Axes, band: Band, style: LineStyle, condition: str, part: str) -> None:
    """A line with its pointwise band, where there is one."""
    known = [
        index for index, (low, high) in enumerate(zip(band.low, band.high, strict=True)) if None not in (low, high)
    ]
    shaded = axes.fill_between(
        [band.x[index] for index in known],
        [band.low[index] or 0.0 for index in known],
        [band.high[index] or 0.0 for index in known],
        color=style.colour,
        alpha=0.14,
        lw=0,
    )
    (line,) = axes.plot(band.x, band.value, color=style.colour, ls=style.dashes)
    mark(shaded, f"{part}-band", condition)
    mark(line, f"{part}-line", condition)


def draw_key(figure: Figure, panels: Panels, entries: Sequence[tuple[LineStyle, str, str, str]]) -> None:
    """Draw the key of lines, at the right of a single panel or below several.

    Args:
        figure: Whose key.
        panels: Panels of the figure.
        entries: Style, words, a second line (left out below several panels), condition; in order.
    """
    width_mm, height_mm = (float(inches) * 25.4 for inches in figure.get_size_inches())
    box = next(iter(panels.values())).get_position()
    alone = len(panels) == 1
    for place, (style, words, second, condition) in enumerate(entries):
        if alone:
            x_mm, y_mm = box.x1 * width_mm + KEY_MM, box.y1 * height_mm - 4 - place * KEY_LINE_MM
        else:
            x_mm, y_mm = LEFT_MM, KEY_ENTRY_MM * (len(entries) - place) - KEY_ENTRY_MM / 2
        line = figure.add_artist(_line_artist(x_mm, y_mm, style, width_mm, height_mm))
        mark(line, f"key-{place}", condition)
        at = (x_mm + 8) / width_mm
        mark(figure.text(at, y_mm / height_mm, words, va="center", fontsize=7.4), f"key-words-{place}", condition)
        if alone and second:
            text = figure.text(at, (y_mm - 3.1) / height_mm, second, va="center", fontsize=7.0, color=GREY)
            mark(text, f"key-numbers-{place}", condition)


def style_of(conditions: Iterable[str]) -> dict[str, LineStyle]:
    """The style of each condition, which may be given once for each of its curves; the first matters most.

    Raises:
        ValueError: more conditions than there are styles.
    """
    conditions = list(dict.fromkeys(conditions))
    if len(conditions) > len(STYLES):
        raise ValueError(f"{len(conditions)} conditions, but a figure tells {len(STYLES)} apart")
    return dict(zip(conditions, STYLES, strict=False))


def percent_axes(axes: Axes) -> None:
    """Shares as per cent on both axes, from 0 to 100, with the grid of both."""
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xticks=[0, 0.25, 0.5, 0.75, 1], yticks=[0, 0.25, 0.5, 0.75, 1])
    axes.grid(True, axis="both")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{100 * value:.0f}")


def label_axes(figure: Figure, panels: Panels, x: str, y: str) -> None:
    """The labels of all panels, once a figure."""
    if len(panels) == 1:
        axes = next(iter(panels.values()))
        axes.set_xlabel(x, labelpad=2)
        axes.set_ylabel(y, labelpad=3)
        return
    lowest = min(axes.get_position().y0 for axes in panels.values())
    height_mm = float(figure.get_size_inches()[1]) * 25.4
    figure.text(0.5, lowest - 7.4 / height_mm, x, ha="center", va="center", fontsize=7.6)
    top = max(axes.get_position().y1 for axes in panels.values())
    figure.text(0.004, (lowest + top) / 2, y, rotation=90, ha="left", va="center", fontsize=7.6)


def interval_words(estimate: Estimate, format_: str, wording: Wording) -> str:
    """`0.912 (0.880–0.941)`; the value alone where there is no interval."""
    printer = wording.printer
    if estimate.low is None or estimate.high is None:
        return printer.text(estimate.value, format_)
    return wording.text(
        "figures.clinical.interval",
        value=printer.text(estimate.value, format_),
        low=printer.text(estimate.low, format_),
        high=printer.text(estimate.high, format_),
    )


def band_rows(one: OfClass, band: Band, y_format: str, names: Sequence[str], wording: Wording) -> list[list[str]]:
    """The points of a band as printed rows: condition and class, x as per cent, value, low, high."""
    printer = wording.printer
    start = [printer.text(one.condition, "condition"), class_name(one.positive, names, wording)]
    return [
        [*start, printer.text(x, "percent_number"), *(printer.text(end, y_format) for end in (value, low, high))]
        for x, value, low, high in zip(band.x, band.value, band.low, band.high, strict=True)
    ]


def _line_artist(x_mm: float, y_mm: float, style: LineStyle, width_mm: float, height_mm: float) -> Line2D:
    return Line2D(
        [x_mm / width_mm, (x_mm + 6) / width_mm],
        [y_mm / height_mm] * 2,
        color=style.colour,
        ls=style.dashes,
        lw=1.3,
    )
