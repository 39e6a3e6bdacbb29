"""What may be wrong with a data set: what stops the study, and what the report has to tell."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from transfer_report.data.near_copies import near_pairs
from transfer_report.data.source import Entry, Source
from transfer_report.errors import UserError
from transfer_report.records import SPLITS, CheckResult, Split

# With 100 images, the 95 % interval of an accuracy is up to ten points wide on either side (Wilson 1927).
FEW_TEST_IMAGES = 100
# The largest class of the training split has more than so many times the images of the one concerned.
IMBALANCE = 2
# Of 255: less than this between darkest and brightest is nearly one grey, such as 12 bits stored in 16.
LOW_CONTRAST = 16
EXAMPLES = 10

Item = TypeVar("Item")


@dataclass(frozen=True)
class CheckedImages:
    """What the checks look at, image by image."""

    entries: Sequence[Entry]
    splits: Sequence[Split]
    contents: NDArray[np.intp]
    """A number for each image's contents: equal for images that are equal as prepared."""
    hashes: NDArray[np.uint64]
    """Perceptual hashes, (images, words)."""
    sizes: NDArray[np.int32]
    """Width and height before, (images, 2)."""
    ranges: NDArray[np.uint8]
    """Brightest less darkest value, (images,)."""


def check_classes(source: Source, where: str) -> None:
    """Refuse a source with fewer than two classes, or a class without images.

    Raises:
        UserError: naming the class.
    """
    if len(source.classes) < 2:
        names = ", ".join(source.classes) or "none"
        raise UserError(f"{where}: two or more classes are needed to learn to tell them apart; found {names}")
    present = {entry.label for entry in source.entries}
    for label, name in enumerate(source.classes):
        if label not in present:
            raise UserError(f"{where}: the class {name!r} has no image; add some, or remove the class")


def check_splits(classes: Sequence[str], entries: Sequence[Entry], splits: Sequence[Split], where: str) -> None:
    """Refuse a split that lacks a class.

    Raises:
        UserError: naming class and split.
    """
    present = set(zip((entry.label for entry in entries), splits, strict=True))
    for label, name in enumerate(classes):
        for split in SPLITS:
            if (label, split) not in present:
                own = [entry for entry in entries if entry.label == label]
                units = len({entry.group for entry in own})
                raise UserError(
                    f"{where}: the class {name!r} has no image in the {split} split (it has {len(own)} in all, from "
                    f"{units} patients or single images); add images, or change data.val_fraction or data.test_fraction"
                )


def copies_toward_training(entries: Sequence[Entry], contents: NDArray[np.intp]) -> dict[int, int]:
    """Images that the source brings in two splits: position of each copy, with that of its original.

    The original is in the last of the splits (train, val, test) that hold the image; copies are in earlier ones.
    """
    copies: dict[int, int] = {}
    for positions in _equal(contents):
        last = max(positions, key=lambda position: _rank(entries[position]))
        copies |= {p: last for p in positions if _rank(entries[p]) < _rank(entries[last])}
    return copies


def refuse_copies(entries: Sequence[Entry], copies: dict[int, int], where: str) -> None:
    """Refuse images that stand in two splits.

    Raises:
        UserError: naming the pairs.
    """
    if copies:
        pairs = _examples(copies.items(), lambda pair: f"{entries[pair[0]].id} = {entries[pair[1]].id}")
        more = "" if len(copies) <= EXAMPLES else f", and {len(copies) - EXAMPLES} more"
        raise UserError(
            f"{where}: identical images in two splits would be learned by heart and then counted as recognised: "
            f"{', '.join(pairs)}{more}. Remove one of each, or set data.duplicates to drop_from_train"
        )


def findings(
    images: CheckedImages,
    classes: Sequence[str],
    dropped: Sequence[str],
    unused_files: Sequence[str],
    image_px: int,
    group_pattern: str,
) -> list[CheckResult]:
    """What every check found, for the report.

    Args:
        images: the images of the study.
        classes: names of the classes.
        dropped: ids that were left out, with that of their copy.
        unused_files: files of the source that are no images.
        image_px: side of the prepared images.
        group_pattern: by which patients were found; empty: none are known.
    """
    entries, equal = images.entries, _equal(images.contents)
    alone = [entry.id for entry in entries if group_pattern and entry.group == entry.id]

    def ids(concerned: NDArray[np.bool_]) -> list[str]:
        return [entries[position].id for position in np.flatnonzero(concerned).tolist()]

    def listed(sets: Iterable[Sequence[int]]) -> list[str]:
        return [" = ".join(entries[position].id for position in positions) for positions in sets]

    return [
        _result("readable", []),
        _result("classes_in_every_split", []),
        _result("identical_across_splits", dropped),
        _result("nearly_identical_across_splits", list(_near_copies(images))),
        _result("identical_within_split", listed(equal)),
        _result("conflicting_labels", listed(s for s in equal if len({entries[position].label for position in s}) > 1)),
        _result("groups_across_splits", _groups_across_splits(images)),
        _result("images_without_group", alone),
        _result("constant_images", ids(images.ranges == 0)),
        _result("low_contrast", ids((images.ranges > 0) & (images.ranges < LOW_CONTRAST))),
        _result("enlarged", ids(images.sizes.min(axis=1) < image_px)),
        _result("few_test_images", _rare(images, classes, "test", FEW_TEST_IMAGES)),
        _result("class_imbalance", _rare(images, classes, "train", _largest_train_class(images) / IMBALANCE)),
        _result("unused_files", unused_files),
    ]


def class_counts(entries: Sequence[Entry], splits: Sequence[Split], classes: int) -> dict[Split, list[int]]:
    """Images of each split and class."""
    counts: dict[Split, list[int]] = {split: [0] * classes for split in SPLITS}
    for entry, split in zip(entries, splits, strict=True):
        counts[split][entry.label] += 1
    return counts


def _rare(images: CheckedImages, classes: Sequence[str], split: Split, least: float) -> list[str]:
    """Classes with fewer images than `least` in a split, with their numbers."""
    counts = class_counts(images.entries, images.splits, len(classes))[split]
    return [f"{name}: {count}" for name, count in zip(classes, counts, strict=True) if count < least]


def _largest_train_class(images: CheckedImages) -> int:
    labels = (e.label for e, split in zip(images.entries, images.splits, strict=True) if split == "train")
    return int(np.bincount(list(labels)).max())


def _rank(entry: Entry) -> int:
    return SPLITS.index(entry.split) if entry.split else 0


def _groups_across_splits(images: CheckedImages) -> list[str]:
    first: dict[str, Split] = {}
    across: dict[str, None] = {}  # a set in the order in which they appear
    for entry, split in zip(images.entries, images.splits, strict=True):
        if first.setdefault(entry.group, split) != split:
            across[entry.group] = None
    return list(across)


def _equal(contents: NDArray[np.intp]) -> list[list[int]]:
    """Positions of images that are equal, in sets of two or more, in the order of their first."""
    order = np.argsort(contents, kind="stable")
    sets = np.split(order, np.flatnonzero(np.diff(contents[order])) + 1)
    return sorted(positions.tolist() for positions in sets if len(positions) > 1)


def _near_copies(images: CheckedImages) -> Iterator[str]:
    """Pairs of nearly equal images in two splits; equal ones are found apart, simulated ones have no hash."""
    if not images.hashes.any():
        return
    splits = np.array(images.splits)
    for one, other in near_pairs(images.hashes, [np.flatnonzero(splits == split) for split in SPLITS]):
        if images.contents[one] != images.contents[other]:
            yield f"{images.entries[one].id} ≈ {images.entries[other].id}"


def _examples(items: Iterable[Item], name: Callable[[Item], str]) -> list[str]:
    return [name(item) for _, item in zip(range(EXAMPLES), items, strict=False)]


def _result(check: str, concerned: Sequence[str]) -> CheckResult:
    return CheckResult(check=check, passed=not concerned, count=len(concerned), examples=_examples(concerned, str))
