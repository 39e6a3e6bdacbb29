"""Predictions that cannot be are refused by name."""

import numpy as np
import pytest

from transfer_report.errors import UserError
from transfer_report.evaluation.conditions import checked_probabilities

GOOD = np.full((4, 2), 0.5)


def test_good_predictions_become_single_precision():
    assert checked_probabilities("run", GOOD, 4, 2).dtype == np.float32


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (GOOD[:3], r"run: predictions of shape \(3, 2\)"),
        (np.where(GOOD > 0, np.nan, 0), "diverged"),
        (GOOD * 2, "no probabilities"),
        (np.array([[1.5, -0.5]] * 4), "no probabilities"),
    ],
)
def test_others_are_refused(bad, message):
    with pytest.raises(UserError, match=message):
        checked_probabilities("run", bad, 4, 2)


def test_a_condition_keeps_the_order_of_its_runs(evaluation):
    runs = evaluation.conditions[0].runs
    assert [run.history.seed for run in runs] == [0, 7]
    assert [run.test.accuracy for run in runs] == [1.0, 0.75]
