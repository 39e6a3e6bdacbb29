"""An accuracy that someone else reported, beside ours."""

from collections.abc import Sequence

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from transfer_report.analysis.comparisons import error_rate, holm
from transfer_report.analysis.components import components
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.variance import Term, combine, inside_variance, own_image_term, seed_term, share_variance
from transfer_report.records import Estimate, ReferenceResult


def compare_with_reported(predictions: Predictions, accuracy: float, images: int, confidence: float) -> ReferenceResult:
    """Ours minus an accuracy (0…1) reported for one run on so many images, as the only one of its kind.

    Three things vary: our images and seeds, their images (binomial), and their one run, which is taken to vary as one
    of ours does. Both sets of images are taken as independent draws; were they the same images, the true interval
    would be narrower. With one seed of ours, nothing tells how runs vary: the test then holds for these two runs.
    """
    ours = components("accuracy", predictions)
    low, high = proportion_confint(accuracy * images, images, alpha=error_rate(confidence), method="wilson")
    term = _spread(predictions, accuracy, images, confidence)
    difference = ours.value - accuracy
    error = None if term is None else float(np.sqrt(term.variance))
    reach = None if term is None or error is None else float(stats.t.ppf((1 + confidence) / 2, term.df)) * error
    result = ReferenceResult(
        condition=predictions.condition,
        accuracy=accuracy,
        images=images,
        low=float(low),
        high=float(high),
        difference=Estimate(
            value=difference,
            low=None if reach is None else max(difference - reach, -1.0),
            high=None if reach is None else min(difference + reach, 1.0),
            standard_error=error,
            df=None if term is None else term.df,
            confidence=confidence,
            scope="conditions" if predictions.seeds > 1 else "runs",
            images=predictions.images,
            groups=len(np.unique(ours.groups)),
            seeds=predictions.seeds,
        ),
        p_value=None if term is None or error is None else float(2 * stats.t.sf(abs(difference) / error, term.df)),
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


def _spread(predictions: Predictions, accuracy: float, images: int, confidence: float) -> Term | None:
    ours = components("accuracy", predictions)
    own_images = own_image_term(ours, confidence)
    if own_images is None:
        return None
    their_images = Term(share_variance(accuracy, images, confidence), images - 1)
    if predictions.seeds < 2:
        return combine([], [own_images, their_images])
    mean_of_ours = seed_term(ours.values)
    ours_and_one_more = Term(mean_of_ours.variance * (1 + predictions.seeds), mean_of_ours.df)
    return combine([ours_and_one_more], [own_images, their_images], inside_variance(ours))
