r"""Printed text as LaTeX, and numbers as macros: `\SensitivityLow` in a paper is the report's number."""

import re
from collections.abc import Mapping
from functools import cache

from pylatexenc.latexencode import UnicodeToLatexEncoder

_NARROW_SPACE = "\u202f"
DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def latex_text(text: str) -> str:
    """Text for LaTeX: special characters and typographic signs as commands, what has none as it is."""
    return r"\,".join(_encoder().unicode_to_latex(part) for part in text.split(_NARROW_SPACE))


def macro_name(address: str) -> str:
    """The name of a macro for a number's address: letters only, digits as words.

    `estimates.test.fine_tuning/resnet50.accuracy` is `EstimatesTestFineTuningResnetFiveZeroAccuracy`.

    Raises:
        ValueError: nothing in the address is a letter or a digit.
    """
    words = re.findall(r"[A-Za-z]+|[0-9]", address)
    if not words:
        raise ValueError(f"{address!r}: a macro needs a letter in its name")
    return "".join(DIGITS[int(word)] if word.isdigit() else word[0].upper() + word[1:] for word in words)


def macros(values: Mapping[str, str]) -> str:
    r"""A file of `\newcommand` lines for `\input`, by name.

    Args:
        values: Printed values by address.

    Raises:
        ValueError: two addresses have one name.
    """
    names: dict[str, str] = {}
    for address in values:
        name = macro_name(address)
        if name in names:
            raise ValueError(f"{names[name]!r} and {address!r} both are \\{name}")
        names[name] = address
    return "".join(rf"\newcommand{{\{name}}}{{{latex_text(values[names[name]])}}}" + "\n" for name in sorted(names))


@cache
def _encoder() -> UnicodeToLatexEncoder:
    return UnicodeToLatexEncoder(unknown_char_policy="keep", unknown_char_warning=False)
