"""Parts of the training images: whole patients, all classes in their shares, each part within the larger ones."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def part_of(labels: Sequence[int], patients: Sequence[str], fraction: float, seed: int) -> NDArray[np.intp]:
    """Return the rows of a part of the training images, in their order.

    Patients are drawn, each with the class of most of its images, and join until their class has its share; every class
    keeps one patient at least. By one seed, a smaller part lies within a larger one. Each run draws its own part, so
    that the variance over seeds has that of the draw.

    Args:
        labels: class indices of the training images.
        patients: of the same images.
        fraction: of the images of each class, above 0 and below 1.
        seed: of the run.
    """
    classes = np.asarray(labels)
    numbers = np.unique(np.asarray(patients), return_inverse=True)[1]
    counts = np.zeros((numbers.max() + 1, classes.max() + 1), dtype=int)
    np.add.at(counts, (numbers, classes), 1)
    of_patient, sizes = counts.argmax(axis=1), counts.sum(axis=1)
    drawn = np.random.default_rng(seed).permutation(len(sizes))
    kept = []
    for number in np.unique(of_patient):
        members = drawn[of_patient[drawn] == number]
        before = np.cumsum(sizes[members]) - sizes[members]
        kept.append(members[before < fraction * sizes[members].sum()])
    return np.flatnonzero(np.isin(numbers, np.concatenate(kept)))
