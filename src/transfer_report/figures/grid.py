"""Small panels, one per condition, side by side under the name of their table."""

from collections.abc import Mapping
from math import ceil
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from transfer_report.figures.style import TEXT_WIDTH_MM, new_figure
from transfer_report.records.analysis import StudyTable
from transfer_report.wording.wording import Wording

MOST_COLUMNS = 7
NAME_COLUMNS = 2
"""Columns over which the name of a table reaches at least."""
LETTER_MM = 1.2
"""Width of a letter of such a name, on average."""
HEAD_MM, TITLE_MM, RIGHT_MM, GAP_MM = 5.5, 7.0, 1.2, 2.6
BELOW_MM = 3.0
"""Room below a row's panels, and for the labels of their axes where they have any."""
LABELS_MM = 3.2


class PanelPlace(NamedTuple):
    """Where a condition's panel stands."""

    table: StudyTable
    condition: str
    row: int
    column: int


def panel_grid(
    tables: list[StudyTable], wording: Wording, *, height_mm: float, left_mm: float, foot_mm: float, share: bool = False
) -> tuple[Figure, dict[str, Axes]]:
    """A figure with one pair of axes per condition, named by its technique.

    Args:
        tables: Whose conditions, in order; tables share a row where they fit.
        wording: Names them.
        height_mm: Of one panel.
        left_mm: Room for the labels of the first panel in a row.
        foot_mm: Room below the last row.
        share: Whether all panels have the same axes, labelled at the left.
    """
    narrowest_mm = (TEXT_WIDTH_MM - left_mm - RIGHT_MM + GAP_MM) / MOST_COLUMNS
    names = {table.number: _name(table, wording) for table in tables}
    places = arranged(tables, {number: ceil(LETTER_MM * len(name) / narrowest_mm) for number, name in names.items()})
    below_mm = BELOW_MM + (LABELS_MM if share else 0)
    row_mm = HEAD_MM + TITLE_MM + height_mm + below_mm
    total_mm = row_mm * (1 + max(place.row for place in places)) + foot_mm
    columns = max(4, *(place.column + 1 for place in places))
    step_mm = (TEXT_WIDTH_MM - left_mm - RIGHT_MM + GAP_MM) / columns
    figure = new_figure(total_mm)
    panels: dict[str, Axes] = {}
    for place in places:
        x_mm = left_mm + place.column * step_mm
        bottom_mm = total_mm - (place.row + 1) * row_mm + below_mm
        box = (
            x_mm / TEXT_WIDTH_MM,
            bottom_mm / total_mm,
            (step_mm - GAP_MM) / TEXT_WIDTH_MM,
            height_mm / total_mm,
        )
        first = next(iter(panels.values()), None) if share else None
        axes = figure.add_axes(box, sharex=first, sharey=first)
        axes.set_title(two_lines(wording.printer.text(place.condition, "technique")), fontsize=6.6, weight=400, pad=3)
        if share:
            lowest = not any(other.column == place.column and other.row > place.row for other in places)
            axes.tick_params(labelleft=place.column == 0, labelbottom=lowest)
        if place.condition == place.table.conditions[0] or place.column == 0:
            name_mm = bottom_mm + height_mm + TITLE_MM + HEAD_MM - 0.8
            at = x_mm / TEXT_WIDTH_MM, name_mm / total_mm
            figure.text(*at, names[place.table.number], weight=600, fontsize=7.4, va="top")
        panels[place.condition] = axes
    return figure, panels


def arranged(tables: list[StudyTable], name_columns: Mapping[int, int]) -> list[PanelPlace]:
    """Conditions from left to right; a table that does not fit into what is left of a row begins a new one.

    Args:
        tables: in order.
        name_columns: over how many columns each table's name reaches, by its number.
    """
    places, row, column = [], 0, 0
    for table in tables:
        reach = max(NAME_COLUMNS, name_columns[table.number])
        if column and column + max(len(table.conditions), reach) > MOST_COLUMNS:
            row, column = row + 1, 0
        least = column + reach
        for condition in table.conditions:
            if column == MOST_COLUMNS:
                row, column = row + 1, 0
            places.append(PanelPlace(table, condition, row, column))
            column += 1
        column = max(column, least)
    return places


def two_lines(name: str, most: int = 13) -> str:
    """A name of more than so many characters over two lines, broken at a space near its middle."""
    words = name.split(" ")
    if len(name) <= most or len(words) == 1:
        return name
    cut = min(range(1, len(words)), key=lambda index: abs(len(" ".join(words[:index])) - len(name) / 2))
    return f"{' '.join(words[:cut])}\n{' '.join(words[cut:])}"


def _name(table: StudyTable, wording: Wording) -> str:
    return f"{wording.printer.text(table.model, 'model')}, {wording.printer.text(table.strategy, 'strategy')}"
