import numpy as np
import pytest

from transfer_report.analysis.falls import fall, falls
from transfer_report.analysis.predictions import Predictions


def predictions(split, right):
    """Two classes, all images of class 0, right where `right` (seeds, images) says so."""
    right = np.atleast_2d(right).astype(float)
    images = right.shape[1]
    probabilities = np.stack([0.2 + 0.6 * right, 0.8 - 0.6 * right], axis=2).astype(np.float32)
    truth = np.zeros(images, dtype=int)
    return Predictions("fine_tuning/x", split, probabilities, truth, np.arange(images).astype(str))


def test_a_fall_is_validation_minus_test():
    found = fall(predictions("val", [1, 1, 1, 0]), predictions("test", [1, 0, 0, 0, 1]), 0.95)
    assert found.difference.value == pytest.approx(0.75 - 0.4)
    assert found.difference.scope == "runs"


def test_the_variance_of_one_run_is_the_sum_over_both_sets_of_images():
    generator = np.random.default_rng(0)
    val, test = generator.random(200) < 0.9, generator.random(300) < 0.7
    found = fall(predictions("val", val), predictions("test", test), 0.95)
    expected = val.var(ddof=1) / 200 + test.var(ddof=1) / 300
    assert found.difference.standard_error == pytest.approx(np.sqrt(expected))


@pytest.mark.parametrize(("share", "verdict"), [(0.5, "fell"), (0.9, "cannot_tell"), (1.0, "rose")])
def test_the_verdict_says_which_way(share, verdict):
    val = np.tile(np.arange(200) < 180, (3, 1))
    test = np.tile(np.arange(200) < 200 * share, (3, 1))
    assert falls([(predictions("val", val), predictions("test", test))], 0.95)[0].verdict == verdict


def test_falls_are_corrected_together():
    pair = (predictions("val", np.arange(200) < 180), predictions("test", np.arange(200) < 160))
    alone, among = falls([pair], 0.95)[0], falls([pair] * 5, 0.95)[0]
    assert among.p_adjusted == pytest.approx(5 * alone.p_value)
