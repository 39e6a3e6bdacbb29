"""An accuracy that someone else reported, beside ours."""

from collections.abc import Sequence

import numpy as np
from statsmodels.stats.proportion import proportion_confint

from transfer_report.analysis.comparisons import error_rate, holm
from transfer_report.analysis.components import Components, components
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.student import p_of_zero, t_estimate
from transfer_report.analysis.variance import Term, combine, inside_variance, own_image_term, seed_term, share_variance
from transfer_report.records import ReferenceResult


def compare_with_reported(predictions: Predictions, accuracy: float, images: int, confidence: float) -> ReferenceResult:
    """Ours minus an accuracy (0…1) reported for one run on so many images, as the only one of its kind.

    Three things vary: our images and seeds, their images (binomial), and their one run, which is taken to vary as one
    of ours does. Both sets of images are taken as independent draws; were they the same images, the true interval
    would be narrower. With one seed of ours, nothing tells how runs vary: the test then holds for these two runs.
    """
    ours = components("accuracy", predictions)
    low, high = proportion_confint(accuracy * images, images, alpha=error_rate(confidence), method="wilson")
    difference = t_estimate(
        ours.value - accuracy,
        _spread(ours, accuracy, images, confidence),
        confidence,
        scope="conditions" if predictions.seeds > 1 else "runs",
        seeds=predictions.seeds,
        images=predictions.images,
        groups=len(np.unique(ours.groups)),
        bounds=(-1.0, 1.0),
    )
    result = ReferenceResult(
        condition=predictions.condition,
        accuracy=accuracy,
        images=images,
        low=float(low),
        high=float(high),
        difference=difference,
        p_value=p_of_zero(difference),
        p_adjusted=None,
        verdict="cannot_tell",
    )
    return adjust_references([result])[0]


def adjust_references(results: Sequence[ReferenceResult]) -> list[ReferenceResult]:
    """The same results with Holm's correction for their number, and the verdicts that it leaves."""
    corrected = holm([result.p_value for result in results])
    return [_judged(result, p_adjusted) for result, p_adjusted in zip(results, corrected, strict=True)]


def _judged(result: ReferenceResult, p_adjusted: float | None) -> ReferenceResult:
    difference, verdict = result.difference, "cannot_tell"
    if difference is not None and p_adjusted is not None and p_adjusted < error_rate(difference.confidence):
        verdict = "higher" if difference.value > 0 else "lower"
    return result.model_copy(update={"p_adjusted": p_adjusted, "verdict": verdict})


def _spread(ours: Components, accuracy: float, images: int, confidence: float) -> Term | None:
    own_images = own_image_term(ours, confidence)
    if own_images is None:
        return None
    their_images = Term(share_variance(accuracy, images, confidence), images - 1)
    if len(ours.values) < 2:
        return combine([], [own_images, their_images])
    mean_of_ours = seed_term(ours.values)
    ours_and_one_more = Term(mean_of_ours.variance * (1 + len(ours.values)), mean_of_ours.df)
    return combine([ours_and_one_more], [own_images, their_images], inside_variance(ours))
