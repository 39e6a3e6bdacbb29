"""Small panels, one per condition, side by side under the name of their table."""

import re
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from transfer_report.figures.style import TEXT_WIDTH_MM, new_figure
from transfer_report.records.analysis import StudyTable
from transfer_report.wording.wording import Wording

MOST_COLUMNS = 6
"""So many, because the longest usual part of a name, EfficientNet-, is as wide as a panel then."""
LETTER_MM, LINE_MM = 1.3, 3.0
"""Width of a letter of a table's name, and height of a line of it."""
TITLE_MM, RIGHT_MM, GAP_MM = 3.7, 1.2, 2.6
"""Height of a line of a panel's title, room at the right, and between panels."""
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
        share: True if all panels have the same axes, labelled at the left.
    """
    places = arranged(tables)
    below_mm = BELOW_MM + (LABELS_MM if share else 0)
    step_mm = panel_width_mm(tables, left_mm) + GAP_MM
    names = _names(places, step_mm, wording)
    titles = {place.condition: two_lines(wording.printer.text(place.condition, "technique")) for place in places}
    title_mm = TITLE_MM * (1 + any("\n" in title for title in titles.values()))
    head_mm = 2.4 + LINE_MM * max(name.count("\n") + 1 for name in names.values())
    row_mm = head_mm + title_mm + height_mm + below_mm
    total_mm = row_mm * (1 + max(place.row for place in places)) + foot_mm
    figure = new_figure(total_mm)
    panels: dict[str, Axes] = {}
    lowest = lowest_panels(tables)
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
        axes.set_title(titles[place.condition], fontsize=6.6, weight=400, pad=3)
        if share:
            axes.tick_params(labelleft=place.column == 0, labelbottom=place.condition in lowest)
        if place.condition in names:
            name_mm = bottom_mm + height_mm + title_mm + 0.4
            at = x_mm / TEXT_WIDTH_MM, name_mm / total_mm
            figure.text(*at, names[place.condition], weight=600, fontsize=7.2, va="bottom", linespacing=0.9)
        panels[place.condition] = axes
    return figure, panels


def panel_width_mm(tables: list[StudyTable], left_mm: float) -> float:
    """Width of each panel of `panel_grid`."""
    columns = max(4, *(place.column + 1 for place in arranged(tables)))
    return (TEXT_WIDTH_MM - left_mm - RIGHT_MM + GAP_MM) / columns - GAP_MM


def lowest_panels(tables: list[StudyTable]) -> list[str]:
    """Conditions whose panels have no other below them."""
    lowest = {place.column: place.condition for place in arranged(tables)}
    return list(lowest.values())


def arranged(tables: list[StudyTable]) -> list[PanelPlace]:
    """Conditions from left to right; a table that does not fit into what is left of a row begins a new one."""
    places, row, column = [], 0, 0
    for table in tables:
        if column and column + len(table.conditions) > MOST_COLUMNS:
            row, column = row + 1, 0
        for condition in table.conditions:
            if column == MOST_COLUMNS:
                row, column = row + 1, 0
            places.append(PanelPlace(table, condition, row, column))
            column += 1
    return places


def _names(places: list[PanelPlace], step_mm: float, wording: Wording) -> dict[str, str]:
    """The name of a table above its first condition in each row, in as many lines as its columns there ask for."""
    names: dict[str, str] = {}
    for table, row in dict.fromkeys((place.table.number, place.row) for place in places):
        own = [place for place in places if (place.table.number, place.row) == (table, row)]
        letters = int((len(own) * step_mm - GAP_MM) / LETTER_MM)
        names[own[0].condition] = in_lines(_name(own[0].table, wording), letters)
    return names


def in_lines(name: str, most: int) -> str:
    """A name in lines of at most so many characters, broken at spaces and after hyphens; a longer part stays whole."""
    lines = [""]
    for part in re.findall(r"[^ -]+[ -]?|[ -]", name):
        if lines[-1] and len((lines[-1] + part).rstrip()) > most:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def two_lines(name: str, most: int = 13) -> str:
    """A name of more than so many characters over two lines, broken at a space near its middle."""
    words = name.split(" ")
    if len(name) <= most or len(words) == 1:
        return name
    cut = min(range(1, len(words)), key=lambda index: abs(len(" ".join(words[:index])) - len(name) / 2))
    return f"{' '.join(words[:cut])}\n{' '.join(words[cut:])}"


def _name(table: StudyTable, wording: Wording) -> str:
    """Network and strategy, as every other figure and table names them."""
    return wording.printer.text(table.conditions[0], "setup")
