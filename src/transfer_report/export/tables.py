"""Tables as CSV and as LaTeX (booktabs), from cells as they are printed."""

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

from transfer_report.export.latex import latex_text
from transfer_report.report.tables.table import Align


class ExportedTable(NamedTuple):
    """A table as printed texts."""

    id: str
    caption: str
    columns: list[str]
    """Heads."""
    aligned: list[Align]
    """Per column."""
    widths: list[float]
    """Per cent of the text block, per column."""
    rows: list[list[str]]
    """Cells; what stands below the first line of one follows after a line break."""


def to_csv(table: ExportedTable) -> str:
    """A table as CSV, each cell in one line: what stands below is in parentheses."""
    text = io.StringIO()
    rows = [[_one_line(cell) for cell in row] for row in table.rows]
    csv.writer(text, lineterminator="\n").writerows([table.columns, *rows])
    return text.getvalue()


def to_latex(table: ExportedTable) -> str:
    r"""A table for `\input`, as wide as a line, with the rules of booktabs and the columns of array.

    Raises:
        ValueError: a row of another length.
    """
    label = table.id.replace("tab-", "tab:", 1)
    if any(len(row) != len(table.columns) for row in table.rows):
        raise ValueError(f"{label}: a row has more or fewer cells than the {len(table.columns)} columns")
    columns = [_column(align, width) for align, width in zip(table.aligned, table.widths, strict=True)]
    return "\n".join(
        [
            r"% Needs \usepackage{array,booktabs}.",
            r"\begin{table}",
            r"\centering\scriptsize\setlength{\tabcolsep}{2pt}",
            rf"\caption{{{latex_text(table.caption)}}}",
            rf"\label{{{label}}}",
            r"\begin{tabular}{",
            *columns,
            "}",
            r"\toprule",
            _row(table.columns),
            r"\midrule",
            *map(_row, table.rows),
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _column(align: Align, width: float) -> str:
    ragged = "raggedleft" if align == "number" else "raggedright"
    return rf">{{\{ragged}\arraybackslash}}p{{\dimexpr {width / 100:.4f}\linewidth-2\tabcolsep\relax}}"


def _row(cells: Sequence[str]) -> str:
    return rf"{' & '.join(map(_cell, cells))} \\"


def _cell(text: str) -> str:
    return r"\newline ".join(map(latex_text, text.splitlines()))


def _one_line(text: str) -> str:
    first, *below = text.splitlines() or [""]
    return f"{first} ({'; '.join(below)})" if below else first
