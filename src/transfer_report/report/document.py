"""The document that the report and the pages about variants are, for `html`, `markdown` and `terminal` to write."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from transfer_report.records.figures import FigureRecord
from transfer_report.report.bibliography import Reference
from transfer_report.report.passages import Definition
from transfer_report.report.tables.table import Table

Target = Literal["html", "pdf", "markdown"]
ALL: tuple[Target, ...] = ("html", "pdf", "markdown")
PAGES: tuple[Target, ...] = ("html", "pdf")


@dataclass(frozen=True, kw_only=True)
class Block:
    """Part of a section; the macro of its class's name in `blocks.html.j2` sets it."""

    forms: tuple[Target, ...] = ALL
    """Forms of the report that have it."""
    folded: bool = False
    """Markdown folds it."""

    @property
    def kind(self) -> str:
        """Name of the macro."""
        return type(self).__name__


@dataclass(frozen=True)
class Heading(Block):
    """Heading within a section; with an id, a link can lead to it."""

    text: str
    id: str = ""


@dataclass(frozen=True)
class Paragraph(Block):
    """Paragraph, of a class, or more of the one before it."""

    text: str
    role: str = ""
    continues: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class NoticeBox(Block):
    """Warning that limits conclusions."""

    text: str


class ListItem(NamedTuple):
    """ListItem of a list: a label, a text, and named details."""

    label: str
    text: str = ""
    details: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Bullets(Block):
    """List of labelled items, of a class."""

    items: Sequence[ListItem]
    role: str = ""


@dataclass(frozen=True)
class Definitions(Block):
    """Terms with their definitions."""

    terms: Sequence[Definition]


@dataclass(frozen=True)
class References(Block):
    """What was cited."""

    entries: Sequence[Reference]


@dataclass(frozen=True)
class PlacedTable(Block):
    """Table at its place, with its source; without a label, the heading of its id names it."""

    table: Table
    label: str = ""
    made_of: str = ""


@dataclass(frozen=True)
class PlacedFigure(Block):
    """Figure at its place, with its source; Markdown and terminals have none."""

    record: FigureRecord
    id: str
    caption: str
    label: str = ""
    made_of: str = ""


@dataclass(frozen=True)
class AuthorNote(Block):
    """Note of the author as HTML or Markdown, with the warnings that it needs."""

    label: str
    body: str
    contradicted: Sequence[str] = ()
    typed: str = ""


@dataclass(frozen=True)
class Extra(Block):
    """What has a template of its own."""

    template: str


@dataclass(frozen=True)
class Section(Block):
    """Section of a document, or part of its appendix."""

    id: str
    title: str
    blocks: Sequence[Block] = ()
    letter: str = ""


@dataclass(frozen=True, kw_only=True)
class Document:
    """Whole document: what its head says, its first page, its sections."""

    title: str
    kicker: str
    description: str
    colophon: str
    front: Sequence[Block]
    sections: Sequence[Section]
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Drawings and pictures, by the names that its figures have for them."""
    summary: str = ""
    """Title of the first page."""
    institution: str = ""
    byline: str = ""
    author: str = ""
    date: str = ""
    keywords: str = ""
    mark: str = ""
    """Mark of a draft."""
    look: str = ""
    """Style sheet of its own, and class of the page."""

    def figures(self) -> Iterator[PlacedFigure]:
        """Yield all figures, in order."""
        yield from _figures((*self.front, *self.sections))


def _figures(blocks: Iterable[Block]) -> Iterator[PlacedFigure]:
    for block in blocks:
        if isinstance(block, PlacedFigure):
            yield block
        elif isinstance(block, Section):
            yield from _figures(block.blocks)
