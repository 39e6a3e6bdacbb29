"""The report as Markdown, for a pull request: tables, findings and claims."""

import re
from pathlib import Path

from tabulate import tabulate

from transfer_report.report.context import Context
from transfer_report.report.tables.table import Table
from transfer_report.report.templates import TEMPLATES, fill


def render_markdown(context: Context, folder: Path = TEMPLATES) -> str:
    """The report in short: what was found and its tables; those that few readers need are folded or left out."""
    text = fill(context, "report.md.j2", folder, grid=markdown_grid, escaped=escaped)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


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
    """Text whose signs Markdown would take for tags, links or cells, made plain."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|").replace("](", "]\\(")
