"""The delta method gives the textbook's variances, and intervals where nothing varied."""

import numpy as np
import pytest
from tests.analysis.clinical.samples import image_variance, jackknife, of_risks
from tests.analysis.samples import drawn

from transfer_report.analysis.clinical.delta import difference, of_means, t_interval
from transfer_report.analysis.clinical.one_vs_rest import share
from transfer_report.analysis.components import components, mean_of_scores


def hits_over_calls(predictions):
    called = predictions.predicted == 1
    parts = [share(predictions, called & (predictions.labels == 1)), share(predictions, called)]
    return of_means(lambda hits, calls: hits / calls, *parts)


def test_a_ratio_has_the_variance_of_the_jackknife(generator):
    predictions = drawn(generator, 1, images=150)
    expected = jackknife(predictions, lambda one: hits_over_calls(one).value)
    assert image_variance(hits_over_calls(predictions)) == pytest.approx(expected, rel=0.03)


def test_a_ratio_of_shares_by_hand():
    # Called: images 2, 3, 4; two of them positive. Of the mean: d(h/c) = dh/c − h dc/c².
    parts = hits_over_calls(of_risks([0.1, 0.2, 0.6, 0.7, 0.9, 0.3], [0, 0, 0, 1, 1, 1]))
    assert parts.value == pytest.approx(2 / 3)
    centred = np.array([0, 0, -2 / 3, 1 / 3, 1 / 3, 0]) / (3 / 6)
    assert parts.deviations[0] == pytest.approx(centred)


def test_runs_vary_around_the_value_of_their_means(generator):
    parts = hits_over_calls(drawn(generator, 4))
    assert parts.value == pytest.approx(parts.values.mean())
    assert np.ptp(parts.values) > 0


def test_what_has_no_finite_value_is_none():
    predictions = of_risks([0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1])
    assert hits_over_calls(predictions) is None


def test_a_difference_in_the_same_runs_leaves_out_what_they_share(generator):
    accuracy = components("accuracy", drawn(generator, 3, seed_sd=1.0))
    found = difference(accuracy, accuracy)
    assert found.value == 0
    assert found.values == pytest.approx(0)
    assert found.deviations == pytest.approx(0)


def test_a_t_interval_holds_its_value_and_has_a_width_where_nothing_varied(generator):
    found = t_interval(components("brier", drawn(generator, 3)), 0.95)
    assert found.low < found.value < found.high
    constant = of_risks([0.2] * 10, [0, 1] * 5)
    none_called = mean_of_scores(constant, np.zeros((1, 10)), np.zeros(10, dtype=int))
    found = t_interval(none_called, 0.95)
    assert found.value == 0
    assert found.high > 0


def test_one_image_of_a_class_has_no_interval():
    parts = components("auroc", of_risks([0.1, 0.2, 0.3, 0.4], [0, 0, 0, 1]))
    assert t_interval(parts, 0.95).low is None
