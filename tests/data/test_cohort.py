import numpy as np

from transfer_report.data.cohort import describe_characteristics

MEMBERS = {"train": np.arange(12), "val": np.arange(12, 18), "test": np.arange(18, 24)}


def described(values):
    (found,) = describe_characteristics({"column": np.array(values, np.dtypes.StringDType())}, MEMBERS)
    return found


def test_names_are_counted_by_split():
    found = described(["F", "M"] * 9 + ["F", "", "", "M", "M", "M"])
    assert [(level.name, level.counts) for level in found.levels] == [
        ("F", {"train": 6, "val": 3, "test": 1}),
        ("M", {"train": 6, "val": 3, "test": 3}),
    ]
    assert found.missing == {"train": 0, "val": 0, "test": 2}
    assert found.quartiles is None


def test_numbers_have_quartiles():
    found = described([f"{20 + number}Y" for number in range(18)] + ["40,5"] + [""] * 5)
    assert found.quartiles["train"] == [22.75, 25.5, 28.25]
    assert found.quartiles["test"] == [40.5, 40.5, 40.5]
    assert found.missing["test"] == 5
    assert found.levels == []


def test_few_numbers_are_names_in_their_order():
    assert [level.name for level in described(["10", "9", "2"] * 8).levels] == ["2", "9", "10"]


def test_rare_names_stand_together():
    found = described([chr(97 + number) for number in range(12)] + ["a", "b", "c", "d", "e", "f"] * 2)
    assert [level.name for level in found.levels] == [*"abcdefgh", "…"]
    assert found.levels[-1].counts == {"train": 4, "val": 0, "test": 0}
