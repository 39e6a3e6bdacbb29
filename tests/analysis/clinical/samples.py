"""Two-class predictions from risks that a test writes down, and drawn ones."""

import numpy as np

from transfer_report.analysis.predictions import Predictions


def of_risks(risks, labels, clusters=None, split="test", condition="fine_tuning/a"):
    """Predictions with these risks of class 1, (images,) or (seeds, images)."""
    positive = np.atleast_2d(np.asarray(risks, dtype=float))
    clusters = np.arange(positive.shape[1]) if clusters is None else np.asarray(clusters)
    return Predictions(condition, split, np.stack([1 - positive, positive], axis=2), np.asarray(labels), clusters)


def image_variance(parts):
    """Variance over images of the mean over runs."""
    deviations = parts.deviations.mean(axis=0)
    return float((deviations**2).sum() / len(deviations) / (len(deviations) - 1))


def jackknife(predictions, statistic):
    """Variance over images of a number, by leaving out one image after the other."""
    rows = np.arange(predictions.images)

    def without(row):
        kept = np.delete(rows, row)
        return statistic(Predictions("a", "test", predictions.probabilities[:, kept], predictions.labels[kept], kept))

    values = np.array([without(row) for row in rows])
    return float((len(rows) - 1) / len(rows) * ((values - values.mean()) ** 2).sum())
