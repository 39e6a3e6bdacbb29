import pytest

from transfer_report.data.source import Entries, Entry

ENTRIES = [
    Entry("a/1.png", 0, "a", "train"),
    Entry("ü", 1, "a", None),
    Entry("c", 0, "c", "test"),
    Entry("d", 2, "", "val"),
]


@pytest.mark.parametrize("count", range(5))
def test_columns_give_back_what_they_were_made_of(count):
    entries = Entries(iter(ENTRIES[:count]))
    assert len(entries) == count
    assert list(entries) == ENTRIES[:count]


def test_more_than_a_block():
    many = [Entry(f"{row}", row % 3, f"{row}", None) for row in range(10_000)]
    assert list(Entries(many)) == many


def test_some_are_taken_in_the_order_that_is_asked_for():
    taken = Entries(ENTRIES).take([3, 0])
    assert list(taken) == [ENTRIES[3], ENTRIES[0]]
    assert list(taken[1:]) == [ENTRIES[0]]
