"""References from a BibTeX file: those that the text cites, in the order in which it does."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup
from pybtex.database import BibliographyData, parse_string
from pybtex.exceptions import PybtexError
from pybtex.plugin import find_plugin
from pybtex.style.template import FieldIsMissing

from transfer_report.errors import UserError, did_you_mean

LINK = re.compile(r'href="([^"]*)"')


@dataclass(frozen=True)
class Reference:
    """One entry of the list."""

    key: str
    number: int
    html: Markup
    text: str


def read_bibliography(path: Path) -> BibliographyData:
    """The entries of a `.bib` file.

    Raises:
        UserError: no such file, or not BibTeX.
    """
    try:
        return parse_string(path.read_text(encoding="utf-8"), "bibtex")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; the report takes its references from it") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    except RecursionError:
        raise UserError(f"{path}: braces stand within each other too often to be read") from None
    except PybtexError as error:
        raise UserError(f"{path}: not valid BibTeX: {error}") from None


@dataclass
class Citations:
    """Numbers the entries as they are cited."""

    bibliography: BibliographyData
    markup: bool
    cited: list[str] = field(default_factory=list)

    def cite(self, key: str) -> str:
        """The number of an entry in brackets, as a link; plain in Markdown.

        Raises:
            UserError: the bibliography has no such entry.
        """
        if key not in self.bibliography.entries:
            raise UserError(f"references: no entry {key!r}; {did_you_mean(key, self.bibliography.entries)}")
        if key not in self.cited:
            self.cited.append(key)
        number = self.cited.index(key) + 1
        if not self.markup:
            return f"[{number}]"
        return Markup('<a class="cite" href="#ref-{}">[{}]</a>').format(key, number)

    def references(self) -> list[Reference]:
        """The cited entries, formatted.

        Raises:
            UserError: an entry is of an unknown kind, lacks a field, has LaTeX that cannot be read, or links to
                something that is not https.
        """
        style = find_plugin("pybtex.style.formatting", "unsrt")()
        html, text = (find_plugin("pybtex.backends", name)() for name in ("html", "plaintext"))
        for key in self.cited:
            kind = self.bibliography.entries[key].type
            if not hasattr(style, f"get_{kind}_template"):
                raise UserError(f"references: entry {key!r}: unknown kind @{kind}; @misc takes any")
        try:
            entries = list(style.format_entries([self.bibliography.entries[key] for key in self.cited]))
        except (FieldIsMissing, PybtexError) as error:
            raise UserError(f"references: {error}") from None
        except UnicodeDecodeError as error:  # of pybtex's decoder of LaTeX
            where = error.object.decode(errors="replace")[:60]
            raise UserError(f"references: LaTeX that cannot be read: {error.reason} in {where!r}") from None
        found = []
        for number, entry in enumerate(entries, start=1):
            rendered = " ".join(entry.text.render(html).split())
            for link in LINK.findall(rendered):
                if not link.startswith("https://"):
                    raise UserError(f"references: entry {entry.key!r}: only https links are allowed, not {link!r}")
            plain = " ".join(entry.text.render(text).split())
            # pybtex escapes what stands in an entry; the links were looked at above.
            found.append(Reference(entry.key, number, Markup(rendered), plain))  # noqa: S704
        return found
