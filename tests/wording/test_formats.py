import pytest

from transfer_report.wording.formats import (
    NUMBERS,
    learning_rate,
    p_value,
    percent_exact,
    rounded,
    signed_points,
    significant3,
    with_bound_units,
)


@pytest.mark.parametrize(
    ("format_", "value", "text"),
    [
        ("percent", 0.8125, "81.3\u202f%"),
        ("percent_whole", 0.6316, "63\u202f%"),
        ("percent", 0.95, "95.0\u202f%"),
        ("percent_number", 0.82, "82.0"),
        ("points", -0.0775, "−7.8"),
        ("points", -0.0001, "0.0"),
        ("points", -0.0775, "−7.8"),
        ("signed_points", 0.02, "+2.0"),
        ("count", 12345, "12,345"),
        ("quartile", 6.225, "6.23"),
        ("quartile", 52.5, "52.5"),
        ("quartile", 1162.25, "1,162"),
        ("millions", 25_557_032, "25.6\u202fM"),
        ("millions_number", 4098, "0.004"),
        ("duration", 59.4, "59\u202fs"),
        ("duration", 5999, "100\u202fmin"),
        ("duration", 6000, "1.7\u202fh"),
        ("milliseconds", 2.345, "2.3\u202fms"),
        ("epoch", 4.0, "4"),
        ("p_equals", 0.0004, "p\u00a0<\u00a00.001"),
        ("p_equals", 0.9994, "p\u00a0=\u00a00.999"),
        ("p_equals", 0.9996, "p\u00a0=\u00a01"),
        ("p_equals", 1.0, "p\u00a0=\u00a01"),
        ("signed_decimal1", 6.667, "+6.7"),
    ],
)
def test_prints_as_readers_expect(format_, value, text):
    assert NUMBERS[format_](value) == text


def test_halves_round_away_from_zero():
    assert [rounded(value, 1) for value in (0.25, 0.35, -0.25)] == ["0.3", "0.4", "−0.3"]


def test_p_values_on_both_sides_of_the_smallest():
    assert p_value(0.001) == "0.001"
    assert p_value(0.00099) == "< 0.001"


def test_learning_rates():
    assert [learning_rate(value) for value in (5e-4, 1e-3, 2.5e-5, 3 * 1e-4, 0.01, 0.0)] == [
        "5\u00a0×\u00a010⁻⁴", "10⁻³", "2.5\u00a0×\u00a010⁻⁵", "3\u00a0×\u00a010⁻⁴", "0.01", "0",
    ]  # fmt: skip


def test_numbers_too_long_to_read_are_written_by_their_power():
    printed = [significant3(value) for value in (999_999.4, 1e6, 9.9999e6, -4.5012e14)]
    assert printed == ["999,999", "1.00\u00a0×\u00a010⁶", "1.00\u00a0×\u00a010⁷", "−4.50\u00a0×\u00a010¹⁴"]


def test_a_reported_number_keeps_its_digits():
    assert percent_exact(0.8125) == "81.25\u202f%"
    assert percent_exact(0.735) == "73.5\u202f%"


def test_no_difference_has_no_sign():
    assert signed_points(0.0) == "0.0"


@pytest.mark.parametrize(
    ("typed", "bound"),
    [
        ("81.25 % against 73.5 %", "81.25\u202f% against 73.5\u202f%"),
        ("{{ file }} MB, 3 ms", "{{ file }}\u202fMB, 3\u202fms"),
        ("3 sets in 2 splits", "3 sets in 2 splits"),
    ],
)
def test_a_unit_stays_with_its_number(typed, bound):
    assert with_bound_units(typed) == bound


NEVER_BELOW_ZERO = ("p_value", "p_equals", "learning_rate", "millions", "millions_number")


@pytest.mark.parametrize("format_", [name for name in NUMBERS if name not in NEVER_BELOW_ZERO])
def test_no_sign_is_lost(format_):
    """The end of an interval that lies below zero must not be read as one above it."""
    below, above = NUMBERS[format_](-3.0), NUMBERS[format_](3.0)
    assert below.startswith("−") != above.startswith("−")


def test_a_number_without_a_digit_left_to_round_is_written_by_its_power():
    printed = [rounded(value, 3).replace("\u00a0", " ") for value in (9.9e14, 1e15, -1e300)]
    assert printed == ["990,000,000,000,000.000", "1.00 × 10¹⁵", "−1.00 × 10³⁰⁰"]
