"""Decision curve: the value of acting on a risk, against treating all and treating none.

Net benefit = true positives − false positives × threshold / (1 − threshold), per image (Vickers and Elkin, Medical
Decision Making 26, 2006): the threshold says how many needless treatments one needed treatment is worth.
"""

import numpy as np
from numpy.typing import NDArray

from transfer_report.analysis.clinical.curves import band
from transfer_report.analysis.clinical.delta import difference, t_interval
from transfer_report.analysis.clinical.one_vs_rest import one_vs_rest, risks
from transfer_report.analysis.clinical.records import DecisionCurve, DecisionDifference, RiskDistribution
from transfer_report.analysis.comparisons import difference_of
from transfer_report.analysis.components import Components, all_images, mean_of_scores
from transfer_report.analysis.predictions import Predictions

THRESHOLDS: tuple[float, ...] = tuple(float(x) for x in np.arange(1, 50) / 50)
BINS = 20
"""Number of bins of the distribution of risks."""


def net_benefit(predictions: Predictions, threshold: float, prevalence: float | None = None) -> Components:
    """Net benefit where images are treated from a risk on, of two-class predictions.

    Args:
        predictions: Probabilities of a condition's runs.
        threshold: Risk from which on is treated, between 0 and 1.
        prevalence: That of the population; None for that of these images.
    """
    return _net_benefit(predictions, risks(predictions) >= threshold, threshold, prevalence)


def treat_all(predictions: Predictions, threshold: float, prevalence: float | None = None) -> Components:
    """Net benefit of treating everybody."""
    everybody = np.ones((predictions.seeds, predictions.images), dtype=np.bool_)
    return _net_benefit(predictions, everybody, threshold, prevalence)


def decision_curve(
    predictions: Predictions, positive: int, confidence: float, prevalence: float | None = None
) -> DecisionCurve:
    """The decision curve of one condition for one class."""
    side = one_vs_rest(predictions, positive)
    own, over, all_ = [], [], []
    for threshold in THRESHOLDS:
        of_network, of_all = (make(side, threshold, prevalence) for make in (net_benefit, treat_all))
        own.append(t_interval(of_network, confidence))
        over.append(t_interval(difference(of_all, of_network), confidence))
        all_.append(of_all.value)
    return DecisionCurve(
        condition=predictions.condition,
        positive=positive,
        prevalence=float(side.labels.mean()) if prevalence is None else prevalence,
        net_benefit=band(THRESHOLDS, own),
        treat_all=all_,
        over_treat_all=band(THRESHOLDS, over),
    )


def decision_difference(
    reference: Predictions,
    treatment: Predictions,
    positive: int,
    confidence: float,
    prevalence: float | None = None,
) -> DecisionDifference:
    """Net benefit of a treatment minus that of a reference, on the same images."""
    before, after = (one_vs_rest(one, positive) for one in (reference, treatment))
    points = [
        difference_of(net_benefit(before, threshold, prevalence), net_benefit(after, threshold, prevalence), confidence)
        for threshold in THRESHOLDS
    ]
    return DecisionDifference(
        reference=reference.condition,
        treatment=treatment.condition,
        positive=positive,
        band=band(THRESHOLDS, points),
    )


def distribution_of_risks(predictions: Predictions, positive: int, bins: int = BINS) -> RiskDistribution:
    """Histogram of the risks by true class, over all runs."""
    side = one_vs_rest(predictions, positive)
    edges = np.linspace(0, 1, bins + 1)
    negative, of_positive = (
        np.histogram(np.clip(risks(side)[:, side.labels == label], 0, 1), edges)[0] for label in (0, 1)
    )
    return RiskDistribution(
        condition=predictions.condition,
        positive=positive,
        edges=[float(edge) for edge in edges],
        negative_share=[float(share) for share in negative / negative.sum()],
        positive_share=[float(share) for share in of_positive / of_positive.sum()],
    )


def _net_benefit(
    predictions: Predictions, treated: NDArray[np.bool_], threshold: float, prevalence: float | None
) -> Components:
    odds = threshold / (1 - threshold)
    bounds, positive = (-odds, 1.0), predictions.labels == 1
    if prevalence is None:
        return mean_of_scores(
            predictions, treated * np.where(positive, 1, -odds), all_images(predictions), bounds=bounds
        )
    # Each class stands for its share of another population; the mean over both weighs either by one half.
    scores = treated * np.where(positive, 2 * prevalence, -2 * odds * (1 - prevalence))
    return mean_of_scores(predictions, scores, positive.astype(np.intp), bounds=bounds)
