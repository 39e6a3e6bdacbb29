"""Bounds of the measures of learning curves."""

from math import inf

from transfer_report.records.analysis import CurveMeasure

CURVE_BOUNDS: dict[CurveMeasure, tuple[float, float]] = {
    "gap": (-1.0, 1.0),
    "volatility": (0.0, inf),
    "epochs_to_level": (1.0, inf),
    "overfitting_onset": (1.0, inf),
    "final_train_accuracy": (0.0, 1.0),
    "final_train_loss": (0.0, inf),
    "median_train_accuracy": (0.0, 1.0),
}
"""Lowest and highest possible value of a measure, which a t interval of few seeds may exceed."""
