"""Student's t for a value with estimated variance: interval, and test against 0."""

from math import inf

import numpy as np
from scipy.special import stdtr, stdtrit  # what `stats.t` computes with, at a hundredth of its cost

from transfer_report.analysis.variance import Term
from transfer_report.records.analysis import Estimate, Scope


def t_estimate(
    value: float,
    term: Term | None,
    confidence: float,
    *,
    scope: Scope,
    seeds: int,
    images: int = 0,
    clusters: int = 0,
    bounds: tuple[float, float] = (-inf, inf),
) -> Estimate:
    """A value with its interval, within its bounds; without one where its variance is unknown."""
    reach = error = None
    if term is not None:
        error = float(np.sqrt(term.variance))
        reach = float(stdtrit(term.df, (1 + confidence) / 2)) * error
    return Estimate(
        value=value,
        low=None if reach is None else max(value - reach, bounds[0]),
        high=None if reach is None else min(value + reach, bounds[1]),
        standard_error=error,
        df=None if term is None else term.df,
        confidence=confidence,
        scope=scope,
        images=images,
        clusters=clusters,
        seeds=seeds,
    )


def at_confidence(estimate: Estimate, confidence: float, limit: float) -> Estimate:
    """Return the estimate with its t interval at another confidence, within ± `limit`."""
    if estimate.standard_error is None or estimate.df is None:
        return estimate.model_copy(update={"confidence": confidence})
    reach = float(stdtrit(estimate.df, (1 + confidence) / 2)) * estimate.standard_error
    low, high = max(estimate.value - reach, -limit), min(estimate.value + reach, limit)
    return estimate.model_copy(update={"low": low, "high": high, "confidence": confidence})


def p_of_zero(estimate: Estimate) -> float | None:
    """Two-sided p-value of a value that is truly 0; None where there is no standard error."""
    return p_of_level(estimate, 0.0)


def p_of_level(estimate: Estimate, level: float) -> float | None:
    """Two-sided p-value of a value that is truly `level`; None where there is no standard error."""
    if not estimate.standard_error or estimate.df is None:
        return None
    return float(2 * stdtr(estimate.df, -abs(estimate.value - level) / estimate.standard_error))


def probability_above(estimate: Estimate, level: float) -> float | None:
    """Return how likely the true value lies above a level, by the t distribution whose quantiles end the interval.

    A confidence distribution: a level at the lower end of a 95 % interval has 97.5 %. None without a standard error.
    """
    if not estimate.standard_error or estimate.df is None:
        return None
    return float(stdtr(estimate.df, (estimate.value - level) / estimate.standard_error))
