"""Widths of a table's columns on paper, from the lengths of its texts: short ones stay whole, long ones wrap.

The PDF takes these widths as they are: it need not set every cell twice, and no table leaves the text block.
"""

import html
import re
from functools import cache
from math import sqrt

from PIL import ImageFont

from transfer_report.conditions import STRATEGIES
from transfer_report.fonts import FACES, font_path
from transfer_report.report.tables.table import Align, Cell, Stacked, Table

LINE_EM, SMALL_LINE_EM = 47.0, 49.9
"""Width of the text block in the sizes of tables (print.css), less a little for rounding."""
SMALL = ("D", "E", "S", *STRATEGIES)
"""Sections whose tables are set smaller."""
GAP_EM, WIDE_GAP_EM = 0.92, 1.76
"""Space before a column, and before a column of text that follows numbers."""
SHORT_EM = 6.5
"""Texts up to this length are not broken."""
LONG_EM = 26.0
"""From this length on, texts take as many lines as they need, and ask for more width by the root of their length."""

_TAG = re.compile(r"<[^>]*>")
BREAK = re.compile(r"(?<=[/-])|[ \n]")
"""Where a line may end; not at a no-break space."""


def column_widths(table: Table) -> list[float]:
    """Share of the text block for each column in per cent, shared out as CSS does: between least and full width."""
    least, cells, full, before = [], [], [], None
    for index, column in enumerate(table.columns):
        texts = [line for row in table.rows for line in _plain(row[index]).splitlines()]
        gap = _gap(before, column.align)
        longest = max((_length(text) for text in texts), default=0.0)
        whole = column.align == "number" or longest <= SHORT_EM
        parts = [longest] if whole else [_length(part) for text in texts for part in BREAK.split(text)]
        head = _plain(column.head)
        heads = [_length(part, 600) for part in BREAK.split(head)]
        least.append(gap + max(*parts, *heads))
        cells.append(max(least[-1], gap + min(longest, sqrt(LONG_EM * longest))))
        full.append(max(cells[-1], gap + _length(head, 600)))
        before = column.align
    widths = _shared(least, cells, full, SMALL_LINE_EM if table.section in SMALL else LINE_EM)
    return [round(100 * width / sum(widths), 2) for width in widths]


def _shared(least: list[float], cells: list[float], full: list[float], line: float) -> list[float]:
    """Full widths where they fit; else heads wrap, then cells: what is left goes by what each column lacks."""
    if sum(full) <= line:
        return full
    if sum(cells) <= line:
        least = cells
    else:
        full = cells
    spare = max(0.0, line - sum(least)) / (sum(full) - sum(least) or 1.0)
    return [low + spare * (high - low) for low, high in zip(least, full, strict=True)]


def _gap(before: Align | None, align: Align) -> float:
    if before is None:
        return 0.0
    return WIDE_GAP_EM if (before, align) == ("number", "text") else GAP_EM


def _plain(cell: Cell) -> str:
    if isinstance(cell, Stacked):
        return "\n".join(map(_plain, cell.lines))
    return html.unescape(_TAG.sub("", cell)) if isinstance(cell, str) else str(cell)


def _length(text: str, weight: int = 400) -> float:
    """Length of a text in em."""
    font = _font(weight)
    return float(font.getlength(text)) / font.size


@cache
def _font(weight: int) -> ImageFont.FreeTypeFont:
    """The typeface of tables, large enough that hinting does not round its widths."""
    face = next(face for face in FACES if (face.family, face.weight, face.style) == ("Report Sans", weight, "normal"))
    return ImageFont.truetype(font_path(face, "ttf"), 200, layout_engine=ImageFont.Layout.BASIC)
