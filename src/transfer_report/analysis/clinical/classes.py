"""One condition class by class: recall, precision, F1, AUROC, and which classes are confused."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from transfer_report.analysis.clinical.curves import auroc_parts, average_precision
from transfer_report.analysis.clinical.delta import of_means
from transfer_report.analysis.clinical.one_vs_rest import counted, one_vs_rest, share
from transfer_report.analysis.clinical.records import ClassScores, ClassTable, ConfusedPair
from transfer_report.analysis.clinical.whole_counts import whole_counts
from transfer_report.analysis.components import IGNORED, Components, f1_of_class, macro, mean_of_scores, recall
from transfer_report.analysis.estimates import estimate_of
from transfer_report.analysis.predictions import Predictions
from transfer_report.records.analysis import Estimate

_MOST_PAIRS = 5


def class_table(predictions: Predictions, confidence: float, pairs: int = _MOST_PAIRS) -> ClassTable:
    """Every class with its intervals, the macro average, the confusion matrix and the pairs most often confused."""
    classes = range(predictions.classes)
    scores = [_scores(predictions, [index], index, confidence) for index in classes]
    return ClassTable(
        condition=predictions.condition,
        scores=[*scores, _scores(predictions, list(classes), None, confidence)],
        confusion=whole_counts(mean_confusion_counts(predictions)),
        confused=confused_pairs(predictions, confidence, pairs),
    )


def precision(predictions: Predictions, index: int) -> Components | None:
    """Share of the images predicted as a class that belong to it, all runs together; None where there is none."""
    predicted = predictions.predicted == index
    return of_means(
        lambda hits, calls: hits / calls,
        share(predictions, predicted & (predictions.labels == index)),
        share(predictions, predicted),
        counted=counted(predictions.cluster_codes, predicted),
    )


def mean_confusion_counts(predictions: Predictions) -> NDArray[np.float64]:
    """Images by true (rows) and predicted class, the mean of the runs."""
    classes = predictions.classes
    cells = predictions.labels * classes + predictions.predicted  # (seeds, images)
    counts = np.bincount(cells.ravel(), minlength=classes**2).reshape(classes, classes)
    return np.asarray(counts / predictions.seeds, dtype=np.float64)


def confused_pairs(predictions: Predictions, confidence: float, most: int = _MOST_PAIRS) -> list[ConfusedPair]:
    """The pairs of true and predicted class with most images, the most frequent first; none that never occur."""
    counts = mean_confusion_counts(predictions)
    np.fill_diagonal(counts, 0.0)
    order = np.argsort(-counts, axis=None, kind="stable")[:most]
    pairs = [divmod(int(cell), predictions.classes) for cell in order]
    return [
        ConfusedPair(
            condition=predictions.condition,
            true=true,
            predicted=predicted,
            count=float(counts[true, predicted]),
            share=estimate_of(_taken_for(predictions, true, predicted), confidence),
        )
        for true, predicted in pairs
        if counts[true, predicted] > 0
    ]


def _taken_for(predictions: Predictions, true: int, predicted: int) -> Components:
    strata = np.where(predictions.labels == true, 0, IGNORED)
    return mean_of_scores(predictions, predictions.predicted == predicted, strata, unit=1.0)


def _scores(predictions: Predictions, classes: list[int], index: int | None, confidence: float) -> ClassScores:
    def estimated(parts: Iterable[Components]) -> Estimate:
        return estimate_of(macro(predictions, list(parts)), confidence)

    sides = [one_vs_rest(predictions, one) for one in classes]
    precisions = [parts for one in classes if (parts := precision(predictions, one)) is not None]
    return ClassScores(
        condition=predictions.condition,
        index=index,
        support=int(np.isin(predictions.labels, classes).sum()),
        recall=estimated(recall(predictions, one) for one in classes),
        precision=estimated(precisions) if len(precisions) == len(classes) else None,
        f1=estimated(f1_of_class(predictions, one) for one in classes),
        auroc=estimated(map(auroc_parts, sides)),
        average_precision=estimated(map(average_precision, sides)),
    )
