"""Planning: detectable differences of a study with other numbers of seeds and images.

    seeds  = σ²/S + ω/(n·S) of each condition      df S − 1, and what moderation adds
    images = (τ² + ω/S of both)/n                  df n − 1
    variance = seeds of both + images − ω/(n·S) of both

σ² is what a run's value varies by over seeds beyond the noise of its images, ω the interaction of image and seed, τ²
the variance over images of the difference that all seeds share; n counts images, or patients of the present size.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

import numpy as np
from scipy.special import chdtri

from transfer_report.analysis.components import Components, components, distinct
from transfer_report.analysis.decisions import minimum_detectable_difference
from transfer_report.analysis.moderation import SeedSpread
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.variance import image_term, interaction_variance
from transfer_report.records.analysis import Comparison, QuestionPlan

MOST_SEEDS, MOST_IMAGES = 1000, 10_000_000
"""Beyond these nothing is planned."""
CAUTION = 0.2
"""Variances over seeds are taken at their upper limit of this error: as estimated, they promise too much power in 16 to
45 % of plans."""


@dataclass(frozen=True)
class PairVariance:
    """The parts of the variance of a difference between two conditions."""

    seeds: tuple[float, float]
    """σ² of each condition."""
    interaction: tuple[float, float]
    """ω of each condition."""
    images: float
    """τ²."""
    added_df: float
    """Degrees of freedom that moderation adds to each condition's variance over seeds."""

    def detectable(self, seeds: float, images: float, error: float) -> float:
        """Return the difference that a study of this size detects with 80 % power at an error."""
        own = [(sigma + omega / images) / seeds for sigma, omega in zip(self.seeds, self.interaction, strict=True)]
        shared = sum(self.interaction) / (images * seeds)
        of_images = self.images / images + shared
        variance = max(sum(own) + of_images - shared, 0.0)
        df = [seeds - 1 + self.added_df] * 2 + [images - 1]
        spread = sum(term**2 / freedom for term, freedom in zip([*own, of_images], df, strict=True))
        if spread == 0:
            return 0.0
        return minimum_detectable_difference(error, float(np.sqrt(variance)), variance**2 / spread)


MORE_SEEDS = 3
"""Times the seeds of a study that its next step could take."""


def able(planned: Sequence[QuestionPlan], times: int) -> int:
    """Return how many main questions can detect the target difference with so many times the seeds."""
    return sum(plan.seeds_needed is not None and plan.seeds_needed <= times * plan.seeds for plan in planned)


def plans(
    comparisons: Sequence[Comparison],
    predictions: dict[str, Predictions],
    spreads: dict[str, SeedSpread],
    target: float,
    error: float,
    seconds: Mapping[str, float],
) -> list[QuestionPlan]:
    """Return what each main question could detect, and what the target difference would take.

    Args:
        comparisons: decided ones; main questions of conditions with two seeds or more are planned.
        predictions: on test images, by condition.
        spreads: over seeds, by condition, of accuracy.
        target: the difference of accuracy to detect.
        error: of all main questions together; each is planned at this over their number.
        seconds: that one run takes, by condition; of others no cost is given.
    """
    main = [one for one in comparisons if one.role == "main" and one.minimum_detectable_difference is not None]
    planned = [one for one in main if {one.treatment, one.reference} <= spreads.keys()]
    each = error / max(len(main), 1)
    return [
        _plan(one, [predictions[one.reference], predictions[one.treatment]], spreads, target, each, seconds)
        for one in planned
    ]


def pair_variance(
    sides: Sequence[Components], spreads: Sequence[SeedSpread], caution: float = CAUTION
) -> PairVariance | None:
    """Return the parts of the variance of a difference; None without images.

    Those over seeds are those of the whole table at their upper limit, which they exceed with probability `caution`.
    """
    first, second = sides
    units = len(distinct(first.clusters))
    found = image_term(second.deviations.mean(axis=0) - first.deviations.mean(axis=0), first.strata, first.clusters)
    if found is None:
        return None
    omegas, sigmas = [], []
    for side, spread in zip(sides, spreads, strict=True):
        seeds = len(side.values)
        omegas.append(units * seeds * interaction_variance(side))
        upper = spread.planned.variance * spread.planned.df / float(chdtri(spread.planned.df, 1 - caution))
        sigmas.append(max(0.0, upper - omegas[-1] / units))
    shared = sum(omega / len(side.values) for omega, side in zip(omegas, sides, strict=True))
    added = min(spread.term.df - (len(side.values) - 1) for side, spread in zip(sides, spreads, strict=True))
    return PairVariance(
        seeds=(sigmas[0], sigmas[1]),
        interaction=(omegas[0], omegas[1]),
        images=max(0.0, found.variance * units - shared),
        added_df=added,
    )


def _plan(
    one: Comparison,
    sides: Sequence[Predictions],
    spreads: dict[str, SeedSpread],
    target: float,
    error: float,
    seconds: Mapping[str, float],
) -> QuestionPlan:
    parts = [components("accuracy", side) for side in sides]
    variance = pair_variance(parts, [spreads[side.condition] for side in sides])
    seeds, images = min(side.seeds for side in sides), len(distinct(parts[0].clusters))
    limit: Literal["seeds", "images"] = "seeds"
    needed: tuple[int | None, int | None] = (None, None)
    if variance is not None:
        many_seeds = variance.detectable(MOST_SEEDS, images, error)
        limit = "seeds" if many_seeds < variance.detectable(seeds, MOST_IMAGES, error) else "images"
        needed = (
            _smallest(lambda count: variance.detectable(count, images, error), target, MOST_SEEDS),
            _smallest(lambda count: variance.detectable(seeds, count, error), target, MOST_IMAGES),
        )
    return QuestionPlan(
        treatment=one.treatment,
        reference=one.reference,
        detectable=one.minimum_detectable_difference or 0.0,
        error=error,
        limit=limit,
        seeds=seeds,
        images=images,
        target=target,
        seeds_needed=needed[0],
        images_needed=needed[1],
        seconds=_seconds(needed[0], sides, seconds),
    )


def _seconds(needed: int | None, sides: Sequence[Predictions], seconds: Mapping[str, float]) -> float | None:
    """Return the time of the runs that both conditions lack."""
    if needed is None or not all(side.condition in seconds for side in sides):
        return None
    return float(sum(max(0, needed - side.seeds) * seconds[side.condition] for side in sides))


def _smallest(detectable: Callable[[int], float], target: float, most: int) -> int | None:
    """Return the smallest count of two or more that detects the target; None where not even the largest does."""
    if not isfinite(detectable(most)) or detectable(most) > target:
        return None
    low, high = 1, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if detectable(middle) <= target else (middle, high)
    return high
