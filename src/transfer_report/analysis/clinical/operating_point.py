"""An operating point: chosen on validation alone, described on test.

The threshold of each run is chosen on the validation images and then belongs to the run: intervals on test are for
other test images and other runs (each with its own threshold), not for other validation images.
"""

from collections.abc import Sequence
from math import exp
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from transfer_report.analysis.clinical.delta import UNBOUNDED, difference, of_means, t_interval
from transfer_report.analysis.clinical.one_vs_rest import (
    Called,
    counted,
    one_vs_rest,
    risks,
    sensitivity_parts,
    share,
    specificity_parts,
)
from transfer_report.analysis.clinical.records import (
    AtPrevalence,
    CarryOver,
    Cost,
    OperatingPoint,
)
from transfer_report.analysis.clinical.whole_counts import whole_counts
from transfer_report.analysis.comparisons import difference_between_sets
from transfer_report.analysis.components import IGNORED, Components, all_images, mean_of_scores
from transfer_report.analysis.estimates import estimate_of
from transfer_report.analysis.predictions import Predictions
from transfer_report.records.analysis import Estimate
from transfer_report.settings import FixedThreshold, OperatingPointRule, SensitivityTarget, SpecificityTarget

Rate = Literal["sensitivity", "specificity"]
Scored = Literal["accuracy", "balanced_accuracy"]


def operating_point(
    val: Predictions,
    test: Predictions,
    rule: OperatingPointRule,
    positive: int,
    confidence: float,
    prevalence: float | None = None,
) -> OperatingPoint:
    """Choose a condition's operating point on validation and describe it on test.

    Args:
        val: Predictions of the runs on validation images.
        test: Predictions of the same runs on test images.
        rule: How the thresholds are chosen.
        positive: The class that is called, against all others.
        confidence: Level of the intervals.
        prevalence: Of a population for which predictive values are wanted as well.
    """
    thresholds = chosen_thresholds(val, rule, positive)
    _, *of_val = called_with_rates(val, positive, thresholds)
    called, found, kept = called_with_rates(test, positive, thresholds)
    described = one_vs_rest(test, positive)
    positives = described.labels == 1
    return OperatingPoint(
        condition=test.condition,
        positive=positive,
        rule=str(rule),
        target=float(target) if (target := str(rule).partition(" ")[2]) else None,
        thresholds=None if thresholds is None else [float(one) for one in thresholds],
        sensitivity=estimate_of(found, confidence),
        specificity=estimate_of(kept, confidence),
        ppv=_maybe(predictive_value(described, called, True), confidence),
        npv=_maybe(predictive_value(described, called, False), confidence),
        lr_positive=likelihood_ratio(found, kept, True, confidence),
        lr_negative=likelihood_ratio(found, kept, False, confidence),
        prevalence=float(positives.mean()),
        at_prevalence=None if prevalence is None else at_prevalence(found, kept, prevalence, confidence),
        confusion=whole_counts(mean_counts(described, called)),
        carry_over=_carry_over(of_val, (found, kept), rule, confidence),
        costs=[] if rule == "argmax" else _costs(test, called, positive, confidence),
    )


def called_with_rates(
    split: Predictions, positive: int, thresholds: NDArray[np.float64] | None
) -> tuple[Called, Components, Components]:
    """Return the called images, with the sensitivity and specificity of calling them.

    Args:
        split: Predictions of a condition's runs.
        positive: The class that is called, against all others.
        thresholds: Risk from which each run calls, (seeds,); None for the most probable class.
    """
    side = one_vs_rest(split, positive)
    called = split.predicted == positive if thresholds is None else risks(side) >= thresholds[:, None]
    return called, sensitivity_parts(side, called), specificity_parts(side, called)


def chosen_thresholds(val: Predictions, rule: OperatingPointRule, positive: int) -> NDArray[np.float64] | None:
    """The risk from which each run calls an image positive, (seeds,), by its validation images alone.

    None for the most probable of more than two classes, which is no threshold.

    A threshold lies half-way between two risks that were seen. Of thresholds with the same Youden index, the highest;
    for a wanted sensitivity, the one of highest specificity that reaches it, and the other way round.
    """
    if rule == "argmax":
        # Equal probabilities are the first class.
        return np.full(val.seeds, np.nextafter(0.5, 1.0) if positive == 1 else 0.5) if val.classes == 2 else None
    if isinstance(rule, FixedThreshold):
        return np.full(val.seeds, rule.threshold)
    side = one_vs_rest(val, positive)
    return np.array([_chosen(side.labels, row, rule) for row in risks(side)])


def _chosen(labels: NDArray[np.intp], scores: NDArray[np.float64], rule: OperatingPointRule) -> float:
    false_positives, found, thresholds = roc_curve(labels, scores, drop_intermediate=False)
    kept = 1 - false_positives
    if isinstance(rule, SensitivityTarget):
        quality = np.where(found >= rule.sensitivity, kept, -1.0)
    elif isinstance(rule, SpecificityTarget):
        quality = np.where(kept >= rule.specificity, found, -1.0)
    else:
        quality = found + kept
    index = int(quality.argmax())
    lower = float(thresholds[index + 1]) if index + 1 < len(thresholds) else 0.0
    upper = min(float(thresholds[index]), 1.0)
    return (lower + upper) / 2


def predictive_value(predictions: Predictions, called: Called, positive: bool) -> Components | None:
    """Share of the images that are called positive (negative) that are; None where no run calls any so."""
    so_called = called if positive else ~called
    correct = so_called & (predictions.labels == int(positive))
    return of_means(
        lambda hits, calls: hits / calls,
        share(predictions, correct),
        share(predictions, so_called),
        counted=counted(predictions.cluster_codes, so_called),
    )


def likelihood_ratio(found: Components, kept: Components, called: bool, confidence: float) -> Estimate | None:
    """LR+ = sensitivity / (1 − specificity), or LR− = (1 − sensitivity) / specificity; None where it is infinite.

    The interval is that of the logarithm. A ratio of 0 has none: its upper end is then that of the numerator.

    Args:
        found: Components of the sensitivity.
        kept: Components of the specificity.
        called: True for the ratio of a positive call, False for that of a negative one.
        confidence: Level of the interval.
    """
    above, below = (found.value, 1 - kept.value) if called else (1 - found.value, kept.value)
    if below <= 0:
        return None
    if above <= 0:
        rate = estimate_of(found, confidence)
        end = rate.high if called else None if rate.low is None else 1 - rate.low
        high = None if end is None else end / below
        return rate.model_copy(update={"value": 0.0, "low": None if high is None else 0.0, "high": high})

    def logarithm(sensitivity: complex, specificity: complex) -> complex:
        sides = (sensitivity, 1 - specificity) if called else (1 - sensitivity, specificity)
        return complex(np.log(sides[0]) - np.log(sides[1]))

    parts = of_means(logarithm, found, kept, bounds=UNBOUNDED)
    if parts is None:
        return None
    of_log = t_interval(parts, confidence)
    ends = {name: None if end is None else exp(end) for name, end in (("low", of_log.low), ("high", of_log.high))}
    error = None if of_log.standard_error is None else of_log.standard_error * exp(of_log.value)
    return of_log.model_copy(update={"value": exp(of_log.value), "standard_error": error, **ends})


def at_prevalence(found: Components, kept: Components, prevalence: float, confidence: float) -> AtPrevalence:
    """Predictive values where a share `prevalence` is ill, by Bayes' theorem.

    Where no image is called in error, as many images decide as would be called correctly in that population.

    Args:
        found: Components of the sensitivity.
        kept: Components of the specificity.
        prevalence: Between 0 and 1.
        confidence: Level of the intervals.
    """
    ill, odds = prevalence, prevalence / (1 - prevalence)
    negative, positive = (_clusters(parts) for parts in (kept, found))
    ppv = of_means(
        lambda se, sp: se * ill / (se * ill + (1 - sp) * (1 - ill)),
        found,
        kept,
        counted=max(negative * found.value * odds, 1e-9),
    )
    npv = of_means(
        lambda se, sp: sp * (1 - ill) / (sp * (1 - ill) + (1 - se) * ill),
        found,
        kept,
        counted=max(positive * kept.value / odds, 1e-9),
    )
    return AtPrevalence(prevalence=prevalence, ppv=_maybe(ppv, confidence), npv=_maybe(npv, confidence))


def mean_counts(predictions: Predictions, called: Called) -> NDArray[np.float64]:
    """Images by true class (rows: negative, positive) and call, the mean of the runs."""
    truth = predictions.labels == 1
    counts = [[(called[:, truth == row] == column).sum() for column in (False, True)] for row in (False, True)]
    return np.asarray(counts, dtype=np.float64) / predictions.seeds


def target_of(rule: OperatingPointRule, quantity: Rate) -> float | None:
    """Return the rate that the operating point is chosen for; None where it is not chosen for this one."""
    target: float | None = getattr(rule, quantity, None)
    return target


def _carry_over(
    of_val: Sequence[Components], of_test: Sequence[Components], rule: OperatingPointRule, confidence: float
) -> list[CarryOver]:
    return [
        CarryOver(
            quantity=name,
            validation=estimate_of(before, confidence),
            change=difference_between_sets(before, after, confidence),
            target=target_of(rule, name),
        )
        for name, before, after in zip(get_args(Rate), of_val, of_test, strict=True)
    ]


def _costs(test: Predictions, called: Called, positive: int, confidence: float) -> list[Cost]:
    """Return the costs of argmax, for the positive class against the rest."""
    found = []
    for metric in get_args(Scored):
        argmax, point = against_argmax(metric, test, called, positive)
        found.append(
            Cost(
                metric=metric,
                argmax=estimate_of(argmax, confidence),
                operating_point=estimate_of(point, confidence),
                difference=t_interval(difference(argmax, point), confidence),
            )
        )
    return found


def against_argmax(metric: Scored, test: Predictions, called: Called, positive: int) -> tuple[Components, Components]:
    """Return a metric of calling the most probable class and of calling at an operating point, on the same images.

    Args:
        metric: For the positive class against the rest.
        test: Predictions of a condition's runs.
        called: Images that the runs call positive at the operating point, (seeds, images).
        positive: The class.
    """
    described = one_vs_rest(test, positive)
    truth = described.labels == 1
    strata = all_images(described) if metric == "accuracy" else described.labels
    unit = 1.0 if metric == "accuracy" else 0.5
    argmax, point = (
        mean_of_scores(described, correct, strata, unit)
        for correct in ((test.predicted == positive) == truth, called == truth)
    )
    return argmax, point


def _clusters(parts: Components) -> int:
    return len(np.unique(parts.clusters[parts.strata != IGNORED]))


def _maybe(parts: Components | None, confidence: float) -> Estimate | None:
    return None if parts is None else estimate_of(parts, confidence)
