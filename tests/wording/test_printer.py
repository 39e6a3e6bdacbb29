import pytest
from markupsafe import escape
from tests.analysis.evidence import drop

from transfer_report.errors import UserError
from transfer_report.records.addresses import with_addresses
from transfer_report.wording.printer import Printer


def test_a_value_names_its_source_in_html_and_is_plain_text_elsewhere():
    printed = Printer().printed(with_addresses(0.8125, "estimates.test"), "percent")
    assert str(printed) == "81.3\u202f%"
    assert escape(printed) == '<data value="0.8125" data-source="estimates.test">81.3\u202f%</data>'


def test_exponents_are_raised_in_html():
    printed = Printer().printed(5e-4, "learning_rate")
    assert escape(printed) == "5\u00a0×\u00a010<sup>−4</sup>"


def test_names_are_escaped():
    printed = Printer({"setting": {"0": "<script>"}}).printed(with_addresses(0, "x"), "setting")
    assert "<script>" not in escape(printed)


def test_signs_of_another_language():
    assert Printer(decimal=",", thousands=".").text(1234.5, "decimal1") == "1.234,5"


def test_a_missing_value_and_an_unknown_format():
    assert Printer().text(None, "percent") == "–"
    with pytest.raises(UserError, match="did you mean 'percent'"):
        Printer().text(0.5, "pecent")


def test_several_names_stand_in_a_row_and_point_to_where_they_came_from():
    printed = Printer({"model": {"a": "A"}}).printed(with_addresses(["a", "b"], "facts.models"), "models")
    assert (str(printed), printed.value, printed.source) == ("A, b", "a, b", "facts.models")


def test_seeds_are_no_quantities_and_records_are_no_values():
    assert Printer().text([1234, 5], "numbers") == "1234, 5"
    with pytest.raises(UserError, match="cannot be printed"):
        Printer().text(drop("a"), "points")
