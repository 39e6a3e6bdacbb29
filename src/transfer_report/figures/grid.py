"""Small panels, one per condition: a row for each table of the study."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from transfer_report.figures.style import MM, new_figure
from transfer_report.records import StudyTable
from transfer_report.wording.wording import Wording

MOST_COLUMNS = 4
HEAD_MM, FOOT_MM, LEFT_MM, RIGHT_MM, TITLE_MM = 6.5, 9.0, 18.0, 3.0, 9.5


def panel_grid(
    tables: list[StudyTable], wording: Wording, height_mm: float, *, share: bool = False
) -> tuple[Figure, dict[str, Axes]]:
    """A figure with one pair of axes per condition, named by its technique; each table begins a row that names it.

    Args:
        tables: Whose conditions, in order.
        wording: Names them.
        height_mm: Of one row, its name included.
        share: Whether all panels have the same axes, labelled at the edges.
    """
    rows = [row for table in tables for row in _rows(table)]
    total_mm = HEAD_MM + FOOT_MM + height_mm * len(rows)
    figure = new_figure(total_mm)
    width_mm = figure.get_size_inches()[0] / MM
    columns = max(len(members) for _, members in rows)
    step = (width_mm - LEFT_MM - RIGHT_MM) / columns
    panels: dict[str, Axes] = {}
    for index, (table, members) in enumerate(rows):
        top = total_mm - HEAD_MM - index * height_mm
        if table:
            _name_row(figure, table, wording, top / total_mm + 0.4 * HEAD_MM / total_mm)
        for column, key in enumerate(members):
            box = (
                (LEFT_MM + column * step) / width_mm,
                (top - height_mm + 2.5) / total_mm,
                (step - 4) / width_mm,
                (height_mm - TITLE_MM) / total_mm,
            )
            first = next(iter(panels.values()), None) if share else None
            axes = figure.add_axes(box, sharex=first, sharey=first)
            axes.set_title(wording.printer.text(key, "technique"), fontsize=7.2, weight=400, loc="center", pad=2.5)
            if share:
                axes.tick_params(labelleft=column == 0, labelbottom=index == len(rows) - 1)
            panels[key] = axes
    return figure, panels


def _rows(table: StudyTable) -> list[tuple[StudyTable | None, list[str]]]:
    """A table's conditions cut into rows; the first row carries its name."""
    keys = table.conditions
    cuts = [keys[start : start + MOST_COLUMNS] for start in range(0, len(keys), MOST_COLUMNS)]
    return [(table if index == 0 else None, cut) for index, cut in enumerate(cuts)]


def _name_row(figure: Figure, table: StudyTable, wording: Wording, y: float) -> None:
    printer = wording.printer
    words = f"{printer.text(table.model, 'model')}, {printer.text(table.group, 'group')}"
    figure.text(0.004, y, words, weight=600, fontsize=7.6, va="center")
