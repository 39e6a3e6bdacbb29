"""The author's own notes: Markdown of `report/notes/<section>.md`, made safe for the page."""

from collections.abc import Mapping
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

NOTES_FOLDER = Path("report/notes")
ALLOWED_LINKS = ("https://", "mailto:", "#")


class _Parser(MarkdownIt):
    """A Markdown parser that lets few kinds of links through."""

    def validateLink(self, url: str) -> bool:  # noqa: N802  # the library's name
        return url.startswith(ALLOWED_LINKS)


def read_notes(folder: Path = NOTES_FOLDER) -> dict[str, str]:
    """The author's Markdown by section; empty where there is none."""
    return {
        file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.md")) if file.stem != "README"
    }


def notes_markup(notes: Mapping[str, str]) -> dict[str, Markup]:
    """Each note as HTML: CommonMark and tables, no raw HTML, no images, links to https, mailto and this page only."""
    parser = _Parser("commonmark", {"html": False}).enable("table").disable(["image", "heading", "lheading"])
    # The parser escapes what is no Markdown, and raw HTML is off.
    return {section: Markup(parser.render(text)) for section, text in notes.items()}  # noqa: S704
