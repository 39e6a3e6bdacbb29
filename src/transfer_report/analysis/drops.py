"""The drop of a condition's accuracy from validation to test."""

from transfer_report.analysis.comparisons import interval_of_difference, p_of_difference
from transfer_report.analysis.components import components
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.variance import combine, interaction_variance, seed_term, unpaired_image_term
from transfer_report.records.analysis import Drop, Scope


def drop(val: Predictions, test: Predictions, confidence: float) -> Drop:
    """Validation minus test accuracy of the same runs, with no verdict yet; the two sets vary independently.

    Args:
        val: predictions on validation images.
        test: predictions on test images, by the same runs.
        confidence: of the interval.
    """
    first, second = components("accuracy", test), components("accuracy", val)
    known = [term for part in (first, second) if (term := unpaired_image_term(part, confidence)) is not None]
    scope: Scope = "conditions" if len(first.values) > 1 else "runs"
    # A run that is good on one set tends to be good on the other: the seeds are paired.
    seeds = [seed_term(second.values - first.values)] if scope == "conditions" else []
    term = (
        combine(seeds, known, interaction_variance(first) + interaction_variance(second)) if len(known) == 2 else None
    )
    difference = interval_of_difference(first, second, term, confidence, scope)
    return Drop(
        condition=test.condition,
        difference=difference,
        p_value=p_of_difference(difference, [*seeds, *known]),
        p_adjusted=None,
        verdict="inconclusive",
    )
