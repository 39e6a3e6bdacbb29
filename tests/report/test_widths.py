import pytest
from markupsafe import Markup

from transfer_report.report.tables.table import Column, Table
from transfer_report.report.tables.widths import LINE_EM, column_widths


def table(*rows, heads=("Condition", "Test (%)")):
    columns = [Column(heads[0], "text"), *(Column(head, "number") for head in heads[1:])]
    return Table("tab-x", "A", "", columns, list(rows))


def test_widths_fill_the_line_and_follow_the_texts():
    narrow = column_widths(table(["baseline", "81.3"]))
    wide = column_widths(table(["baseline with a longer name", "81.3"]))
    assert sum(narrow) == pytest.approx(100, abs=0.02)
    assert wide[0] > narrow[0]


def test_numbers_stay_whole_where_names_must_wrap():
    widths = column_widths(table(["a word " * 40, *["−23.8 to −14.9"] * 5], heads=("Condition", *["Interval"] * 5)))
    whole = column_widths(table(["x", "−23.8 to −14.9"], heads=("", "Interval")))
    needed = LINE_EM * widths[1] / 100
    assert widths[1:] == [widths[1]] * 5
    assert needed > 6  # the number's own length in em
    assert whole[1] > whole[0]


def test_markup_counts_as_what_is_read():
    marked = Markup('<data value="0.813" data-source="estimates.test.x.accuracy">81.3 &amp; more</data>')
    assert column_widths(table([marked, "1"])) == column_widths(table(["81.3 & more", "1"]))
