"""Accuracy over folds, with an interval that counts other images, other seeds and other splits.

Trainings of a cross-validation share images, so that their results vary together, and no unbiased estimate of the
variance of their mean exists (Bengio and Grandvalet, JMLR 5, 2004). Nadeau and Bengio (Machine Learning 52, 2003)
correct the variance over folds by the images that a training and a test have: in simulations their interval holds in
95 % or more, that of images alone in 86 to 97 % (`benchmarks/CROSS_VALIDATION.md`).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from transfer_report.analysis.components import Doubles
from transfer_report.analysis.t_interval import t_estimate
from transfer_report.analysis.variance import Term
from transfer_report.evaluation.metrics import Floats, predicted_classes
from transfer_report.records.analysis import CrossValidated, Estimate


def cross_validated(
    probabilities: Mapping[str, Floats], labels: NDArray[np.intp], codes: NDArray[np.intp], confidence: float
) -> list[CrossValidated]:
    """Return the accuracy of each condition over all folds, and how far it is from that of the first one.

    Args:
        probabilities: of each condition, (repeats, images, classes).
        labels: (images,).
        codes: (repeats, images), the fold that tests an image.
        confidence: of the intervals.
    """
    found: list[CrossValidated] = []
    first: Doubles | None = None
    repeats, images = codes.shape
    folds = int(codes.max()) + 1
    for condition, predicted in probabilities.items():
        correct = predicted_classes(predicted) == labels
        values = np.array(
            [correct[repeat][codes[repeat] == fold].mean() for repeat in range(repeats) for fold in range(folds)]
        )
        found.append(
            CrossValidated(
                condition=condition,
                folds=folds,
                repeats=repeats,
                images=images,
                accuracy=over_folds(values, folds, images, confidence, (0.0, 1.0)),
                difference=None
                if first is None
                else over_folds(values - first, folds, images, confidence, (-1.0, 1.0)),
            )
        )
        first = values if first is None else first
    return found


def over_folds(values: Doubles, folds: int, images: int, confidence: float, bounds: tuple[float, float]) -> Estimate:
    """Return the mean over folds with Nadeau and Bengio's interval.

    Args:
        values: of each fold of each repeat.
        folds: their number in a repeat; a fold is tested by a training on folds − 1 times its images.
        images: number of images, each tested once in a repeat.
        confidence: of the interval.
        bounds: lowest and highest possible value.
    """
    variance = float(values.var(ddof=1)) * (1 / len(values) + 1 / (folds - 1))
    return t_estimate(
        float(values.mean()),
        Term(variance, len(values) - 1),
        confidence,
        scope="conditions",
        seeds=len(values),
        images=images,
        clusters=images,
        bounds=bounds,
    )
