"""A metric of one condition with its interval for other images and other seeds."""

import numpy as np
from scipy.optimize import brentq

from transfer_report.analysis.components import Components, components, distinct
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.variance import (
    SMALLEST_P,
    Term,
    combine,
    image_term,
    independent_images,
    interaction_variance,
    seed_term,
    unpaired_image_term,
    weighted_quantile,
    zero_count_correction,
)
from transfer_report.records.analysis import Estimate, Metric


def estimate(metric: Metric, predictions: Predictions, confidence: float, bins: int = 10) -> Estimate:
    """Mean of a metric over the runs, with its interval.

    With two runs or more the interval applies to the condition: other images, other seeds. With one run it applies to
    this run on other images. It has no ends where a class has a single image (cluster), whose variance is unknown.
    `bins` are those of the calibration error.
    """
    return estimate_of(components(metric, predictions, bins), confidence)


def estimate_of(parts: Components, confidence: float) -> Estimate:
    """Mean and interval of anything that has components.

    The interval is Wilson's (1927), by Cochran's quantile of t, with as many independent images as the variance is
    worth: it stays within the metric's bounds and has a width even where every image is right (Korn and Graubard,
    Survey Methodology 24, 1998; Dean and Pagano, Journal of Survey Statistics and Methodology 3, 2015).
    """
    seeds = [seed_term(parts.values)] if len(parts.values) > 1 else []
    images = _image_term(parts, confidence)
    term = low = high = error = None
    if images is not None:
        term = combine(seeds, [images], interaction_variance(parts)) if seeds else images
        low, high = _wilson(parts, term.variance, weighted_quantile([*seeds, images], confidence))
        # Where nothing varied, such as 20 images that all runs have right, other images would.
        error = float(np.sqrt(term.variance or zero_count_correction(parts, confidence)))
    return Estimate(
        value=parts.value,
        low=low,
        high=high,
        standard_error=error,
        df=None if term is None else term.df,
        confidence=confidence,
        scope="conditions" if seeds else "runs",
        images=parts.deviations.shape[1],
        clusters=len(distinct(parts.clusters)),
        seeds=len(parts.values),
    )


def p_of_components(parts: Components, level: float) -> float | None:
    """Two-sided p-value of a value that is truly `level`: the error at which its interval ends there.

    None where there is no interval.
    """
    if estimate_of(parts, 0.5).low is None:
        return None
    side = np.sign(parts.value - level)

    def room(log_error: float) -> float:
        found = estimate_of(parts, 1 - float(np.exp(log_error)))
        return float(side * ((found.low if side > 0 else found.high) - level))  # type: ignore[operator]  # has ends

    least, most = np.log(SMALLEST_P), np.log(0.999)
    if side == 0 or room(most) <= 0:
        return 1.0
    return SMALLEST_P if room(least) > 0 else float(np.exp(brentq(room, least, most, xtol=1e-4)))


def _image_term(parts: Components, confidence: float) -> Term | None:
    """Wilson's form has the doubt of a share without exceptions in it; what is made of several shares has not."""
    if parts.unit in (0.0, parts.bounds[1] - parts.bounds[0]):
        return image_term(parts.deviations.mean(axis=0), parts.strata, parts.clusters)
    return unpaired_image_term(parts, confidence)


def _wilson(parts: Components, of_mean: float, quantile: float) -> tuple[float, float]:
    lowest, highest = parts.bounds
    width = highest - lowest
    share = min(max((parts.value - lowest) / width, 0.0), 1.0)
    variance = of_mean / width**2
    worth = share * (1 - share) / variance if variance > 0 and 0 < share < 1 else 0.0
    images = worth or independent_images(parts, parts.clusters)
    shrink = 1 + quantile**2 / images
    centre = (share + quantile**2 / (2 * images)) / shrink
    reach = quantile / shrink * np.sqrt(share * (1 - share) / images + quantile**2 / (4 * images**2))
    low, high = max(centre - reach, 0.0), min(centre + reach, 1.0)
    # Rounding must not put the value outside of its own interval.
    return min(lowest + width * low, parts.value), max(lowest + width * high, parts.value)
