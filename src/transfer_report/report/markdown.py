"""A document as Markdown, for a pull request: texts and tables, no figures."""

import html
import re
from collections.abc import Iterable

from tabulate import tabulate

from transfer_report.report.contents import report_document
from transfer_report.report.context import Context
from transfer_report.report.document import (
    AuthorNote,
    Block,
    Bullets,
    Document,
    Heading,
    ListItem,
    NoticeBox,
    Paragraph,
    PlacedTable,
    References,
    Section,
)
from transfer_report.report.tables.table import Table

SIGNS = re.compile(r"<(?=[A-Za-z/!?])|&(?=\w+;|#)|\||\]\(")
ESCAPES = {"<": "&lt;", "&": "&amp;", "|": "\\|", "](": "]\\("}


def render_markdown(context: Context) -> str:
    """Return the report in short: what was found and its tables; those that few readers need are folded or left out."""
    return markdown_text(report_document(context))


def markdown_text(document: Document, level: int = 1) -> str:
    """Return a document as Markdown, its title as a heading of this level."""
    parts = [f"{'#' * level} {escaped(document.title)}", *_texts(document.front, level)]
    for section in document.sections:
        parts += _section(section, level + 1)
    return "\n\n".join(filter(None, parts)) + "\n"


def _section(section: Section, level: int) -> list[str]:
    """Return heading and blocks; nothing where no block is a text or table."""
    title = " ".join(filter(None, (section.letter, section.title)))
    texts = list(filter(None, _texts(section.blocks, level)))
    if section.folded:
        return _folded(title, *texts) if texts else []
    return [f"{'#' * level} {escaped(title)}", *texts] if texts else []


def _texts(blocks: Iterable[Block], level: int) -> list[str]:
    """Return blocks within a section or document whose heading is of a level."""
    texts: list[str] = []
    for block in blocks:
        match block:
            case Heading():
                texts.append(f"{'#' * (level + 1)} {escaped(block.text)}")
            case Paragraph():
                texts.append(escaped(block.text))
            case NoticeBox():
                texts.append(f"> {escaped(block.text)}")
            case Bullets():
                texts.append("\n".join(map(_item, block.items)))
            case References():
                texts.append("\n".join(f"{one.number}. {escaped(one.text)}" for one in block.entries))
            case PlacedTable():
                texts += _table(block)
            case AuthorNote():
                warnings = (f"> {escaped(text)}" for text in block.contradicted)
                texts += [f"**{escaped(block.label)}.**", *warnings, block.body.strip(), escaped(block.typed)]
            case Section():
                texts += _texts(block.blocks, level)
    return texts


def _item(item: ListItem) -> str:
    details = (f"{name}: {text}" for name, text in item.details)
    return f"- **{escaped(item.label)}** {escaped(' '.join(filter(None, (item.text, *details))))}"


def _table(placed: PlacedTable) -> list[str]:
    table = placed.table
    parts = [markdown_grid(table), escaped(table.note)]
    if placed.folded:
        return _folded(f"{placed.label}. {table.caption}", *parts)
    return [f"**{placed.label}.** {escaped(table.caption)}" if placed.label else "", *parts]


def _folded(summary: str, *parts: str) -> list[str]:
    return [f"<details><summary>{html.escape(summary, quote=False)}</summary>", *parts, "</details>"]


def markdown_grid(table: Table) -> str:
    """A table's head and rows in GitHub's form, cells as wide as their text: a comment there has 65,536 characters."""
    head, rule, *rows = tabulate(
        [[escaped(str(cell)).replace("\n", "<br>") for cell in row] for row in table.rows],
        headers=[escaped(column.head) for column in table.columns],
        tablefmt="pipe",
        colalign=["right" if column.align == "number" else "left" for column in table.columns],
        disable_numparse=True,
    ).splitlines()
    return "\n".join([_narrow(head), re.sub(r"-+", "---", rule), *map(_narrow, rows)])


def _narrow(row: str) -> str:
    return re.sub(r"(?<=\|) +| +(?=\|)", " ", row)


def escaped(text: str) -> str:
    """Text whose signs Markdown would take for tags, entities, links or cells, made plain."""
    return SIGNS.sub(lambda sign: ESCAPES[sign[0]], text)
