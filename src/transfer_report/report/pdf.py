"""The report as PDF: tagged, by WeasyPrint, from nothing but its own parts."""

import gc
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transfer_report.errors import UserError, first_line
from transfer_report.fonts import FACES, FONTS, Face, font_path
from transfer_report.report.contents import report_document
from transfer_report.report.context import Context
from transfer_report.report.floats import floating
from transfer_report.report.html import TEMPLATES, filled_page, style
from transfer_report.report.paper_svg import for_paper, whole_texts
from transfer_report.report.pdf_finish import finished_pdf
from transfer_report.report.tables.widths import column_widths

_DATA = re.compile(r"</?data\b[^>]*>")
VARIANT = "pdf/a-2a"
SYSTEM_LIBRARIES = "apt-get install -y --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0"


def render_pdf(context: Context, folder: Path = TEMPLATES) -> bytes:
    """The report as PDF/A-2a and PDF/UA-1; the same bytes each time.

    Raises:
        UserError: WeasyPrint's system libraries are missing, or it warns of anything.
    """
    html = print_source(context, folder)
    parts = _parts(context.study.files)
    weasyprint = load_weasyprint()
    fetcher = own_parts_only(parts)
    warnings = _Warnings()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(warnings)
    try:
        with _no_garbage_collection(), floating(), whole_texts():
            page = weasyprint.HTML(string=html, base_url="report:", url_fetcher=fetcher)
            pdf = finished_pdf(page.render(pdf_variant=VARIANT), pdf_variant=VARIANT)
    except weasyprint.urls.FatalURLFetchingError as error:
        raise UserError(f"the PDF cannot be set: {error}") from None
    finally:
        logger.removeHandler(warnings)
    if missing := list(dict.fromkeys(sign[1] for text in warnings.found if (sign := NO_GLYPH.search(text)))):
        raise UserError(
            f"the PDF cannot be set: no typeface of this machine has {', '.join(missing)}; install one (for Chinese, "
            "Japanese and Korean on Debian: apt-get install fonts-noto-cjk), or write the text in other letters; "
            "`report` in params.yaml, notes, claims and names of classes are where such signs come from"
        )
    if warnings.found:
        raise UserError("the PDF cannot be set without a fault:\n" + "\n".join(dict.fromkeys(warnings.found)))
    return pdf


def print_source(context: Context, folder: Path = TEMPLATES) -> str:
    """The page that WeasyPrint sets, with its style."""
    page = filled_page(
        report_document(context),
        context.wording,
        folder,
        target="pdf",
        css=style(folder, lambda face: f"report:{face.file}.ttf", "common", "print"),
        address=lambda name: f"report:{name}",
        column_widths=column_widths,
    )
    # Where a number came from cannot be seen on paper, and each element inside a line costs time to set.
    return _DATA.sub("", page)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Setting makes some millions of objects that all stay: looking for cycles among them takes a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _parts(files: Mapping[str, bytes]) -> dict[str, tuple[bytes, str]]:
    """Every part of the report by its address, with its type."""
    types = {".svg": "image/svg+xml", ".png": "image/png"}
    parts = {
        f"report:{name}": (for_paper(content) if name.endswith(".svg") else content, types[Path(name).suffix])
        for name, content in files.items()
        if Path(name).suffix in types
    }
    return parts | {f"report:{face.file}.ttf": _typeface(face) for face in FACES}


def _typeface(face: Face) -> tuple[bytes, str]:
    return font_path(face, "ttf").read_bytes(), "font/ttf"


def load_weasyprint() -> Any:  # a module
    """Import WeasyPrint with the report's own fonts before the machine's.

    Late, since it loads system libraries that HTML and Markdown do without.
    """
    # Fontconfig reads this once, when the libraries load.
    os.environ["FONTCONFIG_FILE"] = str(FONTS / "fonts.conf")
    try:
        import weasyprint
    except OSError as error:
        raise UserError(
            f"the PDF needs system libraries that are missing ({first_line(error)}); on Debian and Ubuntu:\n"
            f"    {SYSTEM_LIBRARIES}"
        ) from None
    return weasyprint


def own_parts_only(parts: Mapping[str, tuple[bytes, str]]) -> Any:
    """A fetcher that serves the report's parts from memory and refuses every other address."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class OwnPartsOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint carries no types
        def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ARG002  # as the base class has it
            if url not in parts:
                raise FatalURLFetchingError(f"not a part of the report: {url}")
            content, kind = parts[url]
            return URLFetcherResponse(url, content, {"Content-Type": kind})

    return OwnPartsOnly()


NO_GLYPH = re.compile(r'\.notdef glyph .*: ("." \(U\+[0-9A-F]+\))')
"""How WeasyPrint tells a character that no typeface has: `"王" (U+738B)`."""


class _Warnings(logging.Handler):
    """Keeps what WeasyPrint warns of: a report with a fault is not written."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())
