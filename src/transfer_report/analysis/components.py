"""Every metric as a value per run and a deviation per image, so that one formula serves all of them.

A deviation says by how much an image moves the metric: for a mean over images it is the image's score minus the
mean. Metrics that are no means have deviations all the same: the structural components of the AUROC (DeLong, DeLong
and Clarke-Pearson 1988), and the influence function of F1 (the delta method, which to first order is the jackknife).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from transfer_report.analysis.predictions import Predictions
from transfer_report.evaluation.metrics import confidence_bins
from transfer_report.records.analysis import Metric

Doubles = NDArray[np.float64]
Codes = NDArray[np.intp]

IGNORED = -1
"""Stratum of images that a metric does not look at: negative ones, for the sensitivity."""


@dataclass(frozen=True)
class Components:
    """One metric of the runs of one condition."""

    values: Doubles
    """(seeds,), the metric of each run."""
    deviations: Doubles
    """(seeds, images), mean 0, scaled so that the variance of their mean is that of the metric over images."""
    strata: Codes
    """(images,), the part of the images, averaged by itself, that each belongs to; `IGNORED` for none."""
    clusters: Codes
    """(images,), 0, 1, …"""
    unit: float
    """By how much the metric moves when all images of one stratum turn right; 0 where no images are counted."""
    bounds: tuple[float, float]
    """Lowest and highest value that the metric can take."""
    counted: float | None = None
    """Images (patients) that decide the value, where they are fewer than the strata have: those that are called
    positive, for a predictive value."""

    @property
    def value(self) -> float:
        """The mean over seeds."""
        return float(self.values.mean())


def distinct(codes: Codes) -> Codes:
    """The different codes (0, 1, …) of an array, in their order; many times as fast as `np.unique`."""
    return np.flatnonzero(np.bincount(codes))


def components(metric: Metric, predictions: Predictions, bins: int = 10) -> Components:
    """The components of a metric; `bins` are those of the calibration error.

    Sensitivity, specificity and F1 are those of class 1 with two classes and means over classes beyond; the AUROC
    then is the mean of each class against the rest, and the Brier score is summed over classes (0…2).
    """
    if (metric, bins) not in predictions.made:
        predictions.made[metric, bins] = BUILDERS[metric](predictions, bins)
    found: Components = predictions.made[metric, bins]
    return found


def recall(predictions: Predictions, index: int) -> Components:
    """Share of the images of one class that are recognised."""
    strata = np.where(predictions.labels == index, 0, IGNORED)
    return mean_of_scores(predictions, predictions.correct, strata, unit=1.0)


def recall_gap(predictions: Predictions, best: int, worst: int) -> Components:
    """Recall of one class minus that of another, two classes that these images did not choose."""
    recalls = {index: recall(predictions, index) for index in (best, worst)}
    strata = np.select([predictions.labels == best, predictions.labels == worst], [0, 1], IGNORED)
    return Components(
        values=recalls[best].values - recalls[worst].values,
        deviations=recalls[best].deviations - recalls[worst].deviations,
        strata=strata,
        clusters=predictions.cluster_codes,
        unit=1.0,
        bounds=(-1.0, 1.0),
    )


def overconfidence(predictions: Predictions) -> Components:
    """Mean probability of the predicted class minus accuracy: above 0, the runs are overconfident."""
    scores = predictions.doubles.max(axis=2) - predictions.correct
    return mean_of_scores(predictions, scores, all_images(predictions), unit=1.0, bounds=(-1.0, 1.0))


def _accuracy(predictions: Predictions, _bins: int) -> Components:
    return mean_of_scores(predictions, predictions.correct, all_images(predictions), unit=1.0)


def _balanced_accuracy(predictions: Predictions, _bins: int) -> Components:
    return mean_of_scores(predictions, predictions.correct, predictions.labels, unit=1 / predictions.classes)


def _sensitivity(predictions: Predictions, bins: int) -> Components:
    return recall(predictions, 1) if predictions.classes == 2 else _balanced_accuracy(predictions, bins)


def _specificity(predictions: Predictions, _bins: int) -> Components:
    if predictions.classes == 2:
        return recall(predictions, 0)
    of_each = []
    for index in range(predictions.classes):
        negative = np.where(predictions.labels == index, IGNORED, 0)
        of_each.append(mean_of_scores(predictions, predictions.predicted != index, negative))
    return macro(predictions, of_each)


def _brier(predictions: Predictions, _bins: int) -> Components:
    truth = np.eye(predictions.classes)[predictions.labels]
    squares = (predictions.doubles - truth) ** 2  # (seeds, images, classes)
    if predictions.classes == 2:
        return mean_of_scores(predictions, squares[:, :, 1], all_images(predictions))
    return mean_of_scores(predictions, squares.sum(axis=2), all_images(predictions), bounds=(0.0, 2.0))


def _calibration_error(predictions: Predictions, bins: int) -> Components:
    # A bin adds |Σ (right − confidence)|, which is the sum of these differences, each with the sign of the whole.
    confidence = predictions.doubles.max(axis=2)
    differences = predictions.correct - confidence  # (seeds, images)
    index = confidence_bins(confidence, bins)
    scores = np.empty_like(differences)
    for seed, (own, bin_index) in enumerate(zip(differences, index, strict=True)):
        signs = np.sign(np.bincount(bin_index, weights=own, minlength=bins))
        scores[seed] = signs[bin_index] * own
    return mean_of_scores(predictions, scores, all_images(predictions))


def _f1(predictions: Predictions, _bins: int) -> Components:
    classes = [1] if predictions.classes == 2 else range(predictions.classes)
    of_each = [f1_of_class(predictions, index) for index in classes]
    return macro(predictions, of_each)


def f1_of_class(predictions: Predictions, index: int) -> Components:
    """Harmonic mean of precision and recall of one class."""
    called, true = predictions.predicted == index, predictions.labels == index
    hits = (called & true).astype(float)  # (seeds, images)
    ends = called.astype(float) + true  # 2 · true positives + false positives + false negatives, image by image
    value = 2 * hits.sum(axis=1) / ends.sum(axis=1)
    influence = (2 * hits - value[:, None] * ends) / ends.mean(axis=1, keepdims=True)
    return _built(predictions, value, influence, all_images(predictions), unit=1.0)


def _auroc(predictions: Predictions, _bins: int) -> Components:
    classes = [1] if predictions.classes == 2 else range(predictions.classes)
    of_each = [auroc_of_class(predictions, index) for index in classes]
    return macro(predictions, of_each)


def auroc_of_class(predictions: Predictions, index: int) -> Components:
    """The AUROC of one class against the rest, with the deviations of its structural components."""
    scores = np.asarray(predictions.probabilities[:, :, index], dtype=np.float64)
    positive = predictions.labels == index
    placements = _placements(scores, positive)
    value = placements[:, positive].mean(axis=1)
    strata = positive.astype(np.intp)
    return _built(predictions, value, _centred(placements, strata, weights=[1.0, 1.0]), strata)


def auroc_within_groups(predictions: Predictions, groups: Codes) -> Components:
    """The AUROC of the second of two classes among the images of each group, averaged by its images of that class.

    Args:
        predictions: of two classes.
        groups: (images,), 0, 1, …; each has images of both classes.
    """
    scores = np.asarray(predictions.probabilities[:, :, 1], dtype=np.float64)
    positive = predictions.labels == 1
    shares = np.bincount(groups, weights=positive) / positive.sum()
    placements = np.empty_like(scores)
    value = np.zeros(len(scores))
    for group, share in enumerate(shares):
        own = groups == group
        placements[:, own] = _placements(scores[:, own], positive[own])
        value += share * placements[:, own & positive].mean(axis=1)
    strata = 2 * groups + positive
    return _built(predictions, value, _centred(placements, strata, weights=np.repeat(shares, 2).tolist()), strata)


def _placements(scores: Doubles, positive: NDArray[np.bool_]) -> Doubles:
    """(seeds, images), the share of the other class that each image is on the right side of."""
    overall: Doubles = rankdata(scores, axis=1)
    placements = np.empty_like(overall)
    own = overall[:, positive] - rankdata(scores[:, positive], axis=1)
    placements[:, positive] = own / (~positive).sum()
    rest = overall[:, ~positive] - rankdata(scores[:, ~positive], axis=1)
    placements[:, ~positive] = 1 - rest / positive.sum()
    return placements


def mean_of_scores(
    predictions: Predictions,
    scores: NDArray[np.generic],
    strata: Codes,
    unit: float = 0.0,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> Components:
    """A mean of scores (seeds, images): of each stratum by itself, then over the strata.

    Args:
        predictions: Whose images.
        scores: (seeds, images), any numbers.
        strata: (images,), the part that each image belongs to; images that are `IGNORED` do not count.
        unit: By how much the mean moves when all images of one stratum turn correct; 0 where no images are counted.
        bounds: Lowest and highest value that the mean can take.
    """
    doubles = np.asarray(scores, dtype=np.float64)
    present = distinct(strata[strata != IGNORED])
    weights = [1 / len(present)] * len(present)
    codes = np.where(strata == IGNORED, IGNORED, np.searchsorted(present, strata))
    means = [doubles[:, codes == code].mean(axis=1) for code in range(len(present))]
    value = np.mean(means, axis=0)
    return _built(predictions, value, _centred(doubles, codes, weights), codes, unit, bounds)


def _centred(scores: Doubles, strata: Codes, weights: list[float]) -> Doubles:
    """Deviations from the stratum's mean, scaled so that n · (n − 1) divides their squares as n_c · (n_c − 1) should.

    With them, the plain variance of a mean over all n images is exactly the sum over strata of weight² times the
    variance of the stratum's mean.
    """
    deviations = np.zeros_like(scores)
    n = scores.shape[1]
    for code, weight in enumerate(weights):
        inside = strata == code
        own = max(int(inside.sum()), 2)
        part = scores[:, inside]
        scale = weight * np.sqrt(n * (n - 1) / (own * (own - 1)))
        deviations[:, inside] = scale * (part - part.mean(axis=1, keepdims=True))
    return deviations


def macro(predictions: Predictions, of_each: list[Components]) -> Components:
    """The mean over classes of what each has; of one class, that class."""
    if len(of_each) == 1:
        return of_each[0]
    values = np.mean([part.values for part in of_each], axis=0)
    deviations = np.mean([part.deviations for part in of_each], axis=0)
    counted = [part.counted for part in of_each if part.counted is not None]
    return Components(
        values=values,
        deviations=deviations,
        strata=predictions.labels,
        clusters=predictions.cluster_codes,
        unit=of_each[0].unit / len(of_each),
        bounds=(0.0, 1.0),
        counted=sum(counted) if counted else None,
    )


def _built(
    predictions: Predictions,
    values: Doubles,
    deviations: Doubles,
    strata: Codes,
    unit: float = 0.0,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> Components:
    return Components(values, deviations, strata, predictions.cluster_codes, unit, bounds)


def all_images(predictions: Predictions) -> Codes:
    """One stratum of all images."""
    return np.zeros(predictions.images, dtype=np.intp)


BUILDERS: dict[Metric, Callable[[Predictions, int], Components]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "auroc": _auroc,
    "sensitivity": _sensitivity,
    "specificity": _specificity,
    "f1": _f1,
    "brier": _brier,
    "calibration_error": _calibration_error,
}
