"""Accuracy by the number of training images, and what twice as many would give.

The error of a classifier falls roughly as a power of the training images: a line of the logarithms. Its slope and what
it predicts are smooth functions of the errors at each size, so their intervals are those of all other numbers: other
images and other seeds, by the delta method. Cortes et al., Learning curves: asymptotic values and rate of convergence,
NIPS 1993; Hestness et al., Deep learning scaling is predictable, empirically, 2017.
"""

from cmath import exp, log
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from transfer_report.analysis.clinical.delta import UNBOUNDED, of_means, t_interval
from transfer_report.analysis.components import Components, Doubles, components
from transfer_report.analysis.estimates import estimate_of
from transfer_report.analysis.predictions import Predictions
from transfer_report.records.analysis import Estimate, SizeCurve, SizePoint

FEWEST_SIZES = 3
"""With two, every line fits."""
AHEAD = 2.0
"""How many times the training images the power law is asked for, at most: beyond, its form is a belief."""


def size_curve(runs: Mapping[float, Predictions], images: Mapping[float, float], confidence: float) -> SizeCurve:
    """Return a condition's accuracy by training images, with the power law through it where there is one.

    Args:
        runs: test predictions by fraction of the training images, 1 for all; the same seeds and images throughout.
        images: mean number of training images, by fraction.
        confidence: of the intervals.
    """
    fractions = sorted(runs)
    accuracies = [components("accuracy", runs[fraction]) for fraction in fractions]
    points = [
        SizePoint(fraction=fraction, images=images[fraction], accuracy=estimate_of(accuracy, confidence))
        for fraction, accuracy in zip(fractions, accuracies, strict=True)
    ]
    curve = SizeCurve(condition=runs[1.0].condition, points=points, fit="too_few")
    if len(points) < FEWEST_SIZES:
        return curve
    if any(accuracy.value == 1 for accuracy in accuracies):
        return curve.model_copy(update={"fit": "no_errors"})
    sizes = np.log([images[fraction] for fraction in fractions])

    def interval(function: Callable[..., complex], bounds: tuple[float, float] = UNBOUNDED) -> Estimate | None:
        return _interval(function, accuracies, confidence, bounds)

    bend = interval(_of_logarithms(np.polyfit(sizes, np.eye(len(sizes)), 2)[0]))
    if bend is None or bend.low is None or bend.high is None or bend.low > 0 or bend.high < 0:
        return curve.model_copy(update={"fit": "bent"})
    slope, height = np.polyfit(sizes, np.eye(len(sizes)), 1)
    now, ahead = (_of_logarithms(height + slope * size) for size in (sizes[-1], sizes[-1] + np.log(AHEAD)))
    return curve.model_copy(
        update={
            "fit": "power_law",
            "exponent": interval(_of_logarithms(-slope)),
            "images_ahead": AHEAD * points[-1].images,
            "accuracy_ahead": interval(lambda *values: 1 - exp(ahead(*values)), (0.0, 1.0)),
            "gain_ahead": interval(lambda *values: exp(now(*values)) - exp(ahead(*values)), (-1.0, 1.0)),
        }
    )


def _of_logarithms(weights: Doubles) -> Callable[..., complex]:
    """Return a weighted sum of the logarithms of errors, as a function of accuracies."""
    return lambda *accuracies: sum(
        (weight * log(1 - accuracy) for weight, accuracy in zip(weights, accuracies, strict=True)), 0j
    )


def _interval(
    function: Callable[..., complex], parts: Sequence[Components], confidence: float, bounds: tuple[float, float]
) -> Estimate | None:
    found = of_means(function, *parts, bounds=bounds)
    return None if found is None else t_interval(found, confidence)
