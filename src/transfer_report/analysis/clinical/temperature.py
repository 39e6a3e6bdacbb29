"""Temperature scaling: one number a run, fitted on validation, that makes probabilities less or more extreme.

Guo, Pleiss, Sun and Weinberger, ICML 2017. Classes stay as they are predicted; AUROC does with two classes.
"""

from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from transfer_report.analysis.clinical.calibration import calibration_intercept, calibration_slope
from transfer_report.analysis.clinical.delta import difference, t_interval
from transfer_report.analysis.clinical.one_vs_rest import SMALLEST
from transfer_report.analysis.clinical.records import BeforeAfter, ScaledMetric, TemperatureScaling
from transfer_report.analysis.components import Components, Doubles, all_images, components, mean_of_scores
from transfer_report.analysis.estimates import estimate_of
from transfer_report.analysis.predictions import Predictions
from transfer_report.records.analysis import Estimate

LOWEST, HIGHEST = 0.05, 20.0


def temperature_scaling(
    val: Predictions, test: Predictions, bins: int, confidence: float
) -> tuple[TemperatureScaling, Predictions]:
    """Fit temperatures on validation; what they change on test, and the test predictions with them."""
    temperatures = fitted_temperatures(val)
    scaled = with_temperatures(test, temperatures)
    before, after = (_measured(one, bins) for one in (test, scaled))
    changes = [
        BeforeAfter(
            metric=metric,
            before=_estimated(before[metric], confidence),
            after=_estimated(after[metric], confidence),
            change=t_interval(difference(before[metric], after[metric]), confidence),
        )
        for metric in before
        if metric in after
    ]
    found = TemperatureScaling(
        condition=test.condition, temperatures=[float(one) for one in temperatures], changes=changes
    )
    return found, scaled


def _measured(predictions: Predictions, bins: int) -> dict[ScaledMetric, Components]:
    """Return the metrics that temperatures change; intercept and slope need two classes, the slope unseparated ones."""
    found: dict[ScaledMetric, Components] = {
        "calibration_error": components("calibration_error", predictions, bins),
        "brier": components("brier", predictions),
        "loss": log_loss(predictions),
    }
    if predictions.classes > 2:
        return found
    found["intercept"] = calibration_intercept(predictions)
    slope = calibration_slope(predictions)
    return found if slope is None else found | {"slope": slope}


def fitted_temperatures(val: Predictions) -> NDArray[np.float64]:
    """The temperature of each run, (seeds,), between 0.05 and 20, with the lowest cross-entropy in validation."""
    return np.array([_fitted(row, val.labels) for row in _log_probabilities(val)])


def with_temperatures(predictions: Predictions, temperatures: NDArray[np.float64]) -> Predictions:
    """The same predictions with the logits of each run divided by its temperature."""
    scaled = _log_probabilities(predictions) / temperatures[:, None, None]
    return Predictions(
        condition=predictions.condition,
        split=predictions.split,
        probabilities=np.exp(scaled - logsumexp(scaled, axis=2, keepdims=True)),
        labels=predictions.labels,
        clusters=predictions.clusters,
    )


def log_loss(predictions: Predictions) -> Components:
    """Mean cross-entropy, natural logarithm."""
    of_truth = _log_probabilities(predictions)[:, np.arange(predictions.images), predictions.labels]
    return mean_of_scores(predictions, -of_truth, all_images(predictions), bounds=(0.0, inf))


def _log_probabilities(predictions: Predictions) -> Doubles:
    return np.asarray(np.log(np.maximum(predictions.doubles, SMALLEST)))


def _fitted(log_probabilities: Doubles, labels: NDArray[np.intp]) -> float:
    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        scaled = log_probabilities / np.exp(log_temperature)
        return float((logsumexp(scaled, axis=1) - scaled[rows, labels]).mean())

    found = minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded")
    return float(np.exp(found.x))


def _estimated(parts: Components, confidence: float) -> Estimate:
    return estimate_of(parts, confidence) if np.isfinite(parts.bounds).all() else t_interval(parts, confidence)
