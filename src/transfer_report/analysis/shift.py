"""Whether two splits look alike: can a classifier tell from which of them an image comes?

A classifier two-sample test (Lopez-Paz and Oquab, ICLR 2017; Rabanser, Günnemann and Lipton, NeurIPS 2019): its
effect is the AUROC of cross-validated scores, its p-value comes from permuting the splits. Clusters stay together, in
folds and in permutations. The classifier is linear, a ridge regression on principal components: in closed form it
serves all permutations at once.

Images of one class are compared with each other: other shares of the classes are no other images, and a test by
themselves (`class_shares`).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import rankdata
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from transfer_report.analysis.components import Codes, Doubles, auroc_within_groups
from transfer_report.analysis.estimates import estimate_of
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.variance import SMALLEST_P
from transfer_report.records.analysis import Estimate, ShiftTest
from transfer_report.records.base import Split

NEGLIGIBLE_AUROC = 0.556
"""Below this two splits count as alike: the AUROC of a small effect, Cohen's d of 0.2 (Rice and Harris 2005)."""

CLASS_SHARES = "class_shares"
"""Name of the features that hold only the class."""

METHOD = "classifier two-sample test within classes: ridge regression on principal components, 5 folds, permutation"
FOLDS = 5
PERMUTATIONS = 999
MORE = 10
"""Rounds of 999 permutations, of which the first runs alone where one of its permutations reaches the effect: p-values
that are corrected for hundreds of tests have to be smaller than 0.001."""
COMPONENTS = 32
"""At most, and no more than a tenth of the images."""
SHRINKAGE = 0.1
"""Ridge penalty, as a share of the images."""
_MOST_IMAGES = 2000
"""Of each split; a draw of so many stands for more."""


@dataclass(frozen=True)
class Sample:
    """One split as a set of features."""

    split: Split
    features: NDArray[np.generic]
    """(images, features)."""
    clusters: Sequence[str]
    """The patient of each image."""
    labels: Sequence[int] | None = None
    """The class of each image; None where classes are not kept apart."""

    @property
    def strata(self) -> Codes:
        """(images,), class indices, or one class for all."""
        return np.zeros(len(self.clusters), np.intp) if self.labels is None else np.asarray(self.labels)

    def take(self, rows: NDArray[np.intp]) -> "Sample":
        """Some of the images."""
        labels = None if self.labels is None else [self.labels[row] for row in rows]
        return Sample(self.split, self.features[rows], [self.clusters[row] for row in rows], labels)


def split_shift(name: str, first: Sample, second: Sample, confidence: float, seed: int) -> ShiftTest:
    """Test whether a set of features tells two splits apart, with no verdict yet.

    With fewer than five clusters in a split it cannot be estimated; a class with fewer than two in either is left out.

    Args:
        name: of the features, `image_statistics` or `backbone:<model>`.
        first: one split.
        second: the other.
        confidence: of the interval.
        seed: draws images, folds and permutations.
    """
    generator = np.random.default_rng(seed)
    samples = _with_shared_classes([_drawn(sample, generator) for sample in (first, second)])
    if _too_few(samples):
        return _unknown(name, (first.split, second.split))
    dealt = _dealt(samples, generator)
    features = np.concatenate([np.asarray(sample.features, dtype=np.float64) for sample in samples])
    inputs = _principal_components(features, dealt.strata, seed)
    folds = generator.permutation(np.arange(dealt.clusters.max() + 1) % FOLDS)[dealt.clusters]
    return _tested(name, dealt, partial(_cross_validated, inputs, folds), confidence, generator)


def class_shift(first: Sample, second: Sample, confidence: float, seed: int) -> ShiftTest:
    """Test whether the classes have other shares in one split than in another, with no verdict yet.

    The classifier sees nothing but the class, and scores it by the share of its images that are of the second split.
    Shares are few, so none is held out: over folds, equal ones would seem to err the wrong way round.
    """
    generator = np.random.default_rng(seed)
    samples = [_drawn(sample, generator) for sample in (first, second)]
    if _too_few(samples):
        return _unknown(CLASS_SHARES, (first.split, second.split))
    dealt = _dealt([Sample(one.split, one.features, one.clusters) for one in samples], generator)
    classes = np.concatenate([sample.strata for sample in samples])

    def by_share(dealt: _Dealt) -> Doubles:
        shares: Doubles = _centres(dealt.targets, classes, classes.max() + 1)[classes]
        return shares

    return _tested(CLASS_SHARES, dealt, by_share, confidence, generator)


@dataclass(frozen=True)
class _Dealt:
    """The images of two splits, as they are and permuted."""

    splits: tuple[Split, Split]
    clusters: NDArray[np.intp]
    """(images,), 0, 1, …"""
    strata: Codes
    """(images,), the class within which each image is compared, 0, 1, …"""
    targets: Doubles
    """(images, 1 + permutations), whether each image is of the second split: in truth, then in each permutation."""


def _dealt(samples: Sequence[Sample], generator: np.random.Generator) -> _Dealt:
    strata = np.unique(np.concatenate([sample.strata for sample in samples]), return_inverse=True)[1]
    # A cluster has the name of its split before it: one name in two splits is two clusters.
    names = [f"{sample.split} {cluster}" for sample in samples for cluster in sample.clusters]
    clusters = np.unique(names, return_inverse=True)[1]
    of_second = np.repeat([0, 1], [len(sample.clusters) for sample in samples])
    targets = np.column_stack([of_second, _permuted(of_second, clusters, strata, generator)])
    return _Dealt((samples[0].split, samples[1].split), clusters, strata, targets)


def _too_few(samples: Sequence[Sample]) -> bool:
    return min(len(set(sample.clusters)) for sample in samples) < FOLDS


def _unknown(name: str, splits: tuple[Split, Split]) -> ShiftTest:
    return _shift(name, splits, (0.5, 0.0, 1.0), 1.0, 1.0)


def _tested(
    name: str,
    dealt: _Dealt,
    score: Callable[[_Dealt], Doubles],
    confidence: float,
    generator: np.random.Generator,
) -> ShiftTest:
    """The test that scores (images, 1 + permutations) make."""
    scores = score(dealt)
    effects = _auroc(scores, dealt.targets, dealt.strata)
    reached, tried = int((effects >= effects[0] - 1e-12).sum()), len(effects)  # the images as they are among both
    if reached == 1:
        for _ in range(1, MORE):
            others = _permuted(dealt.targets[:, 0].astype(np.intp), dealt.clusters, dealt.strata, generator)
            again = replace(dealt, targets=others)
            reached += int((_auroc(score(again), others, dealt.strata) >= effects[0] - 1e-12).sum())
            tried += PERMUTATIONS
    p_value = reached / tried
    estimated = partial(_estimated, scores[:, 0], dealt)
    found = estimated(confidence)
    low, high = (unknown if end is None else end for end, unknown in ((found.low, 0.0), (found.high, 1.0)))
    return _shift(name, dealt.splits, (found.value, low, high), p_value, _alike_p(estimated))


def _shift(
    name: str, splits: tuple[Split, Split], effect: tuple[float, float, float], p_value: float, equivalence_p: float
) -> ShiftTest:
    value, low, high = effect
    return ShiftTest(
        features=name,
        splits=splits,
        method=METHOD,
        effect=value,
        low=low,
        high=high,
        p_value=p_value,
        p_adjusted=None,
        equivalence_p=equivalence_p,
        verdict="inconclusive",
    )


def _alike_p(estimated: Callable[[float], Estimate]) -> float:
    """The error at which the interval of an AUROC just lies within what is negligible, on either side of 0.5.

    Few images make held-out scores err the wrong way round: well below 0.5 is no sign of likeness either.
    """

    def room(error: float) -> float:
        found = estimated(1 - 2 * error)
        if found.low is None or found.high is None:
            return -1.0
        return min(found.low - (1 - NEGLIGIBLE_AUROC), NEGLIGIBLE_AUROC - found.high)

    most, least = 0.4999, SMALLEST_P
    if room(most) <= 0:
        return 1.0
    return least if room(least) > 0 else float(brentq(room, least, most, xtol=1e-6))


def _drawn(sample: Sample, generator: np.random.Generator) -> Sample:
    if len(sample.clusters) <= _MOST_IMAGES:
        return sample
    return sample.take(np.sort(generator.choice(len(sample.clusters), _MOST_IMAGES, replace=False)))


def _with_shared_classes(samples: Sequence[Sample]) -> list[Sample]:
    """The images of classes with two clusters or more in each sample."""
    counted = [
        Counter(label for label, _ in set(zip(one.strata.tolist(), one.clusters, strict=True))) for one in samples
    ]
    shared = [label for label in counted[0] if all(counts[label] > 1 for counts in counted)]
    return [sample.take(np.flatnonzero(np.isin(sample.strata, shared))) for sample in samples]


def _centres(values: Doubles, strata: Codes, count: int) -> Doubles:
    """(strata, …), the mean of each of so many strata; that of all values where it has none."""
    members = np.eye(count)[strata]  # (images, strata)
    sizes = members.sum(axis=0)[:, None]
    centres: Doubles = np.where(sizes > 0, members.T @ values / np.maximum(sizes, 1), values.mean(axis=0))
    return centres


def _principal_components(features: Doubles, strata: Codes, seed: int) -> Doubles:
    """Standardised principal components of features that vary within classes; the splits play no part."""
    inside = features - _centres(features, strata, strata.max() + 1)[strata]
    # What follows from the class alone leaves nothing but rounding.
    varying = inside[:, np.ptp(inside, axis=0) > 1e-9 * np.abs(features).max(axis=0, initial=0.0)]
    if not varying.shape[1]:
        return varying
    count = min(COMPONENTS, len(varying) // 10, varying.shape[1])
    components: Doubles = PCA(count, random_state=seed).fit_transform(StandardScaler().fit_transform(varying))
    deviations = components.std(axis=0)
    # Features that follow from one another leave components of nothing but rounding.
    real = deviations > 1e-6 * deviations.max()
    standardised: Doubles = components[:, real] / deviations[real]
    return standardised


def _permuted(
    of_second: NDArray[np.intp], clusters: NDArray[np.intp], strata: Codes, generator: np.random.Generator
) -> Doubles:
    """(images, permutations), the splits permuted, each cluster as a whole, among clusters of one class.

    A cluster with images of several classes counts to the one that most of them have.
    """
    by_cluster = np.zeros(clusters.max() + 1)
    by_cluster[clusters] = of_second
    counts = np.zeros((len(by_cluster), strata.max() + 1), np.intp)
    np.add.at(counts, (clusters, strata), 1)
    class_of = counts.argmax(axis=1)
    dealt = np.tile(by_cluster, (PERMUTATIONS, 1))  # (permutations, clusters)
    for stratum in np.unique(class_of):
        own = class_of == stratum
        dealt[:, own] = generator.permuted(dealt[:, own], axis=1)
    images: Doubles = dealt[:, clusters].T
    return images


def _cross_validated(features: Doubles, folds: Codes, dealt: _Dealt) -> Doubles:
    """Scores (images, targets) of each image by a ridge regression on the folds that its cluster is not in.

    Each class has an intercept of its own: that a class is commoner in one of the splits says nothing of its images.
    """
    strata, targets, count = dealt.strata, dealt.targets, dealt.strata.max() + 1
    scores = np.empty(targets.shape)
    for fold in range(FOLDS):
        fit, held_out = folds != fold, folds == fold
        of_fit = strata[fit]
        centre, level = (_centres(values[fit], of_fit, count) for values in (features, targets))
        inputs = features[fit] - centre[of_fit]
        penalty = SHRINKAGE * len(inputs) * np.eye(inputs.shape[1])
        weights = np.linalg.solve(inputs.T @ inputs + penalty, inputs.T @ (targets[fit] - level[of_fit]))
        # Without the level of the fit: an image in a fold with few of its split would be scored by that alone.
        scores[held_out] = (features[held_out] - centre[strata[held_out]]) @ weights
    return scores


def _auroc(scores: Doubles, targets: Doubles, strata: Codes) -> Doubles:
    """AUROC of each column by ranks within each class, averaged by the class's images of the second split."""
    total, areas = np.zeros(scores.shape[1]), np.zeros(scores.shape[1])
    for stratum in range(strata.max() + 1):
        own = strata == stratum
        ranks, second = rankdata(scores[own], axis=0), targets[own]
        positive = second.sum(axis=0)
        negative = own.sum() - positive
        known = (positive > 0) & (negative > 0)  # a permutation may leave a class in one split alone
        above = (ranks * second).sum(axis=0) - positive * (positive + 1) / 2
        areas[known] += (above / np.maximum(negative, 1))[known]
        total[known] += positive[known]
    averaged: Doubles = areas / np.maximum(total, 1)
    return averaged


def _estimated(scores: Doubles, dealt: _Dealt, confidence: float) -> Estimate:
    """The AUROC of the scores with DeLong's interval over clusters, the classifier taken as given."""
    ranks = rankdata(scores) / (len(scores) + 1)
    probabilities = np.stack([1 - ranks, ranks], axis=1)[None]  # (1, images, 2)
    of_second = dealt.targets[:, 0].astype(np.intp)
    predictions = Predictions("", dealt.splits[1], probabilities, of_second, dealt.clusters)
    return estimate_of(auroc_within_groups(predictions, dealt.strata), confidence)
