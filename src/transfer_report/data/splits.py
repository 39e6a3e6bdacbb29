"""Assignment of images to splits: by seed, balanced over classes; patients and equal images stay together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from transfer_report.data.source import Entries
from transfer_report.records.base import SPLITS, Split

# Each draw has a stream of its own, so that a change of one leaves the others as they are.
LIMIT_STREAM, TEST_STREAM, VAL_STREAM = range(3)


def draw_limited(entries: Entries, limit: int, seed: int) -> Sequence[int]:
    """Positions of at most `limit` entries of each class and given split, in their order; 0: of all.

    Patients are drawn whole as far as they fit, so that a small trial has the structure of the full study.
    """
    if not limit:
        return range(len(entries))
    rng = np.random.default_rng([seed, LIMIT_STREAM])
    strata: dict[tuple[Split | None, int], dict[str, list[int]]] = {}
    for position, entry in enumerate(entries):
        strata.setdefault((entry.split, entry.label), {}).setdefault(entry.patient, []).append(position)
    return sorted(position for patients in strata.values() for position in _draw(list(patients.values()), limit, rng))


def rejoin(entries: Entries, shared_patients: str, recut_val: bool) -> Entries:
    """Entries with the splits of the source changed as the settings ask.

    Args:
        entries: as the source brings them.
        shared_patients: `move_to_train` moves all images of a patient in two splits to the one nearest to training.
        recut_val: whether validation images join training.
    """
    splits = entries.splits
    if recut_val:
        splits = np.where(splits == SPLITS.index("val"), SPLITS.index("train"), splits)
    if shared_patients == "move_to_train":
        first = np.full(entries.patients.max(initial=0) + 1, len(SPLITS), dtype=np.int8)
        np.minimum.at(first, entries.patients, splits)
        splits = first[entries.patients]
    return entries.with_splits(splits)


def shared_toward_training(entries: Entries) -> NDArray[np.intp]:
    """Positions of images whose patient also has images in a later split of the source."""
    last = np.full(entries.patients.max(initial=0) + 1, -1, dtype=np.int8)
    np.maximum.at(last, entries.patients, entries.splits)
    return np.flatnonzero(entries.splits < last[entries.patients])


def bind(patients: NDArray[np.intp], contents: NDArray[np.intp]) -> NDArray[np.intp]:
    """Number of the unit to which each image belongs: images of one patient, or with equal contents, share it.

    Args:
        patients: a number for each image's patient.
        contents: a number for each image's contents.
    """
    patient_numbers = _number(patients)
    count = patient_numbers.max(initial=-1) + 1
    order = np.argsort(contents, kind="stable")
    equal = np.flatnonzero(np.diff(contents[order]) == 0)
    links = (patient_numbers[order[equal]], patient_numbers[order[equal + 1]])
    graph = coo_array((np.ones(len(equal), dtype=bool), links), shape=(count, count))
    numbers: NDArray[np.intp] = connected_components(graph, directed=False)[1].astype(np.intp)[patient_numbers]
    return numbers


def assign_splits(
    given: Sequence[Split | None],
    labels: NDArray[np.intp],
    units: NDArray[np.intp],
    val_fraction: float,
    test_fraction: float,
    seed: int,
) -> list[Split]:
    """The split of each image: as given, the test split cut from all where none is, then validation from training.

    Args:
        given: as the source brings them.
        labels: indices of the classes, (images,).
        units: what must stay together, (images,).
        val_fraction: share of the training images that validate, where the source brings no such split.
        test_fraction: share of all images that test, where the source brings no splits.
        seed: decides the draw.
    """
    splits: list[Split] = [split or "train" for split in given]
    cuts: list[tuple[Split, float, int]] = []
    if None in given:
        cuts.append(("test", test_fraction, TEST_STREAM))
    if "val" not in given:
        cuts.append(("val", val_fraction, VAL_STREAM))
    for split, fraction, stream in cuts:
        remaining = rows_of("train", splits)
        taken = cut(labels[remaining], units[remaining], fraction, np.random.default_rng([seed, stream]))
        for row in remaining[taken]:
            splits[row] = split
    return splits


def rows_of(split: Split, splits: Sequence[Split]) -> NDArray[np.intp]:
    """Return the rows of a split's images."""
    return np.flatnonzero(np.fromiter((own == split for own in splits), dtype=bool, count=len(splits)))


def cut(
    labels: NDArray[np.intp], units: NDArray[np.intp], fraction: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return the images that a split takes: nearly its fraction of every class, and only whole units.

    Units come in random order, and each is taken when it brings the split's counts per class nearer to their targets.
    (scikit-learn's StratifiedGroupKFold gives only fractions 1/k, and orders units by their size.)

    Args:
        labels: indices of the classes, (images,).
        units: what must stay together, (images,).
        fraction: share of the images, 0…1.
        rng: decides the order.
    """
    totals = np.bincount(labels)
    # A class of two or more images has at least one on each side.
    missing = np.minimum(np.maximum(fraction * totals, 1), np.maximum(totals - 1, 0))
    order = np.argsort(units, kind="stable")
    starts = np.flatnonzero(np.diff(units[order], prepend=-1))  # of each unit's members in that order
    ends = np.append(starts[1:], len(order))
    taken = np.zeros(len(labels), dtype=bool)
    for number in rng.permutation(len(starts)):
        members = order[starts[number] : ends[number]]
        counts = np.bincount(labels[members], minlength=len(totals))
        # |missing − counts|² < |missing|²
        if counts @ (2 * missing - counts) > 0:
            taken[members] = True
            missing = missing - counts
    return taken


def _draw(patients: list[list[int]], limit: int, rng: np.random.Generator) -> list[int]:
    drawn: list[int] = []
    order = rng.permutation(len(patients))
    for number in order:
        if len(drawn) + len(patients[number]) <= limit:
            drawn += patients[number]
    return drawn or patients[order[0]][:limit]


def _number(values: NDArray[np.intp]) -> NDArray[np.intp]:
    """Numbers for values, counted from 0 in the order in which they appear."""
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    numbers: NDArray[np.intp] = np.argsort(np.argsort(first))[inverse]
    return numbers
