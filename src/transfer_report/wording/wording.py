"""The report's language: one YAML file of texts, each a Jinja string whose gaps are expressions on the records."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

import jinja2
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape
from pydantic import BaseModel

from transfer_report.errors import UserError, did_you_mean
from transfer_report.records.addresses import Records, address_of
from transfer_report.records.analysis import ClaimEvidence, Comparison, Estimate, Finding
from transfer_report.wording.formats import (
    LISTS,
    NAMES,
    NUMBERS,
    TEXTS,
    change_format,
    level_format,
    setting_format,
    with_bound_units,
)
from transfer_report.wording.printer import Printed, Printer
from transfer_report.yaml_files import read_yaml

WORDING_FOLDER = Path("report/wording")
FEW = 3
PAIR_NAMES = {
    "pretraining": {"context": "setup", "treatment": "condition", "reference": "condition"},
    "weights": {"context": "strategy_of", "treatment": "model_of", "reference": "model_of"},
    "strategy": {"context": "model_of", "treatment": "strategy_of", "reference": "strategy_of"},
    "technique": {"context": "setup", "treatment": "technique", "reference": "technique"},
    "network": {"context": "strategy_of", "treatment": "model_of", "reference": "model_of"},
}
"""By topic, the formats that print what two conditions share, the treatment and the reference."""
BEGINNING = re.compile(r"^((?:<[^>]*>)*)(\w)")
WHITE_SPACE = re.compile(r"[ \n]+")


_COMPILED: dict[tuple[str, bool], CodeType] = {}
"""Code of texts, with markup and without: a report is worded four times, and compiling takes longer than filling."""


class _LiteralTextIsText(Extension):
    """Escapes what stands between the gaps of a text, so that a wording file can hold `<` and `&`."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            yield token._replace(value=str(escape(token.value))) if token.type == "data" else token


class Wording:
    """Texts by dotted key, whose gaps are expressions on the records of a study: `{{ facts.margin | points }}`.

    A filter is a format, and numbers with decimals need one. `file` names the texts in errors. With `markup` the texts
    come out as escaped HTML, otherwise as plain text. `functions` are callable inside texts: references, citations and
    asides. Without `records`, texts know nothing but what they are given.
    """

    def __init__(
        self,
        tree: Mapping[str, Any],
        printer: Printer,
        *,
        file: str = "wording",
        markup: bool = False,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        records: Records | None = None,
    ) -> None:
        self.tree = tree
        self.printer = printer
        self.file = file
        self.markup = markup
        self.records = records or Records({})
        self._environment = jinja2.Environment(
            autoescape=markup,  # noqa: S701  # off for plain text alone
            undefined=jinja2.StrictUndefined,
            finalize=self._finished,
            extensions=[_LiteralTextIsText] if markup else [],
        )
        self._environment.globals = {"aside": _in_parentheses, **self.records.roots, **(functions or {})}
        self._templates: dict[str, jinja2.Template] = {}
        for name in (*NUMBERS, *NAMES, *LISTS, *TEXTS):
            self._environment.filters[name] = partial(self._printed, format_=name)
        self._environment.filters |= {
            "plural": _plural, "ends": self._ends, "ci": self._interval, "phrase": self._phrase, "side": self._side,
            "shown_as": lambda value, format_, negated=False: self._printed(value, negated, format_=format_),
            "setting_format": setting_format, "level_format": level_format, "change_format": change_format,
        }  # fmt: skip
        self._environment.tests["one"] = _is_one
        self._environment.tests["two"] = _is_two
        self._environment.tests["few"] = _is_few

    def plain(self) -> "Wording":
        """The same texts without markup, for what is not set as HTML."""
        return Wording(self.tree, self.printer, file=self.file, records=self.records)

    def text(self, key: str, /, **gaps: Any) -> str:
        """The text of a key, its gaps filled with these values and those of the records.

        Raises:
            UserError: no text under this key, a gap that nothing fills, or a value that its format cannot print.
        """
        try:
            text = self._template(key).render(gaps)
        except jinja2.UndefinedError as error:
            raise UserError(f"{self.file}: {key}: {error.message}; values here: {sorted(gaps)}") from None
        except jinja2.TemplateRuntimeError as error:
            raise UserError(f"{self.file}: {key}: {error.message}") from None
        return Markup(text) if self.markup else text  # noqa: S704  # autoescaped above

    def sentence(self, key: str, /, **gaps: Any) -> str:
        """A text that begins with a capital letter, whatever fills its first gap."""
        text = BEGINNING.sub(lambda match: match[1] + match[2].upper(), self.text(key, **gaps))
        return Markup(text) if self.markup else text  # noqa: S704  # only a letter was changed

    def finding(self, finding: Finding) -> str:
        """The sentence of a finding, with a mark where it is exploratory and another sentence where runs failed."""
        gaps = self.referred(finding.refs)
        said = [self.sentence(f"findings.{finding.kind}.{finding.verdict}", **gaps)]
        if finding.exploratory:
            said.append(self.text("exploratory"))
        if failed := [side for side in ("treatment", "reference") if f"failed_{side}" in gaps]:
            said.append(self.sentence(f"failed_in_pair.{'_'.join(failed)}", **gaps))
        if "decided" in gaps and gaps["decided"].decided_failed:
            said.append(self.sentence("failed_in_comparisons", **gaps))
        return self.joined(said)

    def evidence(self, evidence: ClaimEvidence) -> str:
        """The sentence on what decided a part of a claim."""
        return self.sentence(f"claims.{evidence.wording}", **self.referred(evidence.refs), **evidence.own)

    def referred(self, refs: Mapping[str, str]) -> dict[str, Any]:
        """Return the records at addresses, by the names that a text has for them."""
        return {name: self.records.at(address) for name, address in refs.items()}

    def joined(self, parts: Iterable[str], separator: str = " ") -> str:
        """Texts of this wording one after the other."""
        return Markup(separator).join(parts) if self.markup else separator.join(parts)  # noqa: S704  # a constant

    def names(self, key: str) -> dict[str, str]:
        """A branch of plain names: key and words."""
        branch = self._at(key)
        if not isinstance(branch, dict):
            raise UserError(f"{self.file}: {key}: names are expected here, as `key: words` lines")
        return {str(name): str(words) for name, words in branch.items()}

    def has(self, key: str) -> bool:
        """Return whether there is something under a key."""
        try:
            self._at(key)
        except UserError:
            return False
        return True

    def _printed(self, value: Any, negated: bool = False, *, format_: str) -> Printed:
        if isinstance(value, jinja2.Undefined):
            str(value)  # says what is missing
        printed = self.printer.printed(value, format_)
        if negated and isinstance(printed.value, float | int):
            return replace(printed, text=self.printer.text(-printed.value, format_))
        return printed

    def _ends(self, estimate: Estimate, format_: str, negated: bool = False) -> str:
        """Both ends of an interval, changed over where the estimate is printed the other way round."""
        ends = (estimate.high, estimate.low) if negated else (estimate.low, estimate.high)
        low, high = (self._printed(end, negated, format_=format_) for end in ends)
        return self.text("page.interval", low=low, high=high)

    def _interval(self, estimate: Estimate, format_: str, over: str = "") -> str:
        """A confidence interval with its confidence; `over` says what it counts, where that is not all."""
        return self.text("phrases.ci", it=estimate, over=over, ends=self._ends(estimate, format_))

    def _phrase(self, it: Any, name: str, **gaps: Any) -> str:
        """A part of a sentence that several texts share, about `it`."""
        return self.text(f"phrases.{name}", it=it, **gaps)

    def _side(self, pair: Comparison, side: str) -> Printed:
        """A condition of a pair, by what the pair's topic varies, or what both share."""
        return self.printer.printed(
            pair.reference if side == "reference" else pair.treatment, PAIR_NAMES[pair.topic][side]
        )

    def _finished(self, value: Any) -> Any:
        """A value as it stands in the text: words and whole numbers of the records need no format."""
        if isinstance(value, BaseModel | Mapping | list | float):
            raise jinja2.TemplateRuntimeError(f"{value!r:.60} needs a format, such as `| points`")
        if value is None:
            return self.printer.none
        if address_of(value):
            return self.printer.printed(value, "count" if isinstance(value, int) else "text")
        return value

    def check_gaps(self, keys: Iterable[str]) -> None:
        """Refuse texts whose gaps cannot be read, or name a filter that there is not.

        Raises:
            UserError: naming the first.
        """
        for key in keys:
            self._template(key)

    def _template(self, key: str) -> jinja2.Template:
        if key not in self._templates:
            pattern = (self._pattern(key), self.markup)
            if pattern not in _COMPILED:
                try:
                    _COMPILED[pattern] = self._environment.compile(pattern[0])
                except jinja2.TemplateSyntaxError as error:
                    raise UserError(f"{self.file}: {key}: {error.message}") from None
            code, environment = _COMPILED[pattern], self._environment
            self._templates[key] = jinja2.Template.from_code(environment, code, environment.make_globals(None))
        return self._templates[key]

    def _pattern(self, key: str) -> str:
        pattern = self._at(key)
        if isinstance(pattern, dict) or pattern is None:
            raise UserError(f"{self.file}: {key}: a text is expected here")
        return with_bound_units(WHITE_SPACE.sub(" ", str(pattern)))

    def _at(self, key: str) -> Any:
        node: Any = self.tree
        for step in key.split("."):
            if not isinstance(node, Mapping) or step not in node:
                known = node if isinstance(node, Mapping) else ()
                raise UserError(f"{self.file}: {key}: no wording for {step!r}; {did_you_mean(step, map(str, known))}")
            node = node[step]
        return node


def _in_parentheses(text: str) -> str:
    """Return an aside in parentheses: `{{ aside("…") }}` right behind a word."""
    return f" ({text})"


def _plural(number: Printed | float, one: str, many: str) -> str:
    """The form of a word that goes with a number: `{{ count | plural("image", "images") }}`."""
    return one if _is_one(number) else many


def _is_one(number: Printed | float) -> bool:
    """Where more than a word goes with a number: `{% if count is one %}`."""
    return _plain(number) == 1


def _is_two(number: Printed | float) -> bool:
    """Return whether “both” is the word."""
    return _plain(number) == 2  # the word's own number


def _is_few(number: Printed | float) -> bool:
    """Return whether so many things are named rather than counted."""
    return float(_plain(number)) <= FEW  # type: ignore[arg-type]


def _plain(number: Printed | float) -> object:
    """The value itself of one that is printed."""
    return number.value if isinstance(number, Printed) else number


def wording_file(language: str) -> Path:
    """Where a language's texts lie."""
    return WORDING_FOLDER / f"{language}.yaml"


def load_texts(path: Path) -> dict[str, Any]:
    """Read a wording file, and the files of its language in the folders next to it.

    Raises:
        UserError: no such language, not valid YAML, or a text that two files have.
    """
    check_language(path.stem, path.parent)
    tree = read_yaml(path, aliases=True)
    for more in sorted(path.parent.glob(f"*/{path.name}")):
        _merge(tree, read_yaml(more, aliases=True), more, ())
    return tree


def _merge(tree: dict[str, Any], more: Mapping[str, Any], file: Path, place: tuple[str, ...]) -> None:
    for key, value in more.items():
        here = (*place, key)
        if isinstance(tree.get(key), dict) and isinstance(value, dict):
            _merge(tree[key], value, file, here)
        elif key in tree:
            raise UserError(f"{file}: {'.'.join(here)}: another wording file has this text already; delete one")
        else:
            tree[key] = value


COMPLETE_LANGUAGE = "en"
"""The language that has every text."""


def check_complete(language: str, folder: Path = WORDING_FOLDER) -> None:
    """Refuse a language that lacks texts, or has broken gaps: figures and report would stop after all training.

    Raises:
        UserError: no such language, what it lacks, or the text with a gap that cannot be read.
    """
    check_language(language, folder)
    if language == COMPLETE_LANGUAGE or not (folder / f"{COMPLETE_LANGUAGE}.yaml").is_file():
        return
    texts = load_texts(folder / f"{language}.yaml")
    known, own = set(_keys(load_texts(folder / f"{COMPLETE_LANGUAGE}.yaml"))), set(_keys(texts))
    if missing := sorted(known - own):
        raise UserError(
            f"report.language: {language} lacks {len(missing)} texts that {COMPLETE_LANGUAGE} has, such as "
            f"{', '.join(missing[:3])}; they belong into {folder}/{language}.yaml and {folder}/*/{language}.yaml"
        )
    Wording(texts, Printer(), file=f"{folder}/{language}.yaml").check_gaps(known)


def _keys(tree: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """Dotted key of each text."""
    for name, below in tree.items():
        if isinstance(below, Mapping):
            yield from _keys(below, f"{place}{name}.")
        else:
            yield f"{place}{name}"


def check_language(language: str, folder: Path = WORDING_FOLDER) -> None:
    """Refuse a language that has no texts.

    Raises:
        UserError: naming those that have.
    """
    path = folder / f"{language}.yaml"
    if not path.is_file():
        known = sorted(file.stem for file in folder.glob("*.yaml"))
        raise UserError(f"report.language: {path} does not exist; {did_you_mean(language, known)}")
