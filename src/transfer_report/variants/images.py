"""Test images that two revisions share."""

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from transfer_report.analysis.predictions import Predictions
from transfer_report.revisions.results import Results

READING = frozenset({"image_px", "fit", "download"})
"""Settings of `data` that say how an image is read, not which."""

LEAST_SHARE = 0.5
"""Images are paired where at least so much of the smaller test set is in the other one, and every class; else the sets
stand apart."""


@dataclass(frozen=True)
class Common:
    """The test images that two revisions share, as rows of each."""

    reference: NDArray[np.intp]
    treatment: NDArray[np.intp]
    same_set: bool
    """True if neither revision has any other test image."""
    paired: bool
    """True if enough of every class are shared to compare image by image."""
    clusters: NDArray[np.str_]
    """Clusters of the shared images: patients, from the side that groups more of them."""

    def of(self, predictions: Predictions, rows: NDArray[np.intp]) -> Predictions:
        """Predictions of these rows alone, in this order."""
        return Predictions(
            predictions.condition,
            predictions.split,
            predictions.probabilities[:, rows],
            predictions.labels[rows],
            self.clusters,
        )


def common_images(reference: Results, treatment: Results) -> Common:
    """Match test images by their contents; by their names where the same files were read at another size.

    Names alone do not tell: a simulation with another seed gives other images the same names.
    """
    rows: tuple[list[int], list[int]] = ([], [])
    if reference.evaluation.classes == treatment.evaluation.classes:
        waiting = defaultdict(list)
        by_name = _same_files(reference, treatment)
        for row, key in enumerate(_keys(reference, by_name)):
            waiting[key].append(row)
        for row, key in enumerate(_keys(treatment, by_name)):
            if waiting[key]:
                rows[0].append(waiting[key].pop(0))
                rows[1].append(row)
    labels = [one.evaluation.test_labels for one in (reference, treatment)]
    counts = [len(of_side) for of_side in labels]
    sides = zip((reference, treatment), rows, strict=True)
    clusters = [np.asarray(one.evaluation.test_patients, dtype=np.str_)[own] for one, own in sides]
    # Where a class is not among them, nothing is left to tell it from.
    every_class = {labels[0][row] for row in rows[0]} == {*labels[0], *labels[1]}
    return Common(
        reference=np.asarray(rows[0], dtype=np.intp),
        treatment=np.asarray(rows[1], dtype=np.intp),
        same_set=len(rows[0]) == max(counts),
        paired=every_class and len(rows[0]) >= LEAST_SHARE * min(counts),
        clusters=min(clusters, key=lambda of_side: len(np.unique(of_side))),
    )


def _same_files(reference: Results, treatment: Results) -> bool:
    """Return whether both were read from the same files by settings that choose the same images."""
    if reference.description.content_sha256 == treatment.description.content_sha256:
        return True
    first, second = (_choosing(one) for one in (reference, treatment))
    return first == second and bool(reference.data_hash) and reference.data_hash == treatment.data_hash


def _choosing(results: Results) -> dict[str, object]:
    settings = {key: value for key, value in results.data_settings.items() if key not in READING}
    if settings.get("source") != "phantom":
        return {key: value for key, value in settings.items() if key != "phantom"}
    # A simulation draws other images at each size.
    return settings | {key: results.data_settings.get(key) for key in READING}


def _keys(results: Results, by_name: bool) -> Iterator[Hashable]:
    """Yield keys of images: the label with the name or with a hash of the pixels."""
    labels = results.evaluation.test_labels
    if by_name:
        yield from zip(results.evaluation.test_ids, labels, strict=True)
    elif results.images is not None:
        for image, label in zip(results.images, labels, strict=True):
            yield sha256(image.tobytes()).hexdigest(), image.shape, label
    else:  # its pixels are kept nowhere, so nothing tells that it is another revision's
        yield from ((results.revision, row) for row in range(len(labels)))
