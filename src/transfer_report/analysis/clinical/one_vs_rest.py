"""One class against the rest: two-class predictions, so that all that follows knows a positive and a negative class."""

import numpy as np
from numpy.typing import NDArray

from transfer_report.analysis.components import IGNORED, Codes, Components, all_images, mean_of_scores
from transfer_report.analysis.predictions import Predictions

Called = NDArray[np.bool_]
"""(seeds, images), which images a run calls positive."""

SMALLEST = float(np.finfo(np.float32).eps)
"""A probability that float32 can hold apart from 1; what is nearer to 0 or 1 counts as this in logits."""


def one_vs_rest(predictions: Predictions, positive: int) -> Predictions:
    """Predictions of a class against all others: class 1 is `positive`."""
    if predictions.classes == 2 and positive == 1:
        return predictions
    key = ("one_vs_rest", positive)
    if key not in predictions.made:
        of_class = predictions.doubles[:, :, positive]
        rest = np.delete(predictions.doubles, positive, axis=2).sum(axis=2)
        predictions.made[key] = Predictions(
            condition=predictions.condition,
            split=predictions.split,
            probabilities=np.stack([rest, of_class], axis=2),
            labels=(predictions.labels == positive).astype(np.intp),
            clusters=predictions.clusters,
        )
    found: Predictions = predictions.made[key]
    return found


def risks(predictions: Predictions) -> NDArray[np.float64]:
    """Probability of the positive class, (seeds, images)."""
    return predictions.doubles[:, :, 1]


def logits(predictions: Predictions) -> NDArray[np.float64]:
    """Log odds of the positive class, (seeds, images), as far from 0 as float32 tells probabilities from 0 and 1."""
    sides = np.maximum(predictions.doubles, SMALLEST)
    return np.asarray(np.log(sides[:, :, 1]) - np.log(sides[:, :, 0]))


def sensitivity_parts(predictions: Predictions, called: Called) -> Components:
    """Share of the positive images that are called positive."""
    return mean_of_scores(predictions, called, np.where(predictions.labels == 1, 0, IGNORED), unit=1.0)


def specificity_parts(predictions: Predictions, called: Called) -> Components:
    """Share of the negative images that are not called positive."""
    return mean_of_scores(predictions, ~called, np.where(predictions.labels == 0, 0, IGNORED), unit=1.0)


def share(predictions: Predictions, chosen: NDArray[np.bool_]) -> Components:
    """Share of all images that are chosen, (seeds, images) or (images,)."""
    chosen = np.broadcast_to(chosen, (predictions.seeds, predictions.images))
    return mean_of_scores(predictions, chosen, all_images(predictions), unit=1.0)


def counted(clusters: Codes, chosen: NDArray[np.bool_]) -> float:
    """Images (patients) with a chosen one, of (seeds, images): the mean over the runs; one at least."""
    return max(float(np.mean([len(np.unique(clusters[own])) for own in chosen])), 1.0)
