"""One way to an interval for every clinical number: a smooth function of means, by the delta method.

A predictive value is a ratio of two means over images, a likelihood ratio one of two shares, a macro average a mean of
means. Each mean has a value per run and a deviation per image (`analysis/components.py`); the delta method adds the
deviations, weighted by the derivatives of the function, and the variance components take it from there: images
(patients) and seeds vary, as everywhere in the report. van der Vaart, Asymptotic Statistics, 1998, chapter 3.
"""

from collections.abc import Callable
from math import inf, isfinite

import numpy as np

from transfer_report.analysis.components import IGNORED, Codes, Components, Doubles
from transfer_report.analysis.t_interval import t_estimate
from transfer_report.analysis.variance import (
    Term,
    combine,
    image_term,
    interaction_variance,
    seed_term,
    weighted_p,
    weighted_quantile,
    zero_count_correction,
)
from transfer_report.records.analysis import Estimate

STEP = 1e-30
"""Step of the derivatives in the complex plane, exact to the last digit: Squire and Trapp, SIAM Review 40, 1998."""

UNBOUNDED = (-inf, inf)


def of_means(
    function: Callable[..., complex],
    *parts: Components,
    bounds: tuple[float, float] = (0.0, 1.0),
    counted: float | None = None,
) -> Components | None:
    """A smooth function of means over images and runs; None where it has no finite value.

    The function is taken of the means over runs, so that it agrees with the mean confusion matrix of the runs, and has
    a value where single runs have none (a run that calls nothing positive has no predictive value).

    Args:
        function: Of as many numbers as there are `parts`, real or complex: arithmetic, logarithms, exponentials.
        parts: Means of the same runs on the same images.
        bounds: Lowest and highest value of the function.
        counted: Images (patients) that decide the value, where they are fewer than all.
    """
    means = [part.value for part in parts]
    try:
        value = complex(function(*means)).real
        slopes = [_derivative(function, means, index) for index in range(len(means))]
    except (ZeroDivisionError, ValueError):
        return None
    if not all(map(isfinite, (value, *slopes))):
        return None
    values: Doubles = np.full(len(parts[0].values), value)
    deviations = np.zeros_like(parts[0].deviations)
    for part, mean, slope in zip(parts, means, slopes, strict=True):
        values += slope * (part.values - mean)
        deviations += slope * part.deviations
    return Components(values, deviations, _joined_strata(parts), parts[0].clusters, 0.0, bounds, counted)


def difference(reference: Components, treatment: Components) -> Components:
    """Treatment minus reference where both are of the same runs on the same images."""
    width = reference.bounds[1] - reference.bounds[0]
    found = of_means(lambda first, second: second - first, reference, treatment, bounds=(-width, width))
    assert found is not None  # noqa: S101  # a difference of numbers is one
    return found


def t_interval(parts: Components, confidence: float) -> Estimate:
    """Mean and t interval of what is no share, by Cochran's quantile as in `estimate_of`."""
    terms, combined = _terms(parts, confidence)
    found = t_estimate(
        parts.value,
        combined,
        confidence,
        scope="conditions" if len(parts.values) > 1 else "runs",
        seeds=len(parts.values),
        images=parts.deviations.shape[1],
        clusters=len(np.unique(parts.clusters)),
        bounds=parts.bounds,
    )
    if not found.standard_error:
        return found
    reach = weighted_quantile(terms, confidence) * found.standard_error
    low, high = max(found.value - reach, parts.bounds[0]), min(found.value + reach, parts.bounds[1])
    return found.model_copy(update={"low": low, "high": high})


def p_of_t_interval(parts: Components, level: float, confidence: float) -> float | None:
    """Two-sided p-value of a value that is truly `level`, which goes with `t_interval`; None without an interval."""
    terms, combined = _terms(parts, confidence)
    if combined is None or not combined.variance:
        return None
    return weighted_p(terms, abs(parts.value - level) / float(np.sqrt(combined.variance)))


def _terms(parts: Components, confidence: float) -> tuple[list[Term], Term | None]:
    """Return the variances over seeds and images, and both together; None where that over images is unknown."""
    seeds = [seed_term(parts.values)] if len(parts.values) > 1 else []
    images = image_term(parts.deviations.mean(axis=0), parts.strata, parts.clusters)
    if images is not None and not images.variance:
        # Where nothing varied, such as a threshold that no image reaches, other images would: within bounds, if any.
        images = Term(zero_count_correction(parts, confidence), images.df) if isfinite(parts.bounds[1]) else None
    if images is None:
        return [], None
    return [*seeds, images], combine(seeds, [images], interaction_variance(parts)) if seeds else images


def _derivative(function: Callable[..., complex], means: list[float], index: int) -> float:
    shifted: list[complex] = list(means)
    shifted[index] += STEP * 1j
    return complex(function(*shifted)).imag / STEP


def _joined_strata(parts: tuple[Components, ...]) -> Codes:
    """The strata that all parts have in common; `IGNORED` where no part looks at an image."""
    table = np.stack([part.strata for part in parts], axis=1)  # (images, parts)
    codes: Codes = np.unique(table, axis=0, return_inverse=True)[1].reshape(-1)
    return np.where((table == IGNORED).all(axis=1), IGNORED, codes)
