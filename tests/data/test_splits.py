import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer_report.data.source import Entries, Entry
from transfer_report.data.splits import assign_splits, bind, cut, draw_limited

LABELS = np.repeat([0, 1], [60, 40])
ALONE = np.arange(100)


def test_equal_contents_bind_patients():
    assert len(set(bind(np.array([3, 5, 2, 7]), np.array([1, 1, 2, 2])))) == 2
    assert bind(np.array([4, 4, 1]), np.array([1, 2, 2])).tolist() == [0, 0, 0]
    assert len(set(bind(np.array([0, 1]), np.array([1, 2])))) == 2


def test_a_cut_has_its_fraction_of_every_class():
    taken = cut(LABELS, ALONE, 0.25, np.random.default_rng(0))
    assert np.bincount(LABELS[taken]).tolist() == [15, 10]


@given(
    units=st.lists(st.integers(0, 12), min_size=8, max_size=60),
    fraction=st.floats(0.05, 0.95),
    seed=st.integers(0, 5),
)
def test_a_cut_never_parts_a_unit(units, fraction, seed):
    units = np.array(units)
    taken = cut(units % 2, units, fraction, np.random.default_rng(seed))
    assert not set(units[taken]) & set(units[~taken])


@pytest.mark.parametrize("fraction", [0.01, 0.5, 0.99])
def test_a_class_of_two_has_one_image_on_each_side(fraction):
    labels = np.array([0] * 20 + [1, 1])
    taken = cut(labels, np.arange(22), fraction, np.random.default_rng(0))
    assert taken[labels == 1].sum() == 1
    assert 0 < taken[labels == 0].sum() < 20


def test_large_patients_are_not_preferred():
    units = np.concatenate([np.repeat(np.arange(30), 3), np.arange(30, 120)])
    shares = [
        np.isin(np.arange(30), units[cut(np.zeros(180, int), units, 0.3, np.random.default_rng(seed))]).mean()
        for seed in range(40)
    ]
    assert np.mean(shares) == pytest.approx(0.3, abs=0.04)


def test_nothing_given_is_cut_twice():
    splits = assign_splits([None] * 100, LABELS, ALONE, 0.25, 0.2, seed=1)
    assert [splits.count(split) for split in ("train", "val", "test")] == [60, 20, 20]


def test_given_splits_stay_and_validation_comes_from_training():
    given_splits = ["train"] * 80 + ["test"] * 20
    splits = assign_splits(given_splits, LABELS, ALONE, 0.25, 0.2, seed=1)
    assert splits[80:] == ["test"] * 20
    assert splits[:80].count("val") == 20


def test_three_given_splits_stay():
    given_splits = ["train", "val", "test"] * 33 + ["train"]
    assert assign_splits(given_splits, LABELS, ALONE, 0.25, 0.2, seed=1) == given_splits


def test_a_seed_repeats_and_another_differs():
    first, again, other = (assign_splits([None] * 100, LABELS, ALONE, 0.25, 0.2, seed) for seed in (1, 1, 2))
    assert first == again != other


def entries(patients):
    return Entries(Entry(f"{row}", row % 2, patient, None) for row, patient in enumerate(patients))


def test_no_limit_keeps_all():
    assert list(draw_limited(entries("abcdef"), 0, 1)) == [0, 1, 2, 3, 4, 5]


def test_a_limit_holds_for_each_class():
    drawn = draw_limited(entries([str(row) for row in range(40)]), 5, 1)
    assert [sum(row % 2 == label for row in drawn) for label in (0, 1)] == [5, 5]
    assert drawn == sorted(drawn)


def test_whole_patients_are_drawn_where_they_fit():
    patients = [f"{row // 4}" for row in range(40)]  # of each class, two images in each patient
    drawn = draw_limited(entries(patients), 5, 1)
    per_class = [[patients[row] for row in drawn if row % 2 == label] for label in (0, 1)]
    assert [len(names) for names in per_class] == [4, 4]
    assert all(names.count(name) == 2 for names in per_class for name in names)


def test_a_patient_larger_than_the_limit_is_drawn_in_part():
    assert len(draw_limited(entries("aaaaaaaa"), 2, 1)) == 4
