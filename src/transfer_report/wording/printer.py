"""Numbers and words as a reader sees them: printed by a format, and in HTML with a pointer to where they came from."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from transfer_report.errors import UserError, did_you_mean
from transfer_report.records.addresses import Leaf, address_of
from transfer_report.records.base import Record
from transfer_report.wording.formats import LISTS, NAMES, NUMBERS, SUPERSCRIPTS, TEXTS

SUPERSCRIPT_RUN = re.compile(f"[{''.join(map(chr, SUPERSCRIPTS.values()))}]+")
PLAIN_DIGITS = {superscript: chr(plain) for plain, superscript in SUPERSCRIPTS.items()} | {ord("⁻"): "−"}


@dataclass(frozen=True)
class Printed:
    """A printed value. In plain text its words; in HTML a `data` element that names value and source."""

    text: str
    value: float | int | str | None = None
    source: str = ""

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        text = with_raised_digits(self.text)
        if not self.source:
            return text
        value = "" if self.value is None else self.value
        return Markup('<data value="{}" data-source="{}">{}</data>').format(value, self.source, text)


def with_raised_digits(text: str) -> Markup:
    """Superscript characters as `<sup>`, since not every typeface draws them."""

    def raised(match: re.Match[str]) -> str:
        return f"<sup>{match.group().translate(PLAIN_DIGITS)}</sup>"

    return Markup(SUPERSCRIPT_RUN.sub(raised, escape(text)))  # noqa: S704  # escaped in this line


@dataclass(frozen=True)
class Printer:
    """Prints values in the report's language.

    `names` maps a name format (`condition`, `model`, …) to its keys and words; `none` stands for a missing value.
    """

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    decimal: str = "."
    thousands: str = ","
    none: str = "–"

    def text(self, value: Leaf | Sequence[Leaf] | Record, format: str) -> str:  # noqa: A002  # the field's own word
        """The words for a number, a word, several of them, or an estimate's value.

        Raises:
            UserError: no such format, or a value that the format cannot print.
        """
        value = _plain(value)
        if value is None:
            return self.none
        if format in NUMBERS and isinstance(value, float | int):
            signs = str.maketrans({".": self.decimal, ",": self.thousands})
            return NUMBERS[format](value).translate(signs)
        if format in NAMES:
            return self.names.get(format, {}).get(str(value), str(value))
        if format in LISTS and isinstance(value, list | tuple):
            of_each, separator = LISTS[format]
            return separator.join(self.text(key, of_each) for key in value)
        if format in TEXTS and isinstance(value, list | tuple):
            return ", ".join(self.text(one, format) for one in value)
        if format in TEXTS and not isinstance(value, Record):
            return TEXTS[format](str(value))
        known = [*NUMBERS, *NAMES, *LISTS, *TEXTS]
        raise UserError(f"{value!r} cannot be printed with the format {format!r}; {did_you_mean(format, known)}")

    def printed(self, value: Leaf | Sequence[Leaf] | Record, format: str) -> Printed:  # noqa: A002
        """The same, with its source."""
        plain = _plain(value)
        shown = plain if plain is None or isinstance(plain, float | int | str) else ", ".join(map(str, plain))
        return Printed(self.text(plain, format), shown, address_of(plain))


def _plain(value: Any) -> Any:
    """Return what is printed of an estimate: its value; other records are not printed."""
    return getattr(value, "value", value) if isinstance(value, Record) else value
