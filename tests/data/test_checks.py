import numpy as np
import pytest

from transfer_report.data.checks import (
    CheckedImages,
    check_classes,
    check_results,
    check_splits,
    copies_toward_training,
    refuse_copies,
)
from transfer_report.data.near_copies import MOST_BITS, WORDS
from transfer_report.data.source import Entries, Entry, Source
from transfer_report.errors import UserError

CLASSES = ["ill", "well"]


def entry(name, label=0, split="train", patient=None):
    return Entry(name, label, patient or name, split)


def found(check, entries, contents=None, ranges=None, side_px=8, dropped=(), unused=(), hashes=None):
    images = CheckedImages(
        Entries(entries),
        [e.split for e in entries],
        np.array(contents or range(len(entries))),
        np.zeros((len(entries), WORDS), np.uint64) if hashes is None else hashes,
        np.full((len(entries), 2), 16, dtype=np.int32),
        np.array(ranges or [255] * len(entries), dtype=np.uint8),
    )
    results = check_results(images, CLASSES, dropped, unused, side_px)
    return next(result for result in results if result.check == check)


PAIR = [entry("a"), entry("b", 1)]


@pytest.mark.parametrize("classes", [[], ["only"]])
def test_one_class_is_too_few(classes):
    with pytest.raises(UserError, match="two or more classes"):
        check_classes(Source(classes, Entries([]), lambda _: None), "data")


def test_a_class_without_images_is_named():
    with pytest.raises(UserError, match="data: the class 'well' has no image"):
        check_classes(Source(CLASSES, Entries([entry("a")]), lambda _: None), "data")


def test_a_class_missing_from_a_split_is_named():
    entries = [entry(f"{label}{split}", label, split) for label in (0, 1) for split in ("train", "val", "test")]
    splits = [e.split for e in entries]
    check_splits(CLASSES, Entries(entries), splits, "data")
    with pytest.raises(UserError, match="the class 'well' has no image in the test split"):
        check_splits(CLASSES, Entries(entries[:-1]), splits[:-1], "data")


def test_copies_point_from_training_to_test():
    entries = [entry("a"), entry("b", split="val"), entry("c", split="test"), entry("d", split="test")]
    assert copies_toward_training(Entries(entries), np.array([1, 1, 1, 2])) == {0: 2, 1: 2}


def test_copies_within_a_split_are_none():
    assert copies_toward_training(Entries([entry("a"), entry("b"), entry("c", split=None)]), np.array([1, 1, 2])) == {}


def test_pairs_are_named():
    with pytest.raises(UserError, match=r"data: .*a = b\. Remove one of each, or set data\.duplicates"):
        refuse_copies(Entries([entry("a"), entry("b", split="test")]), {0: 1}, "data")


def test_many_pairs_are_counted():
    with pytest.raises(UserError, match="and 2 more"):
        refuse_copies(Entries(entry(f"{row}") for row in range(13)), dict.fromkeys(range(12), 12), "data")


def test_clean_images_pass():
    assert found("identical_within_split", PAIR).passed


def test_equal_images_in_a_split():
    result = found("identical_within_split", PAIR, contents=[1, 1])
    assert (result.passed, result.count, result.examples) == (False, 1, ["a = b"])


def test_equal_images_with_other_labels():
    assert found("conflicting_labels", PAIR, contents=[1, 1]).count == 1
    assert found("conflicting_labels", [entry("a"), entry("b")], contents=[1, 1]).passed


@pytest.mark.parametrize(("bits", "split", "passed"), [(MOST_BITS, "test", False), (MOST_BITS + 1, "test", True),
                                                       (MOST_BITS, "train", True)])  # fmt: skip
def test_nearly_equal_images_in_two_splits(bits, split, passed):
    hashes = np.full((2, WORDS), 7, np.uint64)
    hashes[1, 0] ^= np.uint64((1 << bits) - 1)
    result = found("nearly_identical_across_splits", [entry("a"), entry("b", 1, split)], hashes=hashes)
    assert (result.passed, result.examples) == (passed, [] if passed else ["a ≈ b"])


def test_equal_images_are_not_told_twice():
    hashes = np.full((2, WORDS), 7, np.uint64)
    images = [entry("a"), entry("b", 1, "test")]
    assert found("nearly_identical_across_splits", images, contents=[1, 1], hashes=hashes).passed


def test_patients_in_two_splits():
    entries = [entry("a", patient="p"), entry("b", 1, "test", patient="p"), entry("c", patient="q")]
    assert found("patients_across_splits", entries).examples == ["p"]


def test_images_without_a_patient_matter_only_where_others_have_one():
    assert found("images_without_patient", [entry("a"), entry("b", 1)]).passed
    assert found("images_without_patient", [entry("a"), entry("b", 1, patient="p")]).examples == ["a"]


def test_classes_that_sizes_or_formats_give_away():
    ill = [entry(f"a/{number}.jpeg", 0) for number in range(12)]
    well = [entry(f"b/{number}.png", 1) for number in range(12)]
    assert found("told_by_format", ill + well).examples == ["jpeg: ill", "png: well"]
    assert found("told_by_size", ill + well).passed
    mixed = [entry(f"c/{number}.png", number % 2) for number in range(24)]
    assert found("told_by_format", mixed).passed
    # Every image has a format of its own: such formats tell no class of other images.
    assert found("told_by_format", [entry(f"{number}.x{number}", number % 2) for number in range(24)]).passed


def test_constant_and_nearly_constant_images():
    assert found("constant_images", PAIR, ranges=[0, 15]).examples == ["a"]
    assert found("low_contrast", PAIR, ranges=[0, 15]).examples == ["b"]
    assert found("low_contrast", PAIR, ranges=[16, 16]).passed


def test_enlarged_images():
    assert found("enlarged", PAIR, side_px=16).passed
    assert found("enlarged", PAIR, side_px=17).count == 2


@pytest.mark.parametrize(("count", "passed"), [(99, False), (100, True)])
def test_few_test_images(count, passed):
    entries = [entry("t"), *(entry(f"{label}/{n}", label, "test") for label in (0, 1) for n in range(count))]
    assert found("few_test_images", entries).passed is passed


@pytest.mark.parametrize(("count", "passed"), [(4, True), (5, False)])
def test_class_imbalance(count, passed):
    entries = [entry("a", 1), entry("b", 1), *(entry(f"{n}") for n in range(count))]
    result = found("class_imbalance", entries)
    assert result.passed is passed
    assert result.examples == ([] if passed else ["well: 2"])


def test_what_was_dropped_and_not_used_is_told():
    assert found("identical_across_splits", PAIR, dropped=["a = b"]).examples == ["a = b"]
    assert found("unused_files", PAIR, unused=["notes.txt"]).examples == ["notes.txt"]


def test_at_most_ten_examples():
    result = found("unused_files", PAIR, unused=[f"{n}" for n in range(12)])
    assert (result.count, len(result.examples)) == (12, 10)
