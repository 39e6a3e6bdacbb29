"""Checks of a data set: errors that stop the study, and findings for the report."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from transfer_report.data.near_copies import near_pairs
from transfer_report.data.source import Entries, Source
from transfer_report.data.splits import rows_of
from transfer_report.errors import UserError
from transfer_report.records.base import SPLITS, Split
from transfer_report.records.data import CheckResult

# With 100 images, the 95 % interval of an accuracy is up to ten points wide on either side (Wilson 1927).
FEW_TEST_IMAGES = 100
# The largest class of the training split has more than so many times the images of the one concerned.
IMBALANCE = 2
# Of 255: less than this between darkest and brightest is nearly one grey, such as 12 bits stored in 16.
LOW_CONTRAST = 16
# With 20, one image more or less moves the recall of a class by five points: chance chooses the epoch.
FEW_VAL_IMAGES = 20
# A property of files that gives the class of so many images away, and of at least so many more than guessing does.
TELLING, TELLING_GAIN = 0.95, 0.1
# Values of a property that so few images share could tell their class by chance.
FEW_OF_A_VALUE = 5
EXAMPLES = 10
ADVICE = {
    "low_contrast": "data.window can take a narrower range of DICOM's grey values",
    "few_val_images": "too few to choose an epoch by: raise data.val_fraction, or set data.recut_val to true where the "
    "source brings a validation split",
    "told_by_size": "networks may learn the source of the images instead of the disease",
    "told_by_format": "networks may learn the source of the images instead of the disease",
    "positive_class": "no class name shows which class is positive; data.positive_class decides",
    "patients_across_splits": "data.shared_patients leaves out or moves their images",
    "patient_folders": r"data.patient_pattern can name the patients, such as '(patient\d+)/'",
}
"""Advice on a finding, by the name of its check."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class CheckedImages:
    """Inputs of the checks, image by image."""

    entries: Entries
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
    """Refuse a source with fewer than two classes, a class without images, or a name that cannot be printed.

    Raises:
        UserError: naming the class.
    """
    if len(source.classes) < 2:
        names = ", ".join(source.classes) or "none"
        raise UserError(f"{where}: two or more classes are needed to learn to tell them apart; found {names}")
    present = set(source.entries.labels.tolist())
    for label, name in enumerate(source.classes):
        if not name.isprintable():
            raise UserError(f"{where}: the class {name!r} has a name that cannot be printed; rename it")
        if label not in present:
            raise UserError(f"{where}: the class {name!r} has no image; add some, or remove the class")


def check_splits(classes: Sequence[str], entries: Entries, splits: Sequence[Split], where: str) -> None:
    """Refuse a split that lacks a class.

    Raises:
        UserError: naming class and split.
    """
    present = set(zip(entries.labels.tolist(), splits, strict=True))
    for label, name in enumerate(classes):
        for split in SPLITS:
            if (label, split) not in present:
                own = entries.patients[entries.labels == label].tolist()
                raise UserError(
                    f"{where}: the class {name!r} has no image in the {split} split (it has {len(own)} in all, from "
                    f"{len(set(own))} patients or single images); add images, or change data.val_fraction or "
                    "data.test_fraction"
                )


def copies_toward_training(entries: Entries, contents: NDArray[np.intp]) -> dict[int, int]:
    """Images that the source brings in two splits: position of each copy, with that of its original.

    The original is in the last of the splits (train, val, test) that hold the image; copies are in earlier ones.
    """
    copies: dict[int, int] = {}
    for positions in _equal(contents):
        ranks = entries.splits[positions].clip(0)
        last = positions[int(ranks.argmax())]
        copies |= {p: last for p, rank in zip(positions, ranks, strict=True) if rank < ranks.max()}
    return copies


def refuse_copies(entries: Entries, copies: dict[int, int], where: str) -> None:
    """Refuse images that stand in two splits.

    Raises:
        UserError: naming the pairs.
    """
    if copies:
        pairs = [
            f"{entries.ids[copy]} = {entries.ids[original]}" for copy, original in islice(copies.items(), EXAMPLES)
        ]
        more = "" if len(copies) <= EXAMPLES else f", and {len(copies) - EXAMPLES} more"
        raise UserError(
            f"{where}: identical images in two splits would be learned by heart and then counted as recognised: "
            f"{', '.join(pairs)}{more}. Remove one of each, or set data.duplicates to drop_from_train"
        )


def check_results(
    images: CheckedImages,
    classes: Sequence[str],
    dropped: Sequence[str],
    unused_files: Sequence[str],
    image_px: int,
) -> list[CheckResult]:
    """Return the findings of every check, for the report.

    Args:
        images: the images of the study.
        classes: names of the classes.
        dropped: ids that were left out, with that of their copy.
        unused_files: files of the source that are no images.
        image_px: side of the prepared images.
    """
    entries, equal = images.entries, _equal(images.contents)
    conflicting = [positions for positions in equal if len(set(entries.labels[positions])) > 1]
    alone = (entries.patients >= len(entries.names)) & bool(len(entries.names))
    constant = images.ranges == 0

    def named(positions: Sequence[int]) -> str:
        return " = ".join(entries.ids[position] for position in positions)

    def of_images(check: str, concerned: NDArray[np.bool_]) -> CheckResult:
        return _result(check, np.flatnonzero(concerned), lambda position: entries.ids[position])

    return [
        _result("readable", []),
        _result("classes_in_every_split", []),
        _result("identical_across_splits", dropped),
        _result("nearly_identical_across_splits", _near_copies(images)),
        _result("identical_within_split", equal, named),
        _result("conflicting_labels", conflicting, named),
        _result("patients_across_splits", _patients_across_splits(images)),
        of_images("images_without_patient", alone),
        of_images("constant_images", constant),
        of_images("low_contrast", ~constant & (images.ranges < LOW_CONTRAST)),
        of_images("enlarged", images.sizes.min(axis=1) < image_px),
        _result("few_test_images", _rare(images, classes, "test", FEW_TEST_IMAGES)),
        _result("few_val_images", _rare(images, classes, "val", FEW_VAL_IMAGES)),
        _result("class_imbalance", _rare(images, classes, "train", _largest_train_class(images) / IMBALANCE)),
        _result("told_by_size", _telling(map(_size, images.sizes.tolist()), entries, classes)),
        _result("told_by_format", _telling(map(_suffix, entries.ids), entries, classes)),
        _result("unused_files", unused_files),
    ]


def assumption(check: str, examples: Sequence[str]) -> CheckResult:
    """Return an assumption made to read the source, in the form of a check."""
    return _result(check, examples)


def class_counts(entries: Entries, splits: Sequence[Split], classes: int) -> dict[Split, list[int]]:
    """Images of each split and class."""
    return {split: np.bincount(entries.labels[rows_of(split, splits)], minlength=classes).tolist() for split in SPLITS}


def _rare(images: CheckedImages, classes: Sequence[str], split: Split, least: float) -> list[str]:
    """Classes with fewer images than `least` in a split, with their numbers."""
    counts = class_counts(images.entries, images.splits, len(classes))[split]
    return [f"{name}: {count}" for name, count in zip(classes, counts, strict=True) if count < least]


def _size(size: Sequence[int]) -> str:
    return f"{size[0]} × {size[1]}"


def _suffix(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _telling(values: Iterable[str], entries: Entries, classes: Sequence[str]) -> list[str]:
    """Values of a property of files with the class that they give away; none where the property does not tell."""
    names, codes = np.unique(np.fromiter(values, np.dtypes.StringDType(), len(entries)), return_inverse=True)
    counts = np.zeros((len(names), len(classes)), dtype=np.intp)
    np.add.at(counts, (codes, entries.labels), 1)
    frequent = counts.sum(axis=1) >= FEW_OF_A_VALUE
    recognised, guessed = counts[frequent].max(axis=1).sum() / len(entries), counts.sum(axis=0).max() / len(entries)
    if recognised < TELLING or recognised < guessed + TELLING_GAIN:
        return []
    return [f"{names[value]}: {classes[counts[value].argmax()]}" for value in np.flatnonzero(frequent)]


def _largest_train_class(images: CheckedImages) -> int:
    return int(np.bincount(images.entries.labels[rows_of("train", images.splits)]).max())


def _patients_across_splits(images: CheckedImages) -> list[str]:
    """Patients in the order in which a second split of theirs appears."""
    patients = images.entries.patients
    splits = np.fromiter(map(SPLITS.index, images.splits), dtype=np.int8, count=len(patients))
    first = np.zeros(patients.max(initial=0) + 1, dtype=np.int8)
    first[patients[::-1]] = splits[::-1]  # of several, the last that is set stays
    across = dict.fromkeys(patients[splits != first[patients]].tolist())  # a set in the order in which they appear
    return [images.entries.names[patient] for patient in across]


def _equal(contents: NDArray[np.intp]) -> list[list[int]]:
    """Positions of images that are equal, in sets of two or more, in the order of their first."""
    repeated = np.flatnonzero(np.bincount(contents)[contents] > 1)
    order = repeated[np.argsort(contents[repeated], kind="stable")]
    sets = np.split(order, np.flatnonzero(np.diff(contents[order])) + 1) if len(order) else []
    return sorted(positions.tolist() for positions in sets)


def _near_copies(images: CheckedImages) -> Iterator[str]:
    """Pairs of nearly equal images in two splits; equal ones are found apart, simulated ones have no hash."""
    if not images.hashes.any():
        return
    for one, other in near_pairs(images.hashes, [rows_of(split, images.splits) for split in SPLITS]):
        if images.contents[one] != images.contents[other]:
            yield f"{images.entries.ids[one]} ≈ {images.entries.ids[other]}"


def _result(check: str, concerned: Iterable[Item], name: Callable[[Item], str] = str) -> CheckResult:
    """Return a check's count with a few examples."""
    rest = iter(concerned)
    examples = list(map(name, islice(rest, EXAMPLES)))
    return CheckResult(check=check, passed=not examples, count=len(examples) + sum(1 for _ in rest), examples=examples)
