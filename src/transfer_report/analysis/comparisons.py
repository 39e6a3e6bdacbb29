"""Two conditions on the same images: how far apart, how sure, and what may be said of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import stdtr, stdtrit
from statsmodels.stats.multitest import multipletests

from transfer_report.analysis.components import Components, components
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.runs_test import runs_test
from transfer_report.analysis.student import p_of_zero, t_estimate
from transfer_report.analysis.variance import (
    Term,
    combine,
    effective_images,
    image_term,
    inside_variance,
    own_image_term,
    seed_term,
)
from transfer_report.records import Comparison, Estimate, Metric, Scope, Verdict

LOWER_IS_BETTER: frozenset[Metric] = frozenset({"brier", "calibration_error"})
"""Of these, the difference is reference minus treatment, so that a positive one is always better."""

POWER = 0.8
"""With which the detectable difference would be found; the convention since Cohen 1988."""


@dataclass(frozen=True)
class Question:
    """What is asked of a pair of conditions."""

    metric: Metric
    family: str
    """The comparisons that are corrected together."""
    margin: float
    """A difference below this is one that does not matter."""
    confidence: float
    resamples: int
    """Of the permutation test of these runs."""
    seed: int
    """Draws the permutations."""
    bins: int = 10
    """Of the calibration error."""


def compare(reference: Predictions, treatment: Predictions, question: Question) -> Comparison:
    """Compare two conditions on the same images, as a family of one."""
    return adjust_families([uncorrected(reference, treatment, question)])[0]


def uncorrected(reference: Predictions, treatment: Predictions, question: Question) -> Comparison:
    """Compare two conditions on the same images, with no verdict yet: `adjust_families` corrects what belongs together.

    Difference, interval and p-values speak of the conditions (other images, other seeds) where both have two seeds or
    more, else of these runs. The numbers of seeds may differ.

    Raises:
        ValueError: the two were not held against the same images.
    """
    if not np.array_equal(reference.labels, treatment.labels) or reference.split != treatment.split:
        raise ValueError(f"{reference.condition} and {treatment.condition} were not scored on the same images")
    first = components(question.metric, reference, question.bins)
    second = components(question.metric, treatment, question.bins)
    if question.metric in LOWER_IS_BETTER:
        first, second = second, first
    difference = difference_of(first, second, question.confidence)
    return Comparison(
        reference=reference.condition,
        treatment=treatment.condition,
        split=reference.split,
        metric=question.metric,
        family=question.family,
        difference=difference,
        p_value=p_of_zero(difference),
        p_adjusted=None,
        equivalence_p=equivalence_p(difference, question.margin),
        margin=question.margin,
        verdict="cannot_tell",
        detectable=None,
        gained=int((~reference.right_by_majority & treatment.right_by_majority).sum()),
        lost=int((reference.right_by_majority & ~treatment.right_by_majority).sum()),
        runs_test=runs_test(first, second, question.metric, question.resamples, question.seed),
    )


def adjust_families(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The same comparisons with Holm's correction within each family, and the verdicts that it leaves.

    The intervals stay those of each difference by itself: one that excludes 0 can belong to a verdict of
    `cannot_tell`, where the family as a whole does not bear it.
    """
    adjusted: dict[int, Comparison] = {}
    for family in dict.fromkeys(comparison.family for comparison in comparisons):
        members = [index for index, comparison in enumerate(comparisons) if comparison.family == family]
        p_values = holm([comparisons[index].p_value for index in members])
        tests = sum(p is not None for p in p_values)
        for index, p_adjusted in zip(members, p_values, strict=True):
            detectable = _detectable(comparisons[index].difference, tests)
            changed = comparisons[index].model_copy(update={"p_adjusted": p_adjusted, "detectable": detectable})
            adjusted[index] = changed.model_copy(update={"verdict": verdict_of(changed)})
    return [adjusted[index] for index in range(len(comparisons))]


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """p-values corrected for their number by Holm's method (1979); None, where nothing was tested, stays None."""
    tested = [p for p in p_values if p is not None]
    if len(tested) < 2:
        return list(p_values)
    corrected = iter(multipletests(tested, method="holm")[1])
    return [None if p is None else float(next(corrected)) for p in p_values]


def error_rate(confidence: float) -> float:
    """The error that goes with a confidence; rounded, since in doubles 1 − 0.95 is above 0.05."""
    return round(1 - confidence, 12)


def verdict_of(comparison: Comparison) -> Verdict:
    """What may be said of a difference, with the error 1 − confidence.

    `equivalent` where both one-sided tests put it within the margin, also where it is not 0: within the margin it
    does not matter. Else `better` or `worse` where the corrected p-value is below the error; else `cannot_tell`.
    """
    return verdict_on(comparison.difference, comparison.p_adjusted, comparison.equivalence_p)


def verdict_on(difference: Estimate, p_adjusted: float | None, p_equivalent: float | None) -> Verdict:
    """The same of a difference with its corrected p-value and that of its equivalence."""
    error = error_rate(difference.confidence)
    if p_equivalent is not None and p_equivalent < error:
        return "equivalent"
    if p_adjusted is not None and p_adjusted < error:
        return "better" if difference.value > 0 else "worse"
    return "cannot_tell"


def difference_of(reference: Components, treatment: Components, confidence: float) -> Estimate:
    """Treatment minus reference with its t interval; both from the same images in the same order."""
    deviations = treatment.deviations.mean(axis=0) - reference.deviations.mean(axis=0)
    images = image_term(deviations, reference.strata, reference.groups)
    scope: Scope = "conditions" if min(len(reference.values), len(treatment.values)) > 1 else "runs"
    term = images
    if images is not None and scope == "conditions":
        seeds = [seed_term(reference.values), seed_term(treatment.values)]
        term = combine(seeds, [images], inside_variance(reference) + inside_variance(treatment))
    if term is not None:
        term = Term(max(term.variance, _least_error(reference, confidence, term.variance) ** 2), term.df)
    return interval_of_difference(reference, treatment, term, confidence, scope)


def difference_between_sets(reference: Components, treatment: Components, confidence: float) -> Estimate:
    """Treatment minus reference where each was scored on images of its own: nothing is paired, both sets vary."""
    sides = (reference, treatment)
    known = [term for part in sides if (term := own_image_term(part, confidence)) is not None]
    scope: Scope = "conditions" if min(len(part.values) for part in sides) > 1 else "runs"
    seeds = [seed_term(part.values) for part in sides] if scope == "conditions" else []
    inside = sum(inside_variance(part) for part in sides) if seeds else 0.0
    term = combine(seeds, known, inside) if len(known) == len(sides) else None
    return interval_of_difference(reference, treatment, term, confidence, scope)


def interval_of_difference(
    first: Components, second: Components, term: Term | None, confidence: float, scope: Scope
) -> Estimate:
    """`second` minus `first` with the t interval that a variance gives, within what the metrics can differ by."""
    limit = first.bounds[1] - first.bounds[0]
    return t_estimate(
        second.value - first.value,
        term,
        confidence,
        scope=scope,
        seeds=min(len(first.values), len(second.values)),
        images=first.deviations.shape[1],
        groups=len(np.unique(first.groups)),
        bounds=(-limit, limit),
    )


def equivalence_p(difference: Estimate, margin: float) -> float | None:
    """The larger p-value of the two one-sided tests that the difference is within ± margin (Schuirmann 1987)."""
    if not difference.standard_error or difference.df is None:
        return None
    nearest = margin - abs(difference.value)
    return float(stdtr(difference.df, -nearest / difference.standard_error))


def _detectable(difference: Estimate, tests: int) -> float | None:
    """The true difference that a study with this standard error calls one with probability `POWER` at least.

    At the first step of Holm's correction, which divides the error by the number of tests; later steps ask for less.
    The usual sum of two quantiles of t; exact power by the non-central t differs by little (Julious 2010, chapter 3).
    """
    if not difference.standard_error or difference.df is None:
        return None
    error = error_rate(difference.confidence) / tests
    quantiles = stdtrit(difference.df, [1 - error / 2, POWER])
    return float(quantiles.sum() * difference.standard_error)


def _least_error(parts: Components, confidence: float, variance: float) -> float:
    """A standard error below which no difference on shared images is: a change that was not met is not ruled out.

    That of Wilson's (1927) upper limit for 0 changed among so many images. For counts of images always, so that one
    change never narrows the interval; for other metrics only where nothing changed at all. Images count one by one,
    also those of one patient: counted by patients, the floor would lie far above errors that were measured.
    """
    if variance > 0 and not parts.unit:
        return 0.0
    quantile = float(stats.norm.ppf((1 + confidence) / 2))
    images = effective_images(parts.strata, np.arange(len(parts.strata)))
    return (parts.bounds[1] - parts.bounds[0]) * quantile / (images + quantile**2)
