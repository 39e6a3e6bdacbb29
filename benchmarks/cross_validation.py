"""How often intervals of cross-validated accuracies, and of their differences, hold the truth.

Run from the root of the project: `PYTHONPATH=src:. python benchmarks/cross_validation.py`. The truth is the mean
accuracy of trainings on as many images as a fold leaves. Real trainings of a small classifier, a regularised linear
discriminant, whose weights have a seed of their own.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from transfer_report.analysis.cross_validation import over_folds
from transfer_report.training.subsets import folds_of

OUTPUT = Path(__file__).with_name("CROSS_VALIDATION.md")
STUDIES, TRUTHS, FOLDS, CONFIDENCE = 600, 2000, 5, 0.95
FEATURES, INFORMATIVE = 60, 30
SEED_SD = 0.25
"""Of the weights, as a share of their norm."""

Doubles = NDArray[np.float64]


class Kind(NamedTuple):
    """A learner: how many features it sees, and how strongly it is regularised."""

    features: int
    penalty: float


KINDS = {"all features": Kind(60, 0.3), "a quarter of them": Kind(15, 0.3), "stronger penalty": Kind(60, 3.0)}


class Learned(NamedTuple):
    """A trained classifier: weights and threshold."""

    weights: Doubles
    threshold: float


def images_of(generator: np.random.Generator, count: int, means: Doubles) -> tuple[Doubles, NDArray[np.intp]]:
    """Draw images as features, with their classes."""
    labels = np.arange(count) % 2
    return generator.normal(size=(count, FEATURES)) + np.where(labels[:, None] == 1, means, -means), labels


def learned(kind: Kind, features: Doubles, labels: NDArray[np.intp], generator: np.random.Generator) -> Learned:
    """Train a learner."""
    seen = features[:, : kind.features]
    first, second = (seen[labels == label].mean(axis=0) for label in (0, 1))
    residuals = np.concatenate([seen[labels == 0] - first, seen[labels == 1] - second])
    covariance = residuals.T @ residuals / (len(seen) - 2)
    ridge = kind.penalty * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    weights = np.linalg.solve(covariance + ridge, second - first)
    weights = weights + generator.normal(size=len(weights)) * SEED_SD * np.linalg.norm(weights) / len(weights) ** 0.5
    return Learned(weights, float(weights @ (first + second) / 2))


def true_accuracy(one: Learned, means: Doubles) -> float:
    """The accuracy of a trained classifier on all images."""
    signal, norm = one.weights @ means[: len(one.weights)], np.linalg.norm(one.weights)
    return float(stats.norm.cdf([(signal - one.threshold) / norm, (signal + one.threshold) / norm]).mean())


def row(images: int, repeats: int, distance: float) -> Iterator[str]:
    """Yield the coverage for one size of a study: of an accuracy, and of two differences."""
    generator = np.random.default_rng([images, repeats, round(10 * distance)])
    means = np.where(np.arange(FEATURES) < INFORMATIVE, distance / INFORMATIVE**0.5, 0.0)
    trained = images * (FOLDS - 1) // FOLDS
    truths = np.mean(
        [
            [true_accuracy(learned(kind, *drawn, generator), means) for kind in KINDS.values()]
            for drawn in (images_of(generator, trained, means) for _ in range(TRUTHS))
        ],
        axis=0,
    )
    held: dict[str, list[tuple[bool, bool, float]]] = {}
    for study in range(STUDIES):
        features, labels = images_of(generator, images, means)
        folds = folds_of(labels.tolist(), list(map(str, range(images))), FOLDS, repeats, 0.25, study)
        right = np.empty((len(KINDS), repeats, images))
        values = np.empty((len(KINDS), len(folds)))
        for number, fold in enumerate(folds):
            seen = np.concatenate([fold.train, fold.val])
            for index, kind in enumerate(KINDS.values()):
                one = learned(kind, features[seen], labels[seen], generator)
                scores = features[fold.test, : kind.features] @ one.weights > one.threshold
                right[index, number // FOLDS, fold.test] = scores == (labels[fold.test] == 1)
                values[index, number] = right[index, number // FOLDS, fold.test].mean()
        names = list(KINDS)
        for name, own, by_image, truth in (
            ("accuracy", values[0], right[0], truths[0]),
            (f"minus {names[1]}", values[0] - values[1], right[0] - right[1], truths[0] - truths[1]),
            (f"minus {names[2]}", values[0] - values[2], right[0] - right[2], truths[0] - truths[2]),
        ):
            found = over_folds(own, FOLDS, images, CONFIDENCE, (-np.inf, np.inf))
            assert found.low is not None  # noqa: S101  # folds vary
            assert found.high is not None  # noqa: S101
            mean = by_image.mean(axis=0)
            reach = stats.t.ppf((1 + CONFIDENCE) / 2, images - 1) * mean.std(ddof=1) / images**0.5
            held.setdefault(name, []).append(
                (found.low <= truth <= found.high, abs(mean.mean() - truth) <= reach, (found.high - found.low) / 2)
            )
    for name, lines in held.items():
        ours, by_images, width = np.array(lines, dtype=float).T
        yield (
            f"| {images} | {repeats} | {100 * truths[0]:.0f} % | {name} | {100 * ours.mean():.1f} % "
            f"(± {100 * np.median(width):.1f}) | {100 * by_images.mean():.1f} % |"
        )


def main() -> None:
    """Write the Markdown file."""
    head = (
        "# Intervals of cross-validated accuracies\n\n"
        f"Measured by `benchmarks/cross_validation.py`: {STUDIES} simulated studies a line, {FOLDS} folds. Coverage of "
        "the 95 % intervals of Nadeau and Bengio, which the report prints, with their median half widths in points, "
        "and of intervals by the variance over images alone. ± 0.9 points of coverage is one standard error.\n\n"
        "| images | repeats | accuracy | interval of | Nadeau and Bengio | images alone |\n|" + " --- |" * 6
    )
    sizes = [(images, repeats, distance) for images in (100, 200, 400) for repeats in (1, 2) for distance in (0.6, 1.0)]
    lines = [line for size in sizes for line in row(*size)]
    OUTPUT.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
