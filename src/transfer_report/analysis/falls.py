"""What became of a condition's accuracy from validation to test."""

from collections.abc import Sequence

from transfer_report.analysis.comparisons import error_rate, holm, interval_of_difference
from transfer_report.analysis.components import components
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.student import p_of_zero
from transfer_report.analysis.variance import combine, inside_variance, own_image_term, seed_term
from transfer_report.records import Fall, Scope


def falls(pairs: Sequence[tuple[Predictions, Predictions]], confidence: float) -> list[Fall]:
    """The fall of every condition, corrected together by Holm's method.

    Args:
        pairs: predictions of a condition on validation and on test images, by the same runs.
        confidence: of the intervals.
    """
    found = [fall(val, test, confidence) for val, test in pairs]
    corrected = holm([one.p_value for one in found])
    return [_judged(one, p_adjusted) for one, p_adjusted in zip(found, corrected, strict=True)]


def fall(val: Predictions, test: Predictions, confidence: float) -> Fall:
    """Validation minus test accuracy of the same runs; the two sets of images vary independently."""
    first, second = components("accuracy", test), components("accuracy", val)
    known = [term for part in (first, second) if (term := own_image_term(part, confidence)) is not None]
    scope: Scope = "conditions" if len(first.values) > 1 else "runs"
    # A run that is good on one set tends to be good on the other: the seeds are paired.
    seeds = [seed_term(second.values - first.values)] if scope == "conditions" else []
    term = combine(seeds, known, inside_variance(first) + inside_variance(second)) if len(known) == 2 else None
    difference = interval_of_difference(first, second, term, confidence, scope)
    return Fall(
        condition=test.condition,
        difference=difference,
        p_value=p_of_zero(difference),
        p_adjusted=None,
        verdict="cannot_tell",
    )


def _judged(one: Fall, p_adjusted: float | None) -> Fall:
    if p_adjusted is None or p_adjusted >= error_rate(one.difference.confidence):
        return one.model_copy(update={"p_adjusted": p_adjusted})
    verdict = "fell" if one.difference.value > 0 else "rose"
    return one.model_copy(update={"p_adjusted": p_adjusted, "verdict": verdict})
