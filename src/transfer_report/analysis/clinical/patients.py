"""One score a patient: the mean or the maximum over the patient's images."""

import numpy as np

from transfer_report.analysis.clinical.one_vs_rest import one_vs_rest
from transfer_report.analysis.clinical.records import PatientScore
from transfer_report.analysis.components import Codes, Doubles
from transfer_report.analysis.predictions import Predictions
from transfer_report.errors import UserError


def per_patient(predictions: Predictions, score: PatientScore, positive: int | None = None) -> Predictions:
    """Predictions with one row a patient, in the order of the patients' names.

    With two classes, or with `positive`, a patient is positive whose images have one that is, and `max` takes the
    highest risk. With more classes `mean` alone is defined.

    Args:
        predictions: Of images.
        score: How the images of a patient make one score.
        positive: The class that is held against the rest; None for class 1 of two, or all classes.

    Raises:
        UserError: images of a patient belong to several of more than two classes, or `max` of more than two classes.
    """
    if positive is not None or predictions.classes == 2:
        return _of_two(one_vs_rest(predictions, 1 if positive is None else positive), score)
    if score == "max":
        raise UserError(
            "analysis.clinical.patient_score: max: has no meaning with more than two classes; set it to mean"
        )
    codes, first = predictions.cluster_codes, _first_images(predictions)
    mixed = np.unique(codes[predictions.labels != predictions.labels[first][codes]])
    if len(mixed):
        raise UserError(
            f"{len(mixed)} patients, such as {predictions.clusters[first[mixed[0]]]}, have images of several classes; "
            "scores per patient need one class a patient"
        )
    return _built(predictions, _means(predictions), predictions.labels[first])


def _of_two(predictions: Predictions, score: PatientScore) -> Predictions:
    codes = predictions.cluster_codes
    labels = np.zeros(codes.max() + 1, dtype=np.intp)
    np.maximum.at(labels, codes, predictions.labels)
    if score == "mean":
        return _built(predictions, _means(predictions), labels)
    highest = np.zeros((predictions.seeds, len(labels)))
    for row, own in zip(highest, predictions.doubles[:, :, 1], strict=True):
        np.maximum.at(row, codes, own)
    return _built(predictions, np.stack([1 - highest, highest], axis=2), labels)


def _means(predictions: Predictions) -> Doubles:
    codes = predictions.cluster_codes
    sums = np.zeros((predictions.seeds, codes.max() + 1, predictions.classes))
    for row, own in zip(sums, predictions.doubles, strict=True):
        np.add.at(row, codes, own)
    return np.asarray(sums / np.bincount(codes)[:, None])


def _first_images(predictions: Predictions) -> Codes:
    """Row of the first image of each patient."""
    return np.asarray(np.unique(predictions.cluster_codes, return_index=True)[1])


def _built(predictions: Predictions, probabilities: Doubles, labels: Codes) -> Predictions:
    patients = predictions.clusters[_first_images(predictions)]
    return Predictions(predictions.condition, predictions.split, probabilities, labels, patients)
