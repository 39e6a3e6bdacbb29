"""Controls without training cost: what a trained network has to beat before its numbers mean anything.

The majority class looks at no image. A logistic regression on brightness, contrast and sharpness looks at no shape.
Nearest neighbours look at the frozen features of the network that the conditions start from (Wu and others, CVPR 2018;
Caron and others, ICCV 2021), without a trained head.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, normalize

from transfer_report.analysis.comparisons import difference_of, error_rate, holm, p_of_difference, with_terms
from transfer_report.analysis.components import Components, Doubles, components
from transfer_report.analysis.estimates import estimate_of
from transfer_report.analysis.moderation import SeedSpread
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.rules import RANKS_WELL
from transfer_report.analysis.t_interval import p_of_zero
from transfer_report.evaluation.metrics import accuracy
from transfer_report.records.analysis import (
    IMAGE_STATISTICS,
    MAJORITY_CLASS,
    ControlComparison,
    Estimate,
    LevelTest,
)
from transfer_report.records.base import Split

NEIGHBOURS = (1, 3, 5, 11, 21, 51)
"""Numbers of neighbours that validation chooses from; odd, so that two classes do not tie."""
SCORED: tuple[Split, ...] = ("val", "test")
BEATEN: tuple[str, ...] = (MAJORITY_CLASS, IMAGE_STATISTICS)
"""Controls that every condition is compared with."""
AUROC_LEVELS = {RANKS_WELL: "ranks", 0.5: "weak"}
"""Levels that AUROCs are tested against, with what is said of conditions that are shown to be above."""
_MOST_IMAGES = 20_000
"""Most training images that are used; larger splits are sampled."""

SplitFeatures = Mapping[Split, NDArray[np.generic]]
"""By split, (images, features)."""


@dataclass(frozen=True)
class ControlPredictions:
    """Predicted probabilities of a control."""

    name: str
    neighbours: int | None
    """Of nearest neighbours, as validation chose; None for other controls."""
    probabilities: Mapping[Split, Doubles]
    """On validation and test images, (images, classes)."""


def controls(
    train_labels: NDArray[np.intp],
    val_labels: NDArray[np.intp],
    test_images: int,
    statistics: SplitFeatures,
    features: Mapping[str, SplitFeatures],
    seed: int,
) -> Iterator[ControlPredictions]:
    """Yield the majority class, image statistics, and nearest neighbours for each model.

    Args:
        train_labels: (images,), class indices; every class occurs.
        val_labels: of the validation images, which choose the number of neighbours.
        test_images: how many there are.
        statistics: simple image statistics of all splits.
        features: frozen features of all splits, by model.
        seed: draws training images where there are too many.
    """
    counts: dict[Split, int] = {"val": len(val_labels), "test": test_images}
    drawn = np.arange(len(train_labels))
    if len(drawn) > _MOST_IMAGES:
        drawn = np.sort(np.random.default_rng(seed).choice(drawn, _MOST_IMAGES, replace=False))
    yield ControlPredictions(MAJORITY_CLASS, None, _class_shares(train_labels, counts))
    yield ControlPredictions(IMAGE_STATISTICS, None, _logistic(statistics, train_labels, drawn))
    for model, of_model in features.items():
        neighbours, probabilities = nearest_neighbours(of_model, train_labels, val_labels, drawn)
        yield ControlPredictions(f"nearest_neighbours:{model}", neighbours, probabilities)


def compare_with_controls(
    test: Mapping[str, Predictions], of_controls: Mapping[str, Predictions], confidence: float
) -> list[ControlComparison]:
    """Compare the test accuracy of every condition with each of `BEATEN`; Holm's correction for each control.

    A control has no seeds: it would score the same with each, so other images and the seeds of the condition vary.

    Args:
        test: predictions of the conditions, by key.
        of_controls: of the controls, by name, on the same images.
        confidence: of intervals and verdicts.
    """
    found = []
    for control in BEATEN:
        of_control = components("accuracy", of_controls[control])
        differences = {
            key: difference_of(_with_seeds(of_control, one.seeds), components("accuracy", one), confidence)
            for key, one in test.items()
        }
        p_values = [p_of_zero(difference) for difference in differences.values()]
        for (key, difference), p_value, p_adjusted in zip(differences.items(), p_values, holm(p_values), strict=True):
            found.append(_judged(key, control, difference, p_value, p_adjusted))
    return found


def auroc_levels(
    test: Mapping[str, Predictions], confidence: float, spreads: Mapping[str, SeedSpread]
) -> list[LevelTest]:
    """Test AUROCs against `AUROC_LEVELS`, with no verdict yet: `decide` corrects them.

    Args:
        test: predictions of the conditions that do not beat the majority class, by key.
        confidence: of intervals.
        spreads: how the AUROC of conditions with several seeds varies over them.
    """
    found = []
    for key, one in test.items():
        auroc = components("auroc", one)
        nothing = replace(auroc, values=np.zeros_like(auroc.values), deviations=np.zeros_like(auroc.deviations))
        difference, terms = with_terms(nothing, auroc, confidence, spreads[key].term if key in spreads else None)
        known = estimate_of(auroc, confidence)
        found += [
            LevelTest(
                name="auroc",
                condition=key,
                level=level,
                estimate=known,
                p_value=p_of_difference(difference, terms, level),
            )
            for level in AUROC_LEVELS
        ]
    return found


def not_above_controls(comparisons: Sequence[ControlComparison]) -> dict[str, str]:
    """Return the conditions that are not shown to beat a control, each with the first of `BEATEN` it is not above."""
    beaten = {(one.condition, one.control) for one in comparisons if one.verdict == "better"}
    first_unbeaten = {
        key: next((control for control in BEATEN if (key, control) not in beaten), None)
        for key in dict.fromkeys(one.condition for one in comparisons)
    }
    return {key: control for key, control in first_unbeaten.items() if control}


def unbeaten_controls(comparisons: Sequence[ControlComparison], levels: Sequence[LevelTest]) -> dict[str, list[str]]:
    """Return the conditions that are not shown to beat a control, by what they do.

    Those not above the majority class by how they rank (test AUROC): well, above chance, or not shown to rank at all;
    those above it that are not above image statistics.

    Args:
        comparisons: with the controls.
        levels: tests of AUROCs against `AUROC_LEVELS`, among others.
    """
    above = {(one.condition, one.level) for one in levels if one.name == "auroc" and one.verdict == "above"}
    named: dict[str, list[str]] = {"ranks": [], "weak": [], "nothing": [], "statistics": []}
    for key, control in not_above_controls(comparisons).items():
        ranks = next((group for level, group in AUROC_LEVELS.items() if (key, level) in above), "nothing")
        named[ranks if control == MAJORITY_CLASS else "statistics"].append(key)
    return named


def nearest_neighbours(
    features: SplitFeatures, train_labels: NDArray[np.intp], val_labels: NDArray[np.intp], drawn: NDArray[np.intp]
) -> tuple[int, dict[Split, Doubles]]:
    """Share of each class among the nearest training images, by the cosine of their features.

    Of equally accurate numbers of neighbours the largest is taken, whose shares vary least.

    Returns:
        the number of neighbours with the highest validation accuracy, and by split (images, classes).
    """
    fitted = NearestNeighbors(n_neighbors=min(NEIGHBOURS[-1], len(drawn)), algorithm="brute")
    fitted.fit(normalize(features["train"][drawn]))
    votes = {}
    for split in SCORED:
        nearest = fitted.kneighbors(normalize(np.asarray(features[split])), return_distance=False)
        of_each = np.eye(train_labels.max() + 1)[train_labels[drawn][nearest]]  # (images, neighbours, classes)
        votes[split] = of_each.cumsum(axis=1)
    possible = [count for count in NEIGHBOURS if count <= len(drawn)]
    shares = {count: votes["val"][:, count - 1] / count for count in possible}
    chosen = max(possible, key=lambda count: (accuracy(shares[count], val_labels), count))
    return chosen, {split: votes[split][:, chosen - 1] / chosen for split in SCORED}


def _class_shares(train_labels: NDArray[np.intp], counts: Mapping[Split, int]) -> dict[Split, Doubles]:
    shares = np.bincount(train_labels) / len(train_labels)
    return {split: np.tile(shares, (count, 1)) for split, count in counts.items()}


def _logistic(
    statistics: SplitFeatures, train_labels: NDArray[np.intp], drawn: NDArray[np.intp]
) -> dict[Split, Doubles]:
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(statistics["train"][drawn], train_labels[drawn])
    return {split: model.predict_proba(statistics[split]) for split in SCORED}


def _with_seeds(control: Components, seeds: int) -> Components:
    """The components of so many runs that do not differ."""
    return Components(
        values=np.repeat(control.values, seeds),
        deviations=np.repeat(control.deviations, seeds, axis=0),
        strata=control.strata,
        clusters=control.clusters,
        unit=control.unit,
        bounds=control.bounds,
    )


def _judged(
    condition: str, control: str, difference: Estimate, p_value: float | None, p_adjusted: float | None
) -> ControlComparison:
    shown = p_adjusted is not None and p_adjusted < error_rate(difference.confidence)
    return ControlComparison(
        condition=condition,
        control=control,
        difference=difference,
        p_value=p_value,
        p_adjusted=p_adjusted,
        verdict=("better" if difference.value > 0 else "worse") if shown else "inconclusive",
    )
