"""An accuracy that others reported, compared with ours."""

import numpy as np
from statsmodels.stats.proportion import proportion_confint

from transfer_report.analysis.comparisons import error_rate
from transfer_report.analysis.components import Components, components, distinct
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.variance import (
    Term,
    combine,
    interaction_variance,
    seed_term,
    share_variance,
    unpaired_image_term,
    weighted_p,
    weighted_quantile,
)
from transfer_report.records.analysis import Estimate, ReportedResult


def compare_with_reported(predictions: Predictions, accuracy: float, images: int, confidence: float) -> ReportedResult:
    """Ours minus an accuracy (0…1) reported for one run on so many images, with no verdict yet.

    Three things vary: our images and seeds, their images (binomial), and their one run, which is taken to vary as one
    of ours does. Both sets of images are taken as independent draws; were they the same images, the true interval
    would be narrower. The quantile is Cochran's: with three seeds Satterthwaite's degrees of freedom rise just where
    the seeds' spread is small by chance. With one seed of ours, the variance over runs is unknown: the test then holds
    for these two runs.
    """
    ours = components("accuracy", predictions)
    low, high = proportion_confint(accuracy * images, images, alpha=error_rate(confidence), method="wilson")
    value, terms = ours.value - accuracy, _terms(ours, accuracy, images, confidence)
    reach = p_value = term = None
    if terms is not None:
        term = combine(*terms, interaction_variance(ours) if terms[0] else 0.0)
        error = float(np.sqrt(term.variance))
        reach = weighted_quantile([*terms[0], *terms[1]], confidence) * error
        p_value = weighted_p([*terms[0], *terms[1]], abs(value) / error)
    difference = Estimate(
        value=value,
        low=None if reach is None else max(value - reach, -1.0),
        high=None if reach is None else min(value + reach, 1.0),
        standard_error=None if term is None else float(np.sqrt(term.variance)),
        df=None if term is None else term.df,
        confidence=confidence,
        scope="conditions" if predictions.seeds > 1 else "runs",
        seeds=predictions.seeds,
        images=predictions.images,
        clusters=len(distinct(ours.clusters)),
    )
    return ReportedResult(
        condition=predictions.condition,
        accuracy=accuracy,
        images=images,
        low=float(low),
        high=float(high),
        difference=difference,
        p_value=p_value,
        p_adjusted=None,
        verdict="inconclusive",
    )


def _terms(ours: Components, accuracy: float, images: int, confidence: float) -> tuple[list[Term], list[Term]] | None:
    """Variances over seeds, and over images; None where the variance over our images is unknown."""
    own_images = unpaired_image_term(ours, confidence)
    if own_images is None:
        return None
    over_images = [own_images, Term(share_variance(accuracy, images, confidence), images - 1)]
    if len(ours.values) < 2:
        return [], over_images
    mean_of_ours = seed_term(ours.values)
    return [Term(mean_of_ours.variance * (1 + len(ours.values)), mean_of_ours.df)], over_images
