"""Calibration: agreement of confidence and accuracy."""

import numpy as np

from transfer_report.analysis.predictions import Predictions
from transfer_report.evaluation.metrics import confidence_bins
from transfer_report.records.analysis import CalibrationBin


def calibration_bins(predictions: Predictions, bins: int) -> list[CalibrationBin]:
    """Mean confidence and accuracy of all runs together, by bins of equal width in confidence; empty ones are left out.

    The bins are those of the expected calibration error, which is taken run by run.
    """
    confidence = predictions.doubles.max(axis=2).ravel()
    correct = predictions.correct.ravel()
    index = confidence_bins(confidence, bins)
    return [
        CalibrationBin(
            confidence=float(confidence[index == number].mean()),
            accuracy=float(correct[index == number].mean()),
            count=int((index == number).sum()),
        )
        for number in np.unique(index)
    ]
