"""Metrics as pure functions of predicted probabilities and labels; the statistics later build on the same arrays.

Throughout, `probabilities` is (images, classes), `labels` is (images,) of class indices, and every class occurs among
the labels. With two classes, class 1 is the positive one; beyond two, metrics of one class are averaged over all.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sklearn_metrics

from transfer_report.records.evaluation import SplitScores

Floats = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]


def predicted_classes(probabilities: Floats) -> NDArray[np.intp]:
    """The most probable class along the last axis; of equally probable ones, the first."""
    classes: NDArray[np.intp] = np.asarray(probabilities).argmax(axis=-1)
    return classes


def confusion(probabilities: Floats, labels: Labels) -> NDArray[np.intp]:
    """Counts of images, (true class, predicted class)."""
    classes = np.arange(probabilities.shape[1])
    matrix: NDArray[np.intp] = sklearn_metrics.confusion_matrix(
        labels, predicted_classes(probabilities), labels=classes
    )
    return matrix


def accuracy(probabilities: Floats, labels: Labels) -> float:
    """Share of images whose most probable class is the true one."""
    return float(sklearn_metrics.accuracy_score(labels, predicted_classes(probabilities)))


def balanced_accuracy(probabilities: Floats, labels: Labels) -> float:
    """Mean over classes of the share of its images that are recognised."""
    return float(_recalls(probabilities, labels).mean())


def auroc(probabilities: Floats, labels: Labels) -> float:
    """Area under the ROC curve of the positive class; beyond two classes, the mean of each class against the rest."""
    if probabilities.shape[1] == 2:
        return float(sklearn_metrics.roc_auc_score(labels, probabilities[:, 1]))
    one_against_rest = [
        sklearn_metrics.roc_auc_score(labels == index, probabilities[:, index])
        for index in range(probabilities.shape[1])
    ]
    return float(np.mean(one_against_rest))


def sensitivity(probabilities: Floats, labels: Labels) -> float:
    """Share of positive images that are called positive; beyond two classes, the mean over classes."""
    recalls = _recalls(probabilities, labels)
    return float(recalls[1] if len(recalls) == 2 else recalls.mean())


def specificity(probabilities: Floats, labels: Labels) -> float:
    """Share of negative images that are called negative; beyond two classes, the mean of one against the rest."""
    table = confusion(probabilities, labels)
    negatives = len(labels) - table.sum(axis=1)
    true_negatives = negatives - (table.sum(axis=0) - table.diagonal())
    shares = true_negatives / negatives
    return float(shares[1] if len(shares) == 2 else shares.mean())


def f1(probabilities: Floats, labels: Labels) -> float:
    """Harmonic mean of precision and recall of the positive class; beyond two classes, the mean over classes."""
    average = "binary" if probabilities.shape[1] == 2 else "macro"
    classes = None if average == "binary" else np.arange(probabilities.shape[1])
    predicted = predicted_classes(probabilities)
    return float(sklearn_metrics.f1_score(labels, predicted, average=average, labels=classes, zero_division=0.0))


def brier(probabilities: Floats, labels: Labels) -> float:
    """Mean squared error of the positive class' probability (0…1); beyond two classes, summed over them (0…2)."""
    classes = np.arange(probabilities.shape[1])
    return float(sklearn_metrics.brier_score_loss(labels, normalised(probabilities), labels=classes))


def calibration_error(probabilities: Floats, labels: Labels, bins: int) -> float:
    """Expected calibration error: mean distance of confidence and accuracy over bins of equal width.

    Weighted by the images in a bin. Guo, Pleiss, Sun and Weinberger, ICML 2017, equation 3.
    """
    confidence = np.asarray(probabilities, dtype=np.float64).max(axis=1)
    correct = predicted_classes(probabilities) == labels
    sums = np.bincount(confidence_bins(confidence, bins), weights=correct - confidence, minlength=bins)
    return float(np.abs(sums).sum() / len(labels))


def loss(probabilities: Floats, labels: Labels) -> float:
    """Mean cross-entropy, natural logarithm; probabilities of 0 count as the smallest that float32 tells from 0."""
    true_class = normalised(probabilities)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(true_class, np.finfo(np.float32).tiny)).mean())


def confidence_bins(confidence: Floats, bins: int) -> NDArray[np.intp]:
    """Index of the bin of equal width, open below and closed above, that each confidence in 0…1 falls into."""
    index: NDArray[np.intp] = np.clip(np.ceil(np.asarray(confidence) * bins) - 1, 0, bins - 1).astype(np.intp)
    return index


def normalised(probabilities: Floats) -> NDArray[np.float64]:
    """Probabilities in double precision that add up to 1 along the last axis."""
    doubles = np.asarray(probabilities, dtype=np.float64)
    total: NDArray[np.float64] = doubles.sum(axis=-1, keepdims=True)
    return doubles / total


def score(probabilities: Floats, labels: Labels, bins: int) -> SplitScores:
    """All metrics of one run on one split; `bins` are those of the calibration error."""
    return SplitScores(
        accuracy=accuracy(probabilities, labels),
        balanced_accuracy=balanced_accuracy(probabilities, labels),
        auroc=auroc(probabilities, labels),
        sensitivity=sensitivity(probabilities, labels),
        specificity=specificity(probabilities, labels),
        f1=f1(probabilities, labels),
        brier=brier(probabilities, labels),
        calibration_error=calibration_error(probabilities, labels, bins),
        loss=loss(probabilities, labels),
        confusion=confusion(probabilities, labels).tolist(),
    )


def _recalls(probabilities: Floats, labels: Labels) -> NDArray[np.float64]:
    table = confusion(probabilities, labels)
    shares: NDArray[np.float64] = table.diagonal() / table.sum(axis=1)
    return shares
