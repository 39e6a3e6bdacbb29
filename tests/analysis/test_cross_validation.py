"""Accuracy over folds."""

import numpy as np
import pytest
from scipy import stats

from transfer_report.analysis.cross_validation import cross_validated, over_folds


def test_the_variance_over_folds_is_corrected_for_the_images_that_trainings_share():
    values = np.array([0.7, 0.8, 0.9, 0.8, 0.7, 0.8])
    found = over_folds(values, 3, 60, 0.95, (0.0, 1.0))
    error = np.sqrt(values.var(ddof=1) * (1 / 6 + 1 / 2))
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.value == pytest.approx(stats.t.ppf(0.975, 5) * error)


def test_differences_are_of_the_same_folds(generator):
    labels = np.arange(40) % 2
    codes = np.stack([np.arange(40) // 2 % 4, np.arange(40) // 10])
    right = generator.random((2, 2, 40)) < 0.8
    probabilities = {
        f"lp_ft/{name}": np.where((labels == 1) == correct, 0.9, 0.1)[..., None] * [-1, 1] + [1, 0]
        for name, correct in zip("ab", right, strict=True)
    }
    first, second = cross_validated(probabilities, labels, codes, 0.95)
    assert (first.folds, first.repeats, first.images, first.difference) == (4, 2, 40, None)
    assert first.accuracy.value == pytest.approx(right[0].mean())
    assert second.difference.value == pytest.approx(right[1].mean() - right[0].mean())
