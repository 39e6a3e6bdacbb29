"""A table as HTML, PDF and Markdown know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from markupsafe import Markup, escape

from transfer_report.layout import HERE
from transfer_report.records.analysis import Estimate, ReportedResult
from transfer_report.wording.printer import Printed
from transfer_report.wording.wording import Wording

Align = Literal["text", "number"]


@dataclass(frozen=True)
class Stacked:
    """A cell of several texts, each below the one before; the first is the most important."""

    lines: tuple[str | Printed, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.lines))

    def __html__(self) -> str:
        first, *others = self.lines
        return escape(first) + Markup("").join(Markup('<span class="below">{}</span>').format(line) for line in others)


Cell = str | Printed | Stacked


@dataclass(frozen=True)
class Column:
    """One column: its head, and whether it holds numbers."""

    head: str
    align: Align


@dataclass(frozen=True)
class Table:
    """A table: `section` is the letter of its section, `number` its own where the homework gives it one."""

    id: str
    section: str
    caption: str
    columns: list[Column]
    rows: list[list[Cell]]
    number: str = ""
    note: str = ""
    about: list[list[str]] = field(default_factory=list)
    """Conditions that each row is about; empty where rows are about none."""
    inputs: tuple[Path, ...] = (HERE.analysis_file(),)
    """The files that it was made from, or the folders of such."""


def columns(wording: Wording, kind: str, aligned: Mapping[str, Align]) -> list[Column]:
    """Columns of a kind of table, headed as the wording file says."""
    return [Column(wording.text(f"tables.{kind}.columns.{name}"), align) for name, align in aligned.items()]


def interval(estimate: Estimate | ReportedResult, format: str, wording: Wording) -> str:  # noqa: A002  # its own word
    """The ends of an interval, or the sign of a missing value."""
    if estimate.low is None:
        return wording.printer.none
    printed = wording.printer.printed
    return wording.text("page.interval", low=printed(estimate.low, format), high=printed(estimate.high, format))


def with_interval(estimate: Estimate, format: str, wording: Wording) -> Stacked:  # noqa: A002  # as above
    """An estimate's value above its interval."""
    return Stacked((wording.printer.printed(estimate, format), interval(estimate, format, wording)))
