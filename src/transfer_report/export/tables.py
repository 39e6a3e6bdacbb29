"""Tables as CSV and as LaTeX (booktabs), from cells as they are printed."""

import csv
import io
from collections.abc import Sequence

from transfer_report.export.latex import latex_text


def to_csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return text.getvalue()


def to_latex(columns: Sequence[str], rows: Sequence[Sequence[str]], caption: str, label: str) -> str:
    r"""A table for `\input`, with the rules of booktabs; the first column is left, all others right.

    Args:
        columns: Heads.
        rows: Cells; each row has one for each column.
        caption: Above the table.
        label: For `\ref`.

    Raises:
        ValueError: a row of another length.
    """
    if any(len(row) != len(columns) for row in rows):
        raise ValueError(f"{label}: a row has more or fewer cells than the {len(columns)} columns")
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{latex_text(caption)}}}",
            rf"\label{{{label}}}",
            rf"\begin{{tabular}}{{l{'r' * (len(columns) - 1)}}}",
            r"\toprule",
            _row(columns),
            r"\midrule",
            *map(_row, rows),
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _row(cells: Sequence[str]) -> str:
    return rf"{' & '.join(map(latex_text, cells))} \\"
