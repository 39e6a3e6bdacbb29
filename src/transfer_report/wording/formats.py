"""How numbers are printed: one function per format, the only place that rounds.

Every function takes a plain number and returns text with `.` for decimals and `,` for thousands; `Printer` turns these
into the signs of the report's language. Signs are typographic: `−`, `×`, and a narrow space before a unit.
"""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

NARROW_SPACE = "\u202f"
UNIT = re.compile(r"(?<=[\d}]) (?=(?:%|MB|ms|s|px)(?!\w))")
"""The space between a number, or the gap for one, and a unit."""
TOO_LONG = 999_999.5
"""Numbers without a scale of their own, such as losses, are written by their power from here on."""
NOTHING_TO_ROUND = 1e15
"""From here on a double has no decimals."""
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def with_bound_units(text: str) -> str:
    """A text in which no line ends between a number and its unit: `81.25 %` with a narrow no-break space."""
    return UNIT.sub(NARROW_SPACE, text)


def rounded(value: float, decimals: int) -> str:
    """A number with so many decimals, halves away from zero as readers do; never `−0`.

    Without a digit left to round, as in the loss of a run that diverged, it is written by its power of ten.
    """
    if abs(value) >= NOTHING_TO_ROUND:
        return by_power(value)
    quantum = Decimal(1).scaleb(-decimals)
    result = Decimal(repr(float(value))).quantize(quantum, ROUND_HALF_UP)
    return f"{result if result else abs(result):,}".replace("-", "−")


def by_power(value: float) -> str:
    """`1.27 × 10¹⁴`."""
    digits, _, power = f"{Decimal(repr(float(value))):.2e}".partition("e")
    return f"{digits}\u00a0×\u00a010{str(int(power)).translate(SUPERSCRIPTS)}".replace("-", "−")


def trimmed(value: float, decimals: int) -> str:
    """At most so many decimals, without trailing zeros."""
    text = rounded(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _hundredfold(value: float) -> float:
    return float(Decimal(repr(float(value))) * 100)


def percent(value: float) -> str:
    """0.8125 as `81.3 %`, 0.95 as `95.0 %`: as something measured."""
    return percent_number(value) + NARROW_SPACE + "%"


def percent_number(value: float) -> str:
    """0.8125 as `81.3`, where a column's head says per cent."""
    return rounded(_hundredfold(value), 1)


def percent_whole(value: float) -> str:
    """0.632 as `63 %`: a rate that is known no better."""
    return rounded(_hundredfold(value), 0) + NARROW_SPACE + "%"


def percent_exact(value: float) -> str:
    """0.8125 as `81.25 %`, 0.95 as `95 %`: as somebody reported it, or set it."""
    return percent_exact_number(value) + NARROW_SPACE + "%"


def percent_exact_number(value: float) -> str:
    """0.8125 as `81.25`."""
    return trimmed(_hundredfold(value), 2)


def points(value: float) -> str:
    """A difference of shares in percentage points: 0.0775 as `7.8`, −0.02 as `−2.0`."""
    return rounded(_hundredfold(value), 1)


def signed_points(value: float) -> str:
    """A difference with its sign: `+7.8`, `−2.0`, `0.0`."""
    return signed(points(value))


def signed(text: str) -> str:
    """A printed number with `+` where it is above zero."""
    return text if text.startswith("−") or not text.strip("0.,") else f"+{text}"


def p_value(value: float) -> str:
    """`0.021`, `< 0.001`."""
    return "< 0.001" if value < 0.001 else rounded(value, 3)


def p_equals(value: float) -> str:
    """`p = 0.021`, `p < 0.001`, `p = 1`."""
    if value < 0.001:
        return "p\u00a0<\u00a00.001"
    return f"p\u00a0=\u00a0{'1' if rounded(value, 3) == '1.000' else rounded(value, 3)}"


def count(value: float) -> str:
    """`12,345`."""
    return rounded(value, 0)


def signed_number(value: float) -> str:
    """Three decimals and a sign: `+0.120`."""
    return signed(rounded(value, 3))


def significant3(value: float) -> str:
    """At least three significant digits, at most three decimals: `116`, `1.27`, `0.034`; `1.27 × 10¹⁴` from 10⁶ on."""
    if abs(value) >= TOO_LONG:
        return by_power(value)
    return rounded(value, max(0, min(3, 2 - _first_digit(value))))


def _first_digit(value: float) -> int:
    """The power of ten of a number's first digit."""
    return Decimal(repr(float(value))).adjusted() if value else 0


def signed_significant3(value: float) -> str:
    """The same with its sign: `+116`, `−0.034`."""
    return signed(significant3(value))


def signed_decimal1(value: float) -> str:
    """One decimal and a sign: `+6.7`."""
    return signed(rounded(value, 1))


def learning_rate(value: float) -> str:
    """5e-4 as `5 × 10⁻⁴`, 1e-3 as `10⁻³`, 0.02 as `0.02`."""
    if value >= 0.01 or value == 0:
        return trimmed(value, 4)
    # Twelve digits: a rate that was multiplied, 3 × 10⁻⁴ as 0.00030000000000000003, has no more of its own.
    _, digits, exponent = Decimal(f"{value:.12g}").normalize().as_tuple()
    power = f"10{str(int(exponent) + len(digits) - 1).translate(SUPERSCRIPTS)}"
    mantissa = "".join(map(str, digits))
    if mantissa == "1":
        return power
    return f"{mantissa[0]}{'.' if mantissa[1:] else ''}{mantissa[1:]}\u00a0×\u00a0{power}"


def short_rate(value: float) -> str:
    """5e-4 as `5e-4`, as in names of conditions; 0.02 as `0.02`."""
    if value >= 0.01 or value == 0:
        return trimmed(value, 4)
    digits, _, power = f"{value:e}".partition("e")
    return f"{trimmed(float(digits), 4)}e{int(power)}"


def seconds(value: float) -> str:
    """`2.4 s`."""
    return rounded(value, 1) + NARROW_SPACE + "s"


def duration(value: float) -> str:
    """`45 s`, `12 min`, `3.4 h`: how long something will take, about."""
    if value < 60:
        return rounded(value, 0) + NARROW_SPACE + "s"
    if value < 6000:
        return rounded(value / 60, 0) + NARROW_SPACE + "min"
    return rounded(value / 3600, 1) + NARROW_SPACE + "h"


def milliseconds(value: float) -> str:
    """`12.4 ms`."""
    return rounded(value, 1) + NARROW_SPACE + "ms"


def millions(value: float) -> str:
    """25557032 as `25.6 M`, which every language reads."""
    return f"{rounded(value / 1e6, 1)}{NARROW_SPACE}M"


def millions_number(value: float) -> str:
    """25557032 as `25.6`, 4098 as `0.004`."""
    return rounded(value / 1e6, 1 if value >= 1e5 else 3)


def short_hash(value: str) -> str:
    """The first twelve digits, enough to tell files apart."""
    return value[:12]


NUMBERS: dict[str, Callable[[float], str]] = {
    "percent": percent,
    "percent_number": percent_number,
    "percent_whole": percent_whole,
    "percent_exact": percent_exact,
    "percent_exact_number": percent_exact_number,
    "points": points,
    "signed_points": signed_points,
    "p_value": p_value,
    "p_equals": p_equals,
    "count": count,
    "number": lambda value: trimmed(value, 3),
    "quartile": lambda value: trimmed(value, max(0, 2 - _first_digit(value))),
    "decimal": lambda value: rounded(value, 2),
    "loss": lambda value: rounded(value, 3),
    "decimal1": lambda value: rounded(value, 1),
    "decimal3": lambda value: rounded(value, 3),
    "signed_number": signed_number,
    "significant3": significant3,
    "signed_significant3": signed_significant3,
    "signed_decimal1": signed_decimal1,
    "learning_rate": learning_rate,
    "short_rate": short_rate,
    "epoch": lambda value: trimmed(value, 1),
    "seconds": seconds,
    "duration": duration,
    "milliseconds": milliseconds,
    "millions": millions,
    "millions_number": millions_number,
}
"""Formats of numbers, by the name that texts give them: `{{ comparison.difference | signed_points }}`."""

TEXTS: dict[str, Callable[[str], str]] = {"text": str, "short_hash": short_hash}
"""Formats of text."""

NAMES = (
    "condition", "short_condition", "row", "setup", "strategy_of", "model_of", "technique", "model", "strategy",
    "strategy_heading", "features", "start",
    "metric", "measure", "level_unit", "change_unit", "split", "verdict", "setting", "value",
)  # fmt: skip
"""Formats that look a key up among the names of the study."""

LISTS = {
    "settings": ("setting", ", "),
    "models": ("model", ", "),
    "techniques": ("technique", ", "),
    "features_list": ("features", ", "),
    "conditions": ("condition", "; "),
    "numbers": ("text", ", "),
}
"""Formats of several keys with commas between: the format that looks up each, and what separates their names."""

SETTING_FORMATS = {"lr": "learning_rate", "weight_decay": "learning_rate", "dropout": "number", "batch_size": "count"}


def setting_format(value: object, setting: str) -> str:
    """The format that prints a setting's value."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return SETTING_FORMATS.get(setting, "number") if number else "value"


_EPOCHS = ("decimal1", "signed_decimal1")
_SHARE, _LOSS = ("percent", "signed_points"), ("decimal3", "signed_number")
MEASURE_FORMATS = {
    "gap": ("points", "signed_points"),
    "volatility": _LOSS,
    "epochs_to_level": _EPOCHS,
    "overfitting_onset": _EPOCHS,
    "final_train_accuracy": _SHARE,
    "final_train_loss": _LOSS,
    "median_train_accuracy": _SHARE,
}
"""How a measure of the learning curves is printed, and a difference of it."""


def level_format(measure: str) -> str:
    """The format that prints a measure of the learning curves."""
    return MEASURE_FORMATS[measure][0]


def change_format(measure: str) -> str:
    """The format that prints a difference of a measure of the learning curves."""
    return MEASURE_FORMATS[measure][1]
