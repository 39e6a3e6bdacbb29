"""A document for a terminal: texts and tables, no figures."""

import textwrap

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from transfer_report.report.document import Block, Document, NoticeBox, Paragraph, PlacedTable
from transfer_report.report.tables.table import Stacked, Table

TERMINAL_WIDTH = 100
HEAD_WIDTH = 10
"""Of a column of numbers."""
LONGEST_WORD = 40
"""A longer one, such as a path, is broken."""
COLUMN_GAP = 2


def terminal_text(document: Document) -> str:
    """Return tables as wide as they are, and text in lines of `TERMINAL_WIDTH`."""
    parts = [document.title, *(text for block in document.front for text in _texts(block))]
    for section in document.sections:
        if texts := [text for block in section.blocks for text in _texts(block)]:
            parts += [f"{section.title}\n{'─' * len(section.title)}", *texts]
    return "\n\n".join(parts) + "\n"


def _texts(block: Block) -> list[str]:
    match block:
        case NoticeBox():
            return [_wrapped(f"! {block.text}", indent="  ")]
        case Paragraph():
            return [_wrapped(block.text)]
        case PlacedTable():
            return [_grid(block.table), *([_wrapped(block.table.note)] if block.table.note else [])]
    return []


def _grid(table: Table) -> str:
    """The table within `TERMINAL_WIDTH`, or wider where its numbers and words are; no number is broken into lines."""
    has_lines = any(isinstance(cell, Stacked) for row in table.rows for cell in row)
    grid = Grid(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 0, 0, 1), show_lines=has_lines)
    needed = 0
    for number, column in enumerate(table.columns):
        is_number = column.align == "number"
        head = textwrap.fill(column.head, HEAD_WIDTH) if is_number else column.head
        texts = [head, *(str(row[number]) for row in table.rows)]
        pieces = [piece for text in texts for piece in (text.splitlines() if is_number else text.split())]
        longest = max(map(len, pieces), default=0)
        needed += COLUMN_GAP + (longest if is_number else min(longest, LONGEST_WORD))
        grid.add_column(head, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    for row in table.rows:
        grid.add_row(*(Text(str(cell)) for cell in row))
    console = Console(width=max(TERMINAL_WIDTH, needed), color_system=None, force_terminal=False)
    with console.capture() as captured:
        console.print(grid)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, TERMINAL_WIDTH, subsequent_indent=indent, break_on_hyphens=False)
