"""Tables on a terminal."""

import pytest

from transfer_report.report.document import Document, PlacedTable, Section
from transfer_report.report.tables.table import Column, Stacked, Table
from transfer_report.report.terminal import TERMINAL_WIDTH, terminal_text

INTERVAL = "−15.3 (−20.1 to −8.0)"
COLUMNS = [Column("condition", "text"), Column("difference and its interval", "number"), Column("claim", "text")]
CLAIM = Stacked(("A [bold]claim[/bold] that goes on, and on, and on, over the edge of most windows.", "Read as: b"))


def lines(columns, cells):
    sections = [Section("b", "Block", [PlacedTable(Table("t", "E", "", columns, [cells, cells]))])]
    page = Document(title="Title", kicker="", description="", colophon="", front=[], sections=sections)
    return terminal_text(page).splitlines()


def test_texts_are_wrapped_and_nothing_is_lost():
    shown = lines(COLUMNS, ["fine_tuning/lr", INTERVAL, CLAIM])
    assert max(map(len, shown)) <= TERMINAL_WIDTH
    words = " ".join(shown).split()
    for word in f"{CLAIM} fine_tuning/lr {INTERVAL} difference and its interval".split():
        assert word in words


@pytest.mark.parametrize("times", [2, 5])
def test_numbers_and_names_stay_whole_even_where_the_table_is_wider_than_a_terminal(times):
    shown = lines(COLUMNS[:2] * times, ["fine_tuning/lr", INTERVAL] * times)
    assert sum(line.count(INTERVAL) == line.count("fine_tuning/lr") == times for line in shown) == 2
