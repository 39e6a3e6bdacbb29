"""Where a command's page goes: the terminal, a Markdown file, an HTML file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from transfer_report.errors import UserError
from transfer_report.files import write_text
from transfer_report.report.document import Document
from transfer_report.report.html import html_page
from transfer_report.report.markdown import markdown_text
from transfer_report.report.terminal import terminal_text
from transfer_report.wording.printer import Printer
from transfer_report.wording.wording import Wording

PRINTED = "-"


def write_page(page: Document, texts: Mapping[str, Any], markdown: str | None, html: Path | None) -> None:
    """Write the files that were asked for, and print the page: as Markdown where that is to be printed.

    Raises:
        UserError: a file cannot be written where it was asked for.
    """
    if markdown == PRINTED:
        typer.echo(markdown_text(page, level=2), nl=False)
    else:
        typer.echo(terminal_text(page), nl=False)
        if markdown:
            _write(Path(markdown), markdown_text(page, level=2))
    if html:
        _write(html, html_page(page, Wording(texts, Printer())))


def _write(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}; name another file") from None
