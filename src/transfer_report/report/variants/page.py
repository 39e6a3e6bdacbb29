"""A page of text, tables and figures, set for the terminal, as Markdown and as one HTML file."""

import textwrap
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from transfer_report.figures.drawing import Drawing, Picture
from transfer_report.figures.svg import to_svg
from transfer_report.report.html import content_policy, embedded_json, font_data, font_faces
from transfer_report.report.inline_svg import inline_svg
from transfer_report.report.markdown import escaped, markdown_grid
from transfer_report.report.tables.table import Stacked, Table
from transfer_report.report.templates import TEMPLATES, fill_with, style
from transfer_report.wording.wording import Wording

TERMINAL_WIDTH = 100
HEAD_WIDTH = 10
"""Of a column of numbers."""
LONGEST_WORD = 40
"""A longer one, such as a path, is broken."""
COLUMN_GAP = 2


@dataclass(frozen=True)
class PageSheet:
    """Small pictures side by side, in HTML alone."""

    title: str
    pictures: list[Picture]


@dataclass(frozen=True)
class Plot:
    """A drawing with its caption, in HTML alone."""

    drawing: Drawing
    caption: str


@dataclass(frozen=True)
class Block:
    """One part of a page."""

    id: str
    title: str
    texts: list[str] = field(default_factory=list)
    table: Table | None = None
    sheets: list[PageSheet] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)

    @property
    def plain(self) -> bool:
        """True if there is something for a reader without pictures."""
        return bool(self.texts or self.table)


@dataclass(frozen=True)
class Page:
    """A whole page; its texts are plain."""

    kicker: str
    title: str
    description: str
    colophon: str
    notices: list[str]
    """Warnings that a reader needs first."""
    lead: list[str]
    blocks: list[Block]


def terminal_text(page: Page) -> str:
    """The page for a terminal: tables as wide as they are, text in lines of `TERMINAL_WIDTH`."""
    parts = [page.title, *(_wrapped(f"! {text}") for text in page.notices), *map(_wrapped, page.lead)]
    for block in page.blocks:
        if block.plain:
            parts.append(f"{block.title}\n{'─' * len(block.title)}")
            parts += map(_wrapped, block.texts)
            if block.table:
                parts.append(_terminal_grid(block.table))
                if block.table.note:
                    parts.append(_wrapped(block.table.note))
    return "\n\n".join(parts) + "\n"


def markdown_text(page: Page) -> str:
    """The page as Markdown, for a pull request."""
    parts = [f"## {escaped(page.title)}", *(f"> **Note:** {escaped(text)}" for text in page.notices)]
    parts += map(escaped, page.lead)
    for block in page.blocks:
        if block.plain:
            parts += [f"### {escaped(block.title)}", *map(escaped, block.texts)]
            if block.table:
                parts += [markdown_grid(block.table), escaped(block.table.note)]
    return "\n\n".join(filter(None, parts)) + "\n"


def html_text(page: Page, wording: Wording, folder: Path = TEMPLATES) -> str:
    """The page as one HTML file in the report's look, which needs no network and lets nothing else in."""
    css = font_faces(font_data) + style(folder, "common", "screen", "variants")
    script = (folder / "report.js").read_text(encoding="utf-8")
    variables = {
        "page": page,
        "t": wording.text,
        "css": Markup(css),  # noqa: S704  # the project's own files
        "script": Markup(script),  # noqa: S704
        "policy": content_policy(css, script),
        "panels": _panels(page, wording),
        "inline": _inline,
        "address": lambda picture: f"data:image/png;base64,{b64encode(picture.png).decode()}",
    }
    return fill_with(variables, "variants.html.j2", folder)


def _inline(plot: Plot) -> Markup:
    return inline_svg(to_svg(plot.drawing.figure), plot.drawing.id, plot.caption, plot.drawing.alt)


def _panels(page: Page, wording: Wording) -> Markup:
    """Return the values for the script."""
    figures = {
        plot.drawing.id: {
            "width": float(plot.drawing.figure.get_size_inches()[0]) * 72,
            "help": wording.text("page.readout_help", title=plot.caption),
            "step": wording.text("page.readout_step"),
            "panels": [panel.model_dump() for panel in plot.drawing.panels],
        }
        for block in page.blocks
        for plot in block.plots
    }
    return embedded_json(figures)


def _terminal_grid(table: Table) -> str:
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


def _wrapped(text: str) -> str:
    return textwrap.fill(
        text, TERMINAL_WIDTH, subsequent_indent="  " if text.startswith("! ") else "", break_on_hyphens=False
    )
