"""Whether two splits look alike: can a classifier tell from which of them an image comes?

A classifier two-sample test (Lopez-Paz and Oquab, ICLR 2017; Rabanser, Günnemann and Lipton, NeurIPS 2019): its
effect is the AUROC of cross-validated scores, its p-value comes from permuting the splits. Groups stay together, in
folds and in permutations. The classifier is linear, a ridge regression on principal components: in closed form it
serves all permutations at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from transfer_report.analysis.comparisons import error_rate, holm
from transfer_report.analysis.estimates import estimate
from transfer_report.analysis.predictions import Predictions
from transfer_report.records import Estimate, ShiftTest, Split

Doubles = NDArray[np.float64]

NEGLIGIBLE_AUROC = 0.556
"""Below this two splits count as alike: the AUROC of a small effect, Cohen's d of 0.2 (Rice and Harris 2005)."""

METHOD = "classifier two-sample test: ridge regression on principal components, 5 folds, permutation"
FOLDS = 5
PERMUTATIONS = 999
COMPONENTS = 32
"""At most, and no more than a tenth of the images."""
SHRINKAGE = 0.1
"""Ridge penalty, as a share of the images."""
MOST_IMAGES = 2000
"""Of each split; a draw of so many stands for more."""


@dataclass(frozen=True)
class Sample:
    """One split as a set of features."""

    split: Split
    features: NDArray[np.generic]
    """(images, features)."""
    groups: Sequence[str]
    """The patient of each image."""


def split_shift(name: str, first: Sample, second: Sample, confidence: float, seed: int) -> ShiftTest:
    """Test whether a set of features tells two splits apart, as a family of one; `adjust_shifts` corrects several.

    A shift may be one of classes as well as of images. With fewer than five groups in a split it cannot be told.

    Args:
        name: of the features, `image_statistics` or `backbone:<model>`.
        first: one split.
        second: the other.
        confidence: of the interval and the verdict.
        seed: draws images, folds and permutations.
    """
    generator = np.random.default_rng(seed)
    samples = [_drawn(sample, generator) for sample in (first, second)]
    splits = (first.split, second.split)
    if min(len(set(sample.groups)) for sample in samples) < FOLDS:
        return _shift(name, splits, (0.5, 0.0, 1.0), 1.0, (0.0, 1.0), confidence)
    features = _principal_components(np.concatenate([np.asarray(sample.features) for sample in samples]), seed)
    # A group has the name of its split before it: one name in two splits is two groups.
    names = [f"{sample.split} {group}" for sample in samples for group in sample.groups]
    groups = np.unique(names, return_inverse=True)[1]
    of_second = np.repeat([0, 1], [len(sample.groups) for sample in samples])
    targets = np.column_stack([of_second, _permuted(of_second, groups, generator)])  # (images, 1 + permutations)
    scores = _cross_validated(features, targets, groups, generator)
    effects = _auroc(scores, targets)
    p_value = float(np.mean(effects >= effects[0] - 1e-12))
    found, bound = (
        _estimated(scores[:, 0], of_second, groups, second.split, level) for level in (confidence, 2 * confidence - 1)
    )
    low, high, *ends = (
        unknown if value is None else value
        for value, unknown in ((found.low, 0.0), (found.high, 1.0), (bound.low, 0.0), (bound.high, 1.0))
    )
    return _shift(name, splits, (found.value, low, high), p_value, (ends[0], ends[1]), confidence)


def adjust_shifts(shifts: Sequence[ShiftTest], confidence: float) -> list[ShiftTest]:
    """The same tests with Holm's correction over all of them.

    Splits that were found alike stay so; `shifted` is left where the corrected p-value is below the error.
    """
    corrected = holm([shift.p_value for shift in shifts])
    return [_judged(shift, p, confidence) for shift, p in zip(shifts, corrected, strict=True) if p is not None]


def _shift(
    name: str,
    splits: tuple[Split, Split],
    effect: tuple[float, float, float],
    p_value: float,
    ends: tuple[float, float],
    confidence: float,
) -> ShiftTest:
    value, low, high = effect
    # Few images make held-out scores err the wrong way round: well below 0.5 is no sign of likeness either.
    alike = ends[0] >= 1 - NEGLIGIBLE_AUROC and ends[1] <= NEGLIGIBLE_AUROC
    found = ShiftTest(
        features=name,
        splits=splits,
        method=METHOD,
        effect=value,
        low=low,
        high=high,
        p_value=p_value,
        p_adjusted=p_value,
        verdict="equivalent" if alike else "cannot_tell",
    )
    return _judged(found, p_value, confidence)


def _judged(shift: ShiftTest, p_adjusted: float, confidence: float) -> ShiftTest:
    verdict = shift.verdict
    if verdict != "equivalent":
        verdict = "shifted" if p_adjusted < error_rate(confidence) else "cannot_tell"
    return shift.model_copy(update={"p_adjusted": p_adjusted, "verdict": verdict})


def _drawn(sample: Sample, generator: np.random.Generator) -> Sample:
    if len(sample.groups) <= MOST_IMAGES:
        return sample
    rows = np.sort(generator.choice(len(sample.groups), MOST_IMAGES, replace=False))
    return Sample(sample.split, sample.features[rows], [sample.groups[row] for row in rows])


def _principal_components(features: NDArray[np.generic], seed: int) -> Doubles:
    """Standardised principal components of standardised features; the splits play no part."""
    doubles = np.asarray(features, dtype=np.float64)
    varying = doubles[:, np.ptp(doubles, axis=0) > 0]
    if not varying.shape[1]:
        return varying
    count = min(COMPONENTS, len(varying) // 10, varying.shape[1])
    components: Doubles = PCA(count, random_state=seed).fit_transform(StandardScaler().fit_transform(varying))
    deviations = components.std(axis=0)
    # Features that follow from one another leave components of nothing but rounding.
    real = deviations > 1e-6 * deviations.max()
    standardised: Doubles = components[:, real] / deviations[real]
    return standardised


def _permuted(of_second: NDArray[np.intp], groups: NDArray[np.intp], generator: np.random.Generator) -> Doubles:
    """(images, permutations), the splits dealt out anew, each group as a whole."""
    by_group = np.zeros(groups.max() + 1)
    by_group[groups] = of_second
    dealt = generator.permuted(np.tile(by_group, (PERMUTATIONS, 1)), axis=1)  # (permutations, groups)
    images: Doubles = dealt[:, groups].T
    return images


def _cross_validated(
    features: Doubles, targets: NDArray[np.generic], groups: NDArray[np.intp], generator: np.random.Generator
) -> Doubles:
    """Scores (images, targets) of each image by a ridge regression on the folds that its group is not in."""
    folds = generator.permutation(np.arange(groups.max() + 1) % FOLDS)[groups]
    scores = np.empty(targets.shape)
    for fold in range(FOLDS):
        fit, held_out = folds != fold, folds == fold
        centre, level = features[fit].mean(axis=0), targets[fit].mean(axis=0)
        inputs = features[fit] - centre
        penalty = SHRINKAGE * len(inputs) * np.eye(inputs.shape[1])
        weights = np.linalg.solve(inputs.T @ inputs + penalty, inputs.T @ (targets[fit] - level))
        # Without the level of the fit: an image in a fold with few of its split would be scored by that alone.
        scores[held_out] = (features[held_out] - centre) @ weights
    return scores


def _auroc(scores: Doubles, targets: NDArray[np.generic]) -> Doubles:
    """AUROC of each column, by ranks."""
    positive = targets.sum(axis=0)
    ranks = (rankdata(scores, axis=0) * targets).sum(axis=0)
    areas: Doubles = (ranks - positive * (positive + 1) / 2) / (positive * (len(targets) - positive))
    return areas


def _estimated(
    scores: Doubles, of_second: NDArray[np.intp], groups: NDArray[np.intp], split: Split, confidence: float
) -> Estimate:
    """The AUROC of the scores with DeLong's interval over groups, the classifier taken as given."""
    ranks = rankdata(scores) / (len(scores) + 1)
    probabilities = np.stack([1 - ranks, ranks], axis=1)[None]  # (1, images, 2)
    return estimate("auroc", Predictions("", split, probabilities, of_second, groups), confidence)
