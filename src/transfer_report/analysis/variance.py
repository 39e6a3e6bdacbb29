"""How far a metric would move with other images and other seeds: crossed variance components.

    variance = seeds + images − interaction, not below either of the first two

`seeds` is the variance of the runs' values over their number, `images` the variance over images (clusters) of the
deviations averaged over seeds, over their number. The interaction of image and seed is in both, so it is
subtracted once. Degrees of freedom are Satterthwaite's. A test over images alone takes these runs for the condition:
where seeds matter it calls equal conditions different in up to half of the studies. Searle, Casella and McCulloch,
Variance Components, 1992; Owen, The pigeonhole bootstrap, Annals of Applied Statistics 1, 2007.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtri, stdtrit

from transfer_report.analysis.components import IGNORED, Codes, Components, Doubles, distinct

SMALLEST_P = 1e-12
"""Smallest p-value of a search; smaller ones count as equal."""


@dataclass(frozen=True)
class Term:
    """One variance, with its degrees of freedom."""

    variance: float
    df: float


def combine(seeds: list[Term], images: list[Term], interaction: float = 0.0) -> Term:
    """The variance of a sum of independent parts; its degrees of freedom by Satterthwaite's formula."""
    over_seeds, over_images = (sum(term.variance for term in terms) for terms in (seeds, images))
    variance = max(over_seeds + over_images - interaction, over_seeds, over_images)
    spread = sum(term.variance**2 / term.df for term in (*seeds, *images))
    return Term(variance, variance**2 / spread if spread > 0 else sum(term.df for term in (*seeds, *images)))


def weighted_quantile(terms: Sequence[Term], confidence: float) -> float:
    """The quantile of t that a two-sided interval takes: each part's own, weighed by its variance.

    Cochran's (Biometrics 20, 1964). Satterthwaite's degrees of freedom are an estimate, too: with three seeds
    that matter, coverage for single conditions was 92 to 93 % instead of 95 %; with this quantile it is 95 to 98 %
    (`benchmarks/COVERAGE.md`). Differences involve the seeds of two conditions and do not need it.
    """
    quantiles = [float(stdtrit(term.df, (1 + confidence) / 2)) for term in terms]
    total = sum(term.variance for term in terms)
    if not total:  # runs and images that do not vary at all leave the images, of which there are more
        return min(quantiles)
    return sum(quantile * term.variance for quantile, term in zip(quantiles, terms, strict=True)) / total


def weighted_p(terms: Sequence[Term], statistic: float) -> float:
    """The two-sided p-value that goes with `weighted_quantile`: the error at which it equals the statistic."""
    if statistic <= 0:
        return 1.0

    def excess(log_error: float) -> float:
        return weighted_quantile(terms, 1 - float(np.exp(log_error))) - statistic

    smallest = float(np.log(SMALLEST_P))
    return SMALLEST_P if excess(smallest) < 0 else float(np.exp(brentq(excess, smallest, 0.0)))


def seed_term(values: Doubles) -> Term:
    """Variance of the mean of the runs' values; two runs or more."""
    return Term(float(values.var(ddof=1)) / len(values), len(values) - 1)


def image_term(deviations: Doubles, strata: Codes, clusters: Codes) -> Term | None:
    """Variance over clusters of images of the mean of deviations (images,); None where a stratum has one cluster."""
    if min(clusters_of_strata(strata, clusters)) < 2:
        return None
    deviations = _scaled_to_clusters(deviations, strata, clusters)
    variance = _variance_of_mean(np.bincount(clusters, weights=deviations), clusters, len(deviations))
    return Term(variance, _image_df(deviations, strata, clusters))


def _variance_of_mean(sums: NDArray[Any], clusters: Codes, images: int) -> float:
    """Return the variance of a mean from the sums of deviations over each cluster."""
    total = len(distinct(clusters))
    variance: float = float((sums**2).sum()) * total / (total - 1) / images**2
    return variance


def unpaired_image_term(parts: Components, confidence: float) -> Term | None:
    """The variance over images of one side alone, which is not held against another on the same images.

    Where images are counted, no stratum adds less than one without an exception leaves open (`share_variance`): 50
    images that are all right do not leave the errors of the other side, or of the other class, to decide.
    """
    term = image_term(parts.deviations.mean(axis=0), parts.strata, parts.clusters)
    if term is None:
        return None
    if parts.unit:
        return Term(term.variance + _zero_count_correction_of_strata(parts, confidence), term.df)
    return Term(term.variance or zero_count_correction(parts, confidence), term.df)


def _zero_count_correction_of_strata(parts: Components, confidence: float) -> float:
    """Return the variance that strata lack where no exception was observed."""
    images = len(parts.strata)
    deviations = _scaled_to_clusters(parts.deviations.mean(axis=0), parts.strata, parts.clusters)
    lacking = 0.0
    for code in distinct(parts.strata[parts.strata != IGNORED]):
        own = parts.strata == code
        seen = _variance_of_mean(np.bincount(parts.clusters[own], weights=deviations[own]), parts.clusters, images)
        lacking += max(parts.unit**2 * share_variance(0.0, int(own.sum()), confidence) - seen, 0.0)
    return lacking


def zero_count_correction(parts: Components, confidence: float) -> float:
    """Variance over images that is left where no exception was met."""
    images = independent_images(parts, np.arange(len(parts.strata)))
    return (parts.bounds[1] - parts.bounds[0]) ** 2 * share_variance(0.0, images, confidence)


def share_variance(share: float, images: float, confidence: float) -> float:
    """Variance of a share of so many images, where a share of 0 or 1 is not taken for certain.

    By Agresti and Coull (1998), who add z² images, half of them right.
    """
    added = float(ndtri((1 + confidence) / 2)) ** 2
    share = (share * images + added / 2) / (images + added)
    return share * (1 - share) / (images + added)


def interaction_variance(parts: Components) -> float:
    """Variance of the mean of the interaction of image (cluster) and seed: the two-way residual mean square."""
    seeds, images = (int(count) for count in parts.deviations.shape)
    if seeds < 2:
        return 0.0
    deviations = _scaled_to_clusters(parts.deviations, parts.strata, parts.clusters)
    residual = deviations - deviations.mean(axis=0)  # each seed's own mean is 0 already
    sums = np.array([np.bincount(parts.clusters, weights=row) for row in residual])  # (seeds, clusters)
    return _variance_of_mean(sums, parts.clusters, images) / ((seeds - 1) * seeds)


def _scaled_to_clusters(deviations: Doubles, strata: Codes, clusters: Codes) -> Doubles:
    """The same where each image is a cluster; else as if a stratum's clusters, not its images, had one mean to give.

    Components are scaled so that images of a stratum count by n_c / (n_c − 1), as all images do by n / (n − 1).
    Clusters are fewer, and each stratum has its own number of them.
    """
    total, images = len(distinct(clusters)), len(clusters)
    if total == images:
        return deviations
    factors = np.ones(images)
    for code, count in zip(distinct(strata[strata != IGNORED]), clusters_of_strata(strata, clusters), strict=True):
        own = strata == code
        factors[own] = _freedom(count) / _freedom(int(own.sum())) / (_freedom(total) / _freedom(images))
    return deviations * np.sqrt(factors)


def _freedom(count: int) -> float:
    """How much a count falls short by the mean that is taken out of it: n / (n − 1)."""
    return max(count, 2) / (max(count, 2) - 1)


def clusters_of_strata(strata: Codes, clusters: Codes) -> list[int]:
    """Number of clusters with an image in each stratum."""
    return [len(distinct(clusters[strata == code])) for code in distinct(strata[strata != IGNORED])]


def effective_images(strata: Codes, clusters: Codes) -> float:
    """How many independent images, in one lot, would tell as much as the strata averaged with equal weights."""
    counts = clusters_of_strata(strata, clusters)
    return float(len(counts) ** 2 / sum(1 / count for count in counts))


def independent_images(parts: Components, clusters: Codes) -> float:
    """How many independent images (patients) decide a value."""
    return effective_images(parts.strata, clusters) if parts.counted is None else parts.counted


def _image_df(deviations: Doubles, strata: Codes, clusters: Codes) -> float:
    """Satterthwaite's degrees of freedom of a sum over strata, each with its clusters minus one."""
    squares, spread = 0.0, 0.0
    counts = clusters_of_strata(strata, clusters)
    for code, count in zip(distinct(strata[strata != IGNORED]), counts, strict=True):
        own = strata == code
        variance = float((np.bincount(clusters[own], weights=deviations[own]) ** 2).sum())
        squares += variance
        spread += variance**2 / (count - 1)
    return squares**2 / spread if spread > 0 else sum(counts) - len(counts)
