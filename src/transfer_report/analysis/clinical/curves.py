"""ROC and precision–recall curves with pointwise bands, and the areas under them.

A point of a curve is a share above a quantile, and the quantile varies with the images, too. Its influence is the
slope of the curve, measured over the reach of the quantile's own error (Woodruff, JASA 47, 1952; for ROC curves Hsieh
and Turnbull, Annals of Statistics 24, 1996). Runs are averaged vertically (Fawcett, Pattern Recognition Letters 27,
2006).
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from transfer_report.analysis.clinical.delta import of_means
from transfer_report.analysis.clinical.one_vs_rest import one_vs_rest, risks, share
from transfer_report.analysis.clinical.records import Band, BandDifference, Curve, CurveKind
from transfer_report.analysis.comparisons import difference_of
from transfer_report.analysis.components import Components, Doubles, all_images, auroc_of_class, macro, mean_of_scores
from transfer_report.analysis.estimates import estimate_of
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.variance import Term
from transfer_report.records.analysis import Estimate

POINTS = 31
FALSE_POSITIVE_RATES: tuple[float, ...] = tuple(float(x) for x in (np.arange(1, POINTS) / POINTS) ** 2)
"""Where a ROC curve is estimated: closest where curves are steep."""
RECALLS: tuple[float, ...] = tuple(float(x) for x in np.arange(1, POINTS) / POINTS)

REACH = 2.0
"""Standard errors of a quantile over which the slope of a curve is measured; fewer make it noisy, and bands wide."""


def roc_point(predictions: Predictions, rate: float) -> Components:
    """Sensitivity at a false positive rate between 0 and 1, of two-class predictions."""
    return _share_beyond(risks(predictions), predictions.labels == 1, rate, predictions)


def precision_point(predictions: Predictions, rate: float) -> Components:
    """Precision at a recall `rate` between 0 and 1, of two-class predictions."""
    positive = predictions.labels == 1
    # The same point seen from the other axis: the false positives above the quantile of the positives.
    false_positives = _share_beyond(risks(predictions), ~positive, rate, predictions)
    found = of_means(
        lambda false, prevalence: rate * prevalence / (rate * prevalence + false * (1 - prevalence)),
        false_positives,
        share(predictions, positive),
        counted=max(rate * _clusters(predictions, positive), 1.0),
    )
    assert found is not None  # noqa: S101  # every class has images
    return found


def average_precision(predictions: Predictions) -> Components:
    """Mean over the positive images of the precision at their own score, of two-class predictions."""
    positive = predictions.labels == 1
    pairs = [_average_precision(scores, positive) for scores in risks(predictions)]
    return Components(
        values=np.array([value for value, _ in pairs]),
        deviations=np.array([influence for _, influence in pairs]),
        strata=all_images(predictions),
        clusters=predictions.cluster_codes,
        unit=0.0,
        bounds=(0.0, 1.0),
        counted=_clusters(predictions, positive),
    )


def auroc_parts(predictions: Predictions) -> Components:
    """Area under the ROC curve of two-class predictions."""
    return auroc_of_class(predictions, 1)


POINT: dict[CurveKind, Callable[..., Components]] = {
    "roc": roc_point,
    "precision_recall": precision_point,
}
AREA: dict[CurveKind, Callable[[Predictions], Components]] = {"roc": auroc_parts, "precision_recall": average_precision}
_GRID: dict[CurveKind, tuple[float, ...]] = {"roc": FALSE_POSITIVE_RATES, "precision_recall": RECALLS}


def curve(kind: CurveKind, predictions: Predictions, positive: int | None, confidence: float) -> Curve:
    """A curve of one condition, of a class against the rest; `positive` None is the macro average over classes."""
    sides = _sides(predictions, positive)
    grid = _grid(kind, sides)
    points = [macro(predictions, [POINT[kind](side, x) for side in sides]) for x in grid]
    return Curve(
        kind=kind,
        condition=predictions.condition,
        positive=positive,
        band=band(grid, [estimate_of(point, confidence) for point in points]),
        area=estimate_of(macro(predictions, [AREA[kind](side) for side in sides]), confidence),
        chance=0.5 if kind == "roc" else float(np.mean([side.labels.mean() for side in sides])),
    )


def curve_difference(
    kind: CurveKind,
    reference: Predictions,
    treatment: Predictions,
    positive: int | None,
    confidence: float,
    seeds: Term | None = None,
) -> BandDifference:
    """Treatment minus reference, point by point and in the area, on the same images.

    `seeds` is the variance over seeds of the difference of the areas, where tables moderate it.
    """

    def compared(measure: Callable[[Predictions], Components], seeds: Term | None = None) -> Estimate:
        first, second = (
            macro(one, [measure(side) for side in _sides(one, positive)]) for one in (reference, treatment)
        )
        return difference_of(first, second, confidence, seeds)

    grid = _grid(kind, _sides(reference, positive))
    return BandDifference(
        kind=kind,
        reference=reference.condition,
        treatment=treatment.condition,
        positive=positive,
        band=band(grid, [compared(partial(POINT[kind], rate=x)) for x in grid]),
        area=compared(AREA[kind], seeds),
    )


def band(x: Sequence[float], points: Sequence[Estimate]) -> Band:
    """Values with their pointwise intervals."""
    return Band(
        x=list(x),
        value=[point.value for point in points],
        low=[point.low for point in points],
        high=[point.high for point in points],
    )


def _sides(predictions: Predictions, positive: int | None) -> list[Predictions]:
    classes = range(predictions.classes) if positive is None else [positive]
    return [one_vs_rest(predictions, index) for index in classes]


def _grid(kind: CurveKind, sides: Sequence[Predictions]) -> list[float]:
    """Where a curve is estimated: not nearer to 0 than the first image that the axis counts."""
    fewest = min(int((side.labels == (0 if kind == "roc" else 1)).sum()) for side in sides)
    return [x for x in _GRID[kind] if x >= 1 / (fewest + 1)]


def _share_beyond(scores: Doubles, own: NDArray[np.bool_], rate: float, predictions: Predictions) -> Components:
    """Share of `own` images that score above the threshold which a share `rate` of the others exceeds."""
    others, clusters = int((~own).sum()), _clusters(predictions, ~own)
    reach = max(REACH * float(np.sqrt(rate * (1 - rate) / clusters)), 1 / clusters)
    low, high = max(rate - reach, 0.0), min(rate + reach, 1.0)
    ranks = _ranks(scores, own, predictions)
    placed = _beyond(ranks, rate, others)
    ends = [_beyond(ranks[:, own], end, others).mean(axis=1) for end in (low, high)]
    slopes = (ends[1] - ends[0]) / (high - low)
    values = placed[:, own].mean(axis=1)
    placed[:, ~own] *= -slopes[:, None]
    halves = mean_of_scores(predictions, placed, own.astype(np.intp))  # weighs either side by one half
    counted = _clusters(predictions, own)
    return Components(values, 2 * halves.deviations, halves.strata, halves.clusters, 0.0, (0.0, 1.0), counted)


def _clusters(predictions: Predictions, chosen: NDArray[np.bool_]) -> float:
    return float(len(np.unique(predictions.cluster_codes[chosen])))


def _ranks(scores: Doubles, own: NDArray[np.bool_], predictions: Predictions) -> Doubles:
    """How many of the others score higher than each image, ties by half: (seeds, images)."""
    key = ("ranks", bool(own[predictions.labels == 1].all()))
    if key not in predictions.made:
        ranks = np.empty_like(scores)
        for row, rank in zip(scores, ranks, strict=True):
            others = np.sort(row[~own])
            either = np.searchsorted(others, row, side="left") + np.searchsorted(others, row, side="right")
            rank[:] = len(others) - either / 2
            rank[~own] -= 0.5  # an image is not above itself
        predictions.made[key] = ranks
    found: Doubles = predictions.made[key]
    return found


def _beyond(ranks: Doubles, rate: float, others: int) -> Doubles:
    """Return shares of images above the threshold, 0…1: a share j / (n + 1) exceeds the j-th of the other images."""
    return np.clip(rate * (others + 1) - ranks, 0.0, 1.0)


def _average_precision(scores: Doubles, positive: NDArray[np.bool_]) -> tuple[float, Doubles]:
    """Value and influence (images,), images of equal scores entering together, as in scikit-learn."""
    n, hits = len(scores), int(positive.sum())
    levels, index = np.unique(-scores, return_inverse=True)  # 0: the highest score
    of_level = np.bincount(index, weights=positive, minlength=len(levels))
    true = np.cumsum(of_level)
    false = np.cumsum(np.bincount(index, weights=~positive, minlength=len(levels)))
    precision = true / (true + false)
    value = float((of_level * precision).sum() / hits)
    # What an image adds to the precision at its own score and all lower ones.
    gain = np.cumsum((of_level * false / (true + false) ** 2)[::-1])[::-1]
    loss = np.cumsum((of_level * true / (true + false) ** 2)[::-1])[::-1]
    influence = np.where(positive, precision[index] - value + gain[index], -loss[index])
    return value, influence * n / hits
