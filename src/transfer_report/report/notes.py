"""The author's own notes: Markdown of `report/notes/<section>.md`, numbers of the study put in by their address."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, get_args
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from transfer_report.before_rename import new_section
from transfer_report.conditions import STRATEGIES
from transfer_report.errors import UserError, did_you_mean
from transfer_report.records.analysis import (
    ClaimResult,
    Comparison,
    CurveComparison,
    Drop,
    LevelTest,
    ReportedResult,
    ShiftTest,
    Subgroup,
    Value,
)
from transfer_report.report.study import Study
from transfer_report.wording.printer import Printed, Printer

NOTES_FOLDER = Path("report/notes")
ALLOWED_LINKS = ("https://", "mailto:", "#")
PLACES = ("summary", "models", "images", *STRATEGIES, "comparison", "test", "claims", "making")

RELIANCE = re.compile(r"\{\{\s*([^\s{}|]+)\s+is\s+([^\s{}|]+)\s*\}\}")
"""A verdict that a note relies on; prints nothing."""
GAP = re.compile(r"\{\{\s*([^\s{}|]+)\s*(?:\|\s*(\w+)\s*)?\}\}")
BROKEN_GAP = re.compile(r"\{\{[^\n]{0,40}|[^\n{]{0,40}\}\}")
TYPED_NUMBER = re.compile(r"(?<![\w.])[+−-]?\d+(?:[.,]\d+)*")
NO_NUMBER = re.compile(r"\]\([^)]*\)|<[^>]*>|^\s*\d+[.)]\s", re.MULTILINE)
"""Digits that say no result: in addresses, and before the items of a list."""
_CODE = re.compile(r"(^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\2|\Z)|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
"""Blocks and words of code, which are set as they stand."""
_TAG = re.compile(r"<(?=[A-Za-z/!?])(?!https://|mailto:|[^\s<>]+@)")
HEADING = re.compile(r"^((?:[ >]|[-*+] |\d+[.)] )*)(?=#{1,6}(?:\s|$)|(?:=+|-+) *$)|(?=!\[)", re.MULTILINE)
"""Before headings of both kinds, also within quotations and lists, and before images."""
MARK = "\ue000{}\ue001"
"""Stands for a value while Markdown is parsed: characters of the private use area, which no text has."""

DEFAULT_FORMATS = (
    (r"p_value|p_adjusted|equivalence_p", "p_value"),
    (r"comparisons\..*\.(accuracy|auroc)\.difference\.(value|low|high)", "signed_points"),
    (r"(drops|reported)\..*\.difference\.(value|low|high)", "signed_points"),
    (r"curves\..*\.gap\.estimate\.(value|low|high)|facts\.margin", "points"),
    (
        r"estimates\..*\.(accuracy|balanced_accuracy|sensitivity|specificity|calibration_error)\.(value|low|high)",
        "percent",
    ),
    (r"reported\..*\.(accuracy|low|high)|facts\.confidence", "percent_exact"),
    (r"models\.[^.]+", "model"),
    (r"conditions\.[^.]+", "condition"),
)
"""How a value is printed where the note does not say: the first pattern that its address ends with."""


VERDICTS = sorted(
    {
        verdict
        for record in (ClaimResult, Comparison, CurveComparison, Drop, LevelTest, ReportedResult, ShiftTest, Subgroup)
        for verdict in get_args(record.model_fields["verdict"].annotation)
    }
)
"""All that a verdict can be."""


class Contradiction(NamedTuple):
    """A verdict that a note relies on, and what it is instead."""

    address: str
    expected: str
    found: str


class _Parser(MarkdownIt):
    """A Markdown parser that lets few kinds of links through."""

    def validateLink(self, url: str) -> bool:  # noqa: N802  # the library's name
        return url.startswith(ALLOWED_LINKS)


def read_notes(folder: Path = NOTES_FOLDER) -> dict[str, str]:
    """The author's Markdown by section; empty where there is none.

    Raises:
        UserError: a file is not UTF-8 text.
    """
    notes = {}
    for file in sorted(folder.glob("*.md")):
        if file.stem != "README":
            try:
                notes[file.stem] = file.read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                raise UserError(f"{file}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    return notes


def check_places(notes: Iterable[str], study: Study) -> None:
    """Refuse notes that no section would show; a draft may have the section later.

    Raises:
        UserError: naming the file and the sections there are.
    """
    tables = [f"{table.strategy}-{table.model}" for table in study.analysis.tables]
    for section in notes:
        if section not in PLACES and section not in tables and study.draft is None:
            renamed = new_section(section)
            hint = f"renamed to {renamed!r}" if renamed != section else did_you_mean(section, [*PLACES, *tables])
            raise UserError(f"{NOTES_FOLDER / section}.md: the report has no section {section!r}; {hint}")


def typed_numbers(text: str) -> list[str]:
    """The numbers that the author typed, and which therefore do not follow the study."""
    return TYPED_NUMBER.findall(NO_NUMBER.sub(" ", GAP.sub(" ", RELIANCE.sub(" ", text))))


def contradictions(study: Study) -> dict[str, list[Contradiction]]:
    """By section, the verdicts that its note relies on and this study does not have; a draft may lack them yet.

    Raises:
        UserError: a note relies on what is no verdict of the study, or expects what no verdict is.
    """
    found: dict[str, list[Contradiction]] = {}
    for section, text in study.notes.items():
        for part, code in _parts(text):
            for reliance in () if code else RELIANCE.finditer(part):
                address, expected = reliance.groups()
                verdict = _verdict(study, section, reliance[0], address, expected)
                if verdict not in (None, expected):
                    found.setdefault(section, []).append(Contradiction(address, expected, str(verdict)))
    return found


def refuse_contradictions(study: Study) -> None:
    """Refuse notes that rely on verdicts which the study does not have.

    Raises:
        UserError: naming the first file, and each verdict with what it is.
    """
    for section, members in contradictions(study).items():
        parts = (f"{one.address} is {one.found}, not {one.expected}" for one in members)
        raise UserError(
            f"{NOTES_FOLDER / section}.md: contradicted by this study: {'; '.join(parts)}; correct the note, or set "
            "`report.strict: false` in params.yaml to have the report mark it"
        )


def _verdict(study: Study, section: str, gap: str, address: str, expected: str) -> str | None:
    """Return the verdict that a note relies on; None where a draft has not decided it."""
    where = f"{NOTES_FOLDER / section}.md: {gap}"
    if expected not in VERDICTS:
        raise UserError(f"{where}: no verdict is {expected!r}; {did_you_mean(expected, VERDICTS)}")
    if address not in study.leaves and study.draft is not None:
        return None
    try:
        found = study.value(address, "text").value
    except UserError as error:
        raise UserError(f"{where}: {error}") from None
    if found not in VERDICTS:
        raise UserError(
            f"{where}: {address} is no verdict; take the address of one, such as `claim.B1`, or one that ends in "
            "`.verdict`"
        )
    return str(found)


def notes_markup(study: Study, printer: Printer, not_yet: str = "") -> dict[str, Markup]:
    """Each note as HTML: CommonMark and tables, no raw HTML, no images, links to https, mailto and this page only.

    Args:
        study: whose values are put in.
        printer: prints them.
        not_yet: stands, in a draft, for a value that there is not.

    Raises:
        UserError: a gap names no value of the study, or a format that does not print it, or stands in a link.
    """
    parser = _Parser("commonmark", {"html": False}).enable("table").disable(["image", "heading", "lheading"])
    found = {}
    for section, text in study.notes.items():
        marked, values = _with_marks(section, text, study, printer, not_yet)
        tokens = parser.parse(marked)
        if any(map(_has_hidden_mark, tokens)):
            raise UserError(
                f"{NOTES_FOLDER / section}.md: {{{{ … }}}} stands in a link's address or title, or behind the ``` of a "
                "block; put it into the text"
            )
        html = parser.renderer.render(tokens, parser.options, {})
        for index, value in enumerate(values):
            html = html.replace(MARK.format(index), value.__html__())
        # The parser escapes what is no Markdown, raw HTML is off, and a value escapes itself.
        found[section] = Markup(html)  # noqa: S704
    return found


def _has_hidden_mark(token: Token) -> bool:
    """Return whether a mark stands in an attribute of HTML, where no element can be put."""
    attributes = [unquote(str(value)) for value in token.attrs.values()]
    return any(MARK[0] in text for text in (token.info, *attributes)) or any(
        map(_has_hidden_mark, token.children or [])
    )


def notes_text(study: Study, printer: Printer, not_yet: str = "") -> dict[str, str]:
    """Each note as Markdown, its gaps filled, as in `notes_markup`: headings, images and raw HTML are plain text."""
    found = {}
    for section, text in study.notes.items():
        marked, values = _with_marks(section, text, study, printer, not_yet)
        for index, value in enumerate(values):
            marked = marked.replace(MARK.format(index), str(value))
        found[section] = "".join(
            part if code else HEADING.sub(r"\1\\", _TAG.sub("&lt;", part)) for part, code in _parts(marked)
        )
    return found


def _with_marks(section: str, text: str, study: Study, printer: Printer, not_yet: str) -> tuple[str, list[Printed]]:
    """The text with a mark in each gap, and the printed values that belong there."""
    values: list[Printed] = []

    def mark(gap: re.Match[str]) -> str:
        try:
            values.append(printer.value(_value(study, gap[1], gap[2])))
        except UserError as error:
            if study.draft is None:
                raise UserError(f"{NOTES_FOLDER / section}.md: {gap[0]}: {error}") from None
            values.append(Printed(not_yet))
        return MARK.format(len(values) - 1)

    text = "".join(part if code else RELIANCE.sub("", part) for part, code in _parts(text))
    marked = GAP.sub(mark, text.replace("\ue000", "").replace("\ue001", ""))
    if broken := BROKEN_GAP.search(" ".join(part for part, code in _parts(marked) if not code)):
        raise UserError(
            f"{NOTES_FOLDER / section}.md: {broken[0].strip()!r} is no number of the study; "
            "write {{ and }} around one address, or ` around code"
        )
    return marked, values


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """A text piece by piece, each with whether it is code."""
    end = 0
    for code in _CODE.finditer(text):
        yield text[end : code.start()], False
        yield code[0], True
        end = code.end()
    yield text[end:], False


def _value(study: Study, address: str, format: str | None) -> Value:  # noqa: A002  # as in the record
    return study.value(address, format or _default_format(address, study.leaves.get(address)))


def _default_format(address: str, value: float | int | str | None) -> str:
    for pattern, name in DEFAULT_FORMATS:
        if re.search(rf"(^|\.)({pattern})$", address):
            return name
    if isinstance(value, str):
        return "text"
    return "count" if isinstance(value, int) else "decimal3"


def typed_in(notes: Mapping[str, str]) -> dict[str, list[str]]:
    """By section, the numbers that the author typed, where there are any."""
    return {section: found for section, text in notes.items() if (found := typed_numbers(text))}
