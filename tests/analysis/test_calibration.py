"""Bins by hand."""

import numpy as np
import pytest

from transfer_report.analysis.calibration import calibration_bins
from transfer_report.analysis.predictions import Predictions
from transfer_report.evaluation.metrics import calibration_error


def test_bins_hold_all_runs_and_skip_the_empty():
    positive = np.array([[0.9, 0.8, 0.3], [0.62, 0.95, 0.1]])
    probabilities = np.stack([1 - positive, positive], axis=2)
    predictions = Predictions("a", "test", probabilities, np.array([1, 0, 0]), np.arange(3))
    found = calibration_bins(predictions, bins=5)
    assert [one.count for one in found] == [3, 3]
    assert [one.accuracy for one in found] == pytest.approx([2 / 3, 2 / 3])
    assert found[0].confidence == pytest.approx((0.8 + 0.7 + 0.62) / 3)


def test_bins_of_one_run_make_its_calibration_error(generator):
    positive = generator.random(50)
    probabilities = np.stack([1 - positive, positive], axis=1)
    labels = generator.integers(0, 2, 50)
    found = calibration_bins(Predictions("a", "test", probabilities[None], labels, np.arange(50)), 10)
    error = sum(one.count * abs(one.accuracy - one.confidence) for one in found) / 50
    assert error == pytest.approx(calibration_error(probabilities, labels, 10))
