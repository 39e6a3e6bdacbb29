"""Small cases by hand, and what every metric promises."""

import numpy as np
import pytest

from transfer_report.evaluation import metrics

LABELS = np.array([0, 0, 0, 1, 1])
# Called positive: the third (wrongly), the fourth; missed: the fifth.
POSITIVE = np.array([0.1, 0.2, 0.6, 0.9, 0.4])
BINARY = np.stack([1 - POSITIVE, POSITIVE], axis=1)

THREE_LABELS = np.array([0, 1, 2, 2])
THREE = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7], [0.5, 0.1, 0.4]])


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (metrics.accuracy, 3 / 5),
        (metrics.balanced_accuracy, (2 / 3 + 1 / 2) / 2),
        (metrics.auroc, 5 / 6),
        (metrics.sensitivity, 1 / 2),
        (metrics.specificity, 2 / 3),
        (metrics.f1, 2 / (2 + 1 + 1)),
        (metrics.brier, (0.01 + 0.04 + 0.36 + 0.01 + 0.36) / 5),
        (metrics.loss, -np.log([0.9, 0.8, 0.4, 0.9, 0.4]).mean()),
    ],
)
def test_two_classes_by_hand(metric, expected):
    assert metric(BINARY, LABELS) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (metrics.accuracy, 3 / 4),
        (metrics.balanced_accuracy, (1 + 1 + 1 / 2) / 3),
        (metrics.sensitivity, (1 + 1 + 1 / 2) / 3),
        (metrics.specificity, (2 / 3 + 1 + 1) / 3),
        (metrics.f1, (2 / 3 + 1 + 2 / 3) / 3),
        (metrics.auroc, 1.0),
        (metrics.brier, (0.06 + 0.14 + 0.14 + 0.62) / 4),
    ],
)
def test_three_classes_by_hand(metric, expected):
    assert metric(THREE, THREE_LABELS) == pytest.approx(expected)


def test_calibration_error_by_hand():
    # Two bins: confidences .6 .6 (one right) → |1 − 1.2|; .9 .8 .6 in the same upper bin.
    assert metrics.calibration_error(BINARY, LABELS, bins=2) == pytest.approx(
        abs(3 - (0.9 + 0.8 + 0.6 + 0.9 + 0.6)) / 5
    )
    # Ten bins: .6 .6 alone in (.5, .6], .8 and .9 in bins of their own.
    assert metrics.calibration_error(BINARY, LABELS, bins=10) == pytest.approx((1.2 + 0.2 + 0.2) / 5)


def test_bins_are_closed_above():
    assert metrics.confidence_bins(np.array([0.0, 0.1, 0.100001, 1.0]), 10).tolist() == [0, 0, 1, 9]


def test_confusion_has_true_classes_in_rows():
    assert metrics.confusion(BINARY, LABELS).tolist() == [[2, 1], [1, 1]]


def test_probabilities_in_single_precision_score_without_a_warning():
    rough = BINARY.astype(np.float32) * np.float32(0.9999)
    assert metrics.brier(rough, LABELS) == pytest.approx(metrics.brier(BINARY, LABELS), abs=1e-6)


def test_a_certain_mistake_has_a_finite_loss():
    assert 80 < metrics.loss(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([1, 1])) * 2 < 90


def test_score_holds_every_metric():
    scores = metrics.score(BINARY, LABELS, bins=10)
    assert scores.accuracy == pytest.approx(0.6)
    assert scores.confusion == [[2, 1], [1, 1]]
