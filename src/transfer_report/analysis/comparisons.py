"""Two conditions on the same images: how far apart, how sure, and what may be said of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests

from transfer_report.analysis.components import Components, components, distinct
from transfer_report.analysis.fixed_seed_test import fixed_seed_test
from transfer_report.analysis.moderation import SeedSpread, of_a_pair
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.t_interval import at_confidence, p_of_level, probability_above, t_estimate
from transfer_report.analysis.variance import (
    Term,
    combine,
    image_term,
    independent_images,
    interaction_variance,
    seed_term,
    unpaired_image_term,
    weighted_p,
)
from transfer_report.records.analysis import Comparison, Estimate, Metric, Role, Scope, Topic

LOWER_IS_BETTER: frozenset[Metric] = frozenset({"brier", "calibration_error"})
"""Of these, the difference is reference minus treatment, so that a positive one is always better."""


@dataclass(frozen=True)
class Question:
    """A question about a pair of conditions."""

    metric: Metric
    family: str
    """The comparisons that are corrected together."""
    margin: float
    """A difference below this is one that does not matter."""
    confidence: float
    resamples: int
    """Number of resamples of the permutation test."""
    seed: int
    """Draws the permutations."""
    bins: int = 10
    """Number of bins of the calibration error."""
    role: Role = "exploratory"
    topic: Topic = "other"


def uncorrected(
    reference: Predictions, treatment: Predictions, question: Question, spreads: Mapping[str, SeedSpread] | None = None
) -> Comparison:
    """Compare two conditions on the same images, with no verdict yet: `decide` corrects what is stated together.

    Difference, interval and p-values apply to the conditions (other images, other seeds) where both have two seeds or
    more, else of these runs. The numbers of seeds may differ.

    Args:
        reference: the condition that is compared with.
        treatment: the condition that is compared.
        question: what is asked.
        spreads: how the seeds of each condition vary; without them, by its own runs.

    Raises:
        ValueError: the two were not held against the same images.
    """
    if not np.array_equal(reference.labels, treatment.labels) or reference.split != treatment.split:
        raise ValueError(f"{reference.condition} and {treatment.condition} were not scored on the same images")
    first = components(question.metric, reference, question.bins)
    second = components(question.metric, treatment, question.bins)
    if question.metric in LOWER_IS_BETTER:
        first, second = second, first
    seeds = None
    if spreads and {reference.condition, treatment.condition} <= spreads.keys():
        seeds = of_a_pair(spreads[reference.condition], spreads[treatment.condition])
    difference, terms = with_terms(first, second, question.confidence, seeds)
    above_worse = probability_above(difference, -question.margin)
    return Comparison(
        reference=reference.condition,
        treatment=treatment.condition,
        split=reference.split,
        metric=question.metric,
        family=question.family,
        role=question.role,
        topic=question.topic,
        difference=difference,
        p_value=p_of_difference(difference, terms),
        p_adjusted=None,
        equivalence=at_confidence(difference, round(1 - 2 * error_rate(question.confidence), 12), 1.0),
        equivalence_p=equivalence_p(difference, question.margin, terms),
        equivalence_p_adjusted=None,
        margin=question.margin,
        verdict="inconclusive",
        minimum_detectable_difference=None,
        probability_better=probability_above(difference, question.margin),
        probability_worse=None if above_worse is None else 1 - above_worse,
        gained=int((~reference.correct_by_majority & treatment.correct_by_majority).sum()),
        lost=int((reference.correct_by_majority & ~treatment.correct_by_majority).sum()),
        fixed_seed_test=fixed_seed_test(first, second, question.metric, question.resamples, question.seed),
    )


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


def difference_of(
    reference: Components, treatment: Components, confidence: float, seeds: Term | None = None
) -> Estimate:
    """Treatment minus reference with its t interval; both from the same images in the same order.

    `seeds` is the variance over the seeds of both where a table's conditions moderate it, else it is theirs alone.
    """
    return with_terms(reference, treatment, confidence, seeds)[0]


def with_terms(
    reference: Components, treatment: Components, confidence: float, seeds: Term | None = None
) -> tuple[Estimate, list[Term]]:
    """Return `difference_of`, and the variances over seeds and images that its own is made of."""
    deviations = treatment.deviations.mean(axis=0) - reference.deviations.mean(axis=0)
    images = image_term(deviations, reference.strata, reference.clusters)
    scope: Scope = "conditions" if min(len(reference.values), len(treatment.values)) > 1 else "runs"
    terms = [] if images is None else [images]
    term = images
    if images is not None and scope == "conditions":
        over_seeds = [seeds] if seeds else [seed_term(reference.values), seed_term(treatment.values)]
        term = combine(over_seeds, [images], interaction_variance(reference) + interaction_variance(treatment))
        terms += over_seeds
    if term is not None:
        term = Term(max(term.variance, _least_error(reference, confidence, term.variance) ** 2), term.df)
    return interval_of_difference(reference, treatment, term, confidence, scope), terms


def difference_between_sets(reference: Components, treatment: Components, confidence: float) -> Estimate:
    """Treatment minus reference where each was scored on images of its own: nothing is paired, both sets vary."""
    sides = (reference, treatment)
    known = [term for part in sides if (term := unpaired_image_term(part, confidence)) is not None]
    scope: Scope = "conditions" if min(len(part.values) for part in sides) > 1 else "runs"
    seeds = [seed_term(part.values) for part in sides] if scope == "conditions" else []
    interaction = sum(interaction_variance(part) for part in sides) if seeds else 0.0
    term = combine(seeds, known, interaction) if len(known) == len(sides) else None
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
        clusters=len(distinct(first.clusters)),
        bounds=(-limit, limit),
    )


def p_of_difference(difference: Estimate, terms: Sequence[Term], level: float = 0.0) -> float | None:
    """Return the two-sided p-value of a difference that is truly `level`: the larger of two approximations.

    Where p-values are corrected, those below 0.002 decide, and so far out Satterthwaite's degrees of freedom promise
    too much: of equal conditions with two seeds, three times as many differences lie there, so that 12 % of reports
    held a false main finding. Cochran's quantile, which leaves the interaction out, promises too much in the middle.

    Args:
        difference: with its standard error and Satterthwaite's degrees of freedom.
        terms: the variances that it is made of; without them, Satterthwaite's alone.
        level: what the difference is held against.
    """
    p_value = p_of_level(difference, level)
    if p_value is None or not difference.standard_error or not terms:
        return p_value
    return max(p_value, weighted_p(terms, abs(difference.value - level) / difference.standard_error))


def equivalence_p(difference: Estimate, margin: float, terms: Sequence[Term] = ()) -> float | None:
    """Return the larger p-value of the two one-sided tests that the difference is within ± margin (Schuirmann 1987)."""
    p_value = p_of_difference(difference, terms, margin if difference.value > 0 else -margin)
    if p_value is None:
        return None
    return p_value / 2 if abs(difference.value) < margin else 1 - p_value / 2


def _least_error(parts: Components, confidence: float, variance: float) -> float:
    """A standard error below which no difference on shared images is: a change that was not met is not ruled out.

    That of Wilson's (1927) upper limit for 0 changed among so many images. For counts of images always, so that one
    change never narrows the interval; for other metrics only where nothing changed at all. Images count one by one,
    also those of one patient: counted by patients, the floor would lie far above errors that were measured.
    """
    if variance > 0 and not parts.unit:
        return 0.0
    quantile = float(stats.norm.ppf((1 + confidence) / 2))
    images = independent_images(parts, np.arange(len(parts.strata)))
    return (parts.bounds[1] - parts.bounds[0]) * quantile / (images + quantile**2)
