"""The author's own notes: Markdown of `report/notes/<section>.md`, numbers of the study put in by their address."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup
from mdformat.renderer import MDRenderer, RenderContext, RenderTreeNode

from transfer_report.before_rename import new_section
from transfer_report.conditions import STRATEGIES
from transfer_report.errors import UserError, did_you_mean
from transfer_report.records.addresses import Leaf
from transfer_report.records.analysis import (
    ClaimResult,
    Comparison,
    CurveComparison,
    Drop,
    LevelTest,
    ReportedResult,
    ShiftTest,
    Subgroup,
)
from transfer_report.report.study import Study
from transfer_report.wording.printer import Printed, Printer

NOTES_FOLDER = Path("report/notes")
ALLOWED_LINKS = ("https://", "mailto:", "#")
PLACES = ("summary", "models", "images", *STRATEGIES, "comparison", "test", "claims", "making")

GAP = re.compile(r"\{\{\s*([^\s{}|]+)\s*(?:\\?\|\s*(\w+)\s*|\s+is\s+([^\s{}|]+)\s*)?\}\}")
"""The address of a value, with a format or with the verdict that the note relies on."""
BROKEN_GAP = re.compile(r"\{\{[^\n]{0,40}|\}\}")
TYPED_NUMBER = re.compile(r"(?<![\w.])[+−-]?\d+(?:[.,]\d+)*")

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
    """A Markdown parser that knows gaps, and lets few kinds of links through."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.enable("table").disable(["image", "heading", "lheading"])
        self.inline.ruler.before("escape", "gap", _gap)
        self.add_render_rule("value", _value_in_html)
        self.add_render_rule("reliance", lambda *_: "")

    def validateLink(self, url: str) -> bool:  # noqa: N802  # the library's name
        return url.startswith(ALLOWED_LINKS)


def _gap(state: StateInline, silent: bool) -> bool:
    """Read a gap, `{{ address }}`, as a token: a value to print, or a verdict that the note relies on.

    Raises:
        UserError: braces that are no gap.
    """
    found = GAP.match(state.src, state.pos)
    if found is None:
        if broken := BROKEN_GAP.match(state.src, state.pos):
            raise UserError(
                f"{state.env['file']}: {broken[0].strip()!r} is no number of the study; write {{{{ and }}}} around one "
                "address, or ` around code"
            )
        return False
    if not silent:
        address, format_, verdict = found.groups()
        token = state.push("reliance" if verdict else "value", "", 0)
        token.content = found[0]
        token.meta = {"address": address, "format": format_, "verdict": verdict}
    state.pos = found.end()
    return True


def _value_in_html(
    _renderer: RendererProtocol, tokens: Sequence[Token], index: int, _options: object, _env: object
) -> str:
    printed: Printed = tokens[index].meta["printed"]
    return printed.__html__()


def _parsed(section: str, text: str) -> list[Token]:
    """Return the tokens of a note.

    Raises:
        UserError: a gap that cannot be read, or that stands where no value can be put.
    """
    file = NOTES_FOLDER / f"{section}.md"
    tokens = _Parser().parse(text, {"file": file})
    for token in _flat(tokens):
        attributes = (unquote(str(value)) for value in token.attrs.values())
        if any("{{" in text for text in (token.info, *attributes)):
            raise UserError(
                f"{file}: {{{{ … }}}} stands in a link's address or title, or behind the ``` of a block; put it into "
                "the text"
            )
    return tokens


def _flat(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or ())


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
    texts = [token.content for token in _flat(_Parser().parse(text, {"file": ""})) if token.type == "text"]
    return [number for text in texts for number in TYPED_NUMBER.findall(text)]


def contradictions(study: Study) -> dict[str, list[Contradiction]]:
    """By section, the verdicts that its note relies on and this study does not have; a draft may lack them yet.

    Raises:
        UserError: a note relies on what is no verdict of the study, or expects what no verdict is.
    """
    found: dict[str, list[Contradiction]] = {}
    for section, text in study.notes.items():
        for token in _flat(_parsed(section, text)):
            if token.type == "reliance":
                address, expected = token.meta["address"], token.meta["verdict"]
                verdict = _verdict(study, section, token.content, address, expected)
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
    if address not in study.records.nodes and study.draft is not None:
        return None
    try:
        found = study.at(address)
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
    parser, filled = _Parser(), _filled(study, printer, not_yet)
    for token in _flat(one for tokens in filled.values() for one in tokens):
        if token.attrs.pop("style", "") == "text-align:right":  # the page's policy lets no style of elements in
            token.attrs["class"] = "n"
    # The parser escapes what is no Markdown, raw HTML is off, and a value escapes itself.
    return {
        section: Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704
        for section, tokens in filled.items()
    }


def notes_text(study: Study, printer: Printer, not_yet: str = "") -> dict[str, str]:
    """Each note as Markdown, its gaps filled, as in `notes_markup`: headings, images and raw HTML are plain text."""
    options = {"mdformat": {"number": True}, "parser_extension": [_Extension]}
    return {
        section: MDRenderer().render(tokens, options, {})
        for section, tokens in _filled(study, printer, not_yet).items()
    }


def _filled(study: Study, printer: Printer, not_yet: str) -> dict[str, list[Token]]:
    """Return the tokens of each note, its gaps with what is printed there."""
    notes = {section: _parsed(section, text) for section, text in study.notes.items()}
    for section, tokens in notes.items():
        for token in _flat(tokens):
            if token.type == "value":
                token.meta["printed"] = _printed(study, printer, not_yet, section, token)
    return notes


def _printed(study: Study, printer: Printer, not_yet: str, section: str, token: Token) -> Printed:
    try:
        value, address = study.at(token.meta["address"]), token.meta["address"]
        return printer.printed(value, token.meta["format"] or _default_format(address, value))
    except UserError as error:
        if study.draft is None:
            raise UserError(f"{NOTES_FOLDER / section}.md: {token.content}: {error}") from None
        return Printed(not_yet)


def _table_in_markdown(node: RenderTreeNode, context: RenderContext) -> str:
    rows = [[cell.render(context) for cell in row.children] for part in node.children for row in part.children]
    aligned = [str(cell.attrs.get("style", "")) for cell in node.children[0].children[0].children]
    rule = [{"text-align:right": "--:", "text-align:center": ":-:"}.get(style, "---") for style in aligned]
    return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], rule, *rows[1:]))


def _cell_in_markdown(node: RenderTreeNode, context: RenderContext) -> str:
    return "".join(child.render(context) for child in node.children).replace("|", "\\|")


class _Extension:
    """What notes have beyond CommonMark, as mdformat writes it."""

    CHANGES_AST = False
    POSTPROCESSORS: Mapping[str, Any] = {}
    RENDERERS: Mapping[str, Any] = {
        "value": lambda node, _: str(node.meta["printed"]),
        "reliance": lambda *_: "",
        "table": _table_in_markdown,
        "th": _cell_in_markdown,
        "td": _cell_in_markdown,
    }


def _default_format(address: str, value: Leaf | Sequence[Leaf]) -> str:
    for pattern, name in DEFAULT_FORMATS:
        if re.search(rf"(^|\.)({pattern})$", address):
            return name
    if isinstance(value, str | list):
        return "text"
    return "count" if isinstance(value, int) else "decimal3"


def typed_in(notes: Mapping[str, str]) -> dict[str, list[str]]:
    """By section, the numbers that the author typed, where there are any."""
    return {section: found for section, text in notes.items() if (found := typed_numbers(text))}
