"""Intervals: closed forms, ends of the scale, one seed, and properties that always hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint
from tests.analysis.samples import drawn, from_correct

from transfer_report.analysis.components import overconfidence, recall_gap
from transfer_report.analysis.estimates import estimate, estimate_of
from transfer_report.analysis.predictions import Predictions


def test_one_run_has_wilsons_interval_for_its_images():
    correct = np.arange(400) < 340
    found = estimate("accuracy", from_correct(correct), 0.95)
    low, high = proportion_confint(340, 400, method="wilson")
    # By t instead of the normal, and with n − 1: wider by less than a thousandth of a point.
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-4)
    assert (found.value, found.scope, found.seeds, found.df) == (0.85, "runs", 1, 399)
    assert found.standard_error == pytest.approx((0.85 * 0.15 / 399) ** 0.5)


def test_two_runs_speak_of_the_condition(generator):
    assert estimate("accuracy", drawn(generator, 2), 0.95).scope == "conditions"


def test_seeds_that_differ_widen_the_interval():
    images = np.arange(100)
    same = from_correct([images < 80] * 3)
    apart = from_correct([images < 70, images < 80, images < 90])
    narrow, wide = estimate("accuracy", same, 0.95), estimate("accuracy", apart, 0.95)
    assert wide.standard_error**2 == pytest.approx(narrow.standard_error**2 + 0.1**2 / 3, rel=0.15)
    assert wide.df < 4 < narrow.df


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "auroc", "sensitivity", "specificity", "f1"])
@pytest.mark.parametrize("seeds", [1, 3])
def test_all_right_and_all_wrong_leave_an_interval_with_a_width(metric, seeds):
    correct = estimate(metric, from_correct(np.ones((seeds, 100))), 0.95)
    incorrect = estimate(metric, from_correct(np.zeros((seeds, 100))), 0.95)
    assert (correct.value, correct.high, incorrect.value, incorrect.low) == pytest.approx((1, 1, 0, 0))
    assert 0.9 < correct.low < 0.99
    assert 0.01 < incorrect.high < 0.1


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_class_without_an_error_is_not_taken_for_certain(seeds):
    """Fisher's test does not tell 10 of 10 images from 94 of 100 either."""
    labels = np.repeat([0, 1], [10, 100])
    gap = estimate_of(recall_gap(from_correct([np.arange(110) < 104] * seeds, labels), best=0, worst=1), 0.95)
    assert gap.value == pytest.approx(0.06)
    assert gap.low < -0.05
    balanced = estimate("balanced_accuracy", from_correct([np.arange(110) < 109] * seeds, labels), 0.95)
    assert balanced.low < 0.92


def test_every_image_right_does_not_make_a_network_underconfident():
    """Nor does the little by which its confidence varies."""
    confidence = np.linspace(0.96, 0.98, 50)
    labels = np.zeros(50, dtype=int)
    few = Predictions("a", "test", np.stack([confidence, 1 - confidence], axis=1)[None], labels, np.arange(50))
    found = estimate_of(overconfidence(few), 0.95)
    assert found.value == pytest.approx(-0.03)
    assert found.low < 0 < found.high


def test_a_class_with_one_image_leaves_no_interval():
    found = estimate("balanced_accuracy", from_correct([1, 0, 1, 1], labels=[0, 0, 0, 1]), 0.95)
    assert (found.low, found.high, found.standard_error, found.df) == (None, None, None, None)


def test_clusters_stand_in_for_images():
    correct = np.repeat(np.arange(40) < 30, 5)
    found = estimate("accuracy", from_correct(correct, clusters=np.repeat(np.arange(40), 5)), 0.95)
    assert (found.images, found.clusters, found.df) == (200, 40, 39)
    assert found.standard_error == pytest.approx((0.75 * 0.25 / 39) ** 0.5)


def test_signed_quantities_may_be_negative():
    found = estimate_of(overconfidence(from_correct(np.arange(100) < 95)), 0.95)
    assert found.value == pytest.approx(-0.2)
    assert found.low < -0.2 < found.high < 0


@settings(max_examples=60, deadline=None)
@given(
    correct=st.integers(1, 4).flatmap(
        lambda seeds: st.lists(st.lists(st.booleans(), min_size=12, max_size=12), min_size=seeds, max_size=seeds)
    ),
    metric=st.sampled_from(["accuracy", "balanced_accuracy", "auroc", "f1", "brier", "calibration_error"]),
    confidence=st.floats(0.6, 0.99),
)
def test_an_interval_holds_its_estimate_within_bounds(correct, metric, confidence):
    found = estimate(metric, from_correct(correct), confidence)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high


def test_more_confidence_is_wider(generator):
    predictions = drawn(generator, 3)
    narrow, wide = (estimate("auroc", predictions, confidence) for confidence in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_runs_that_are_always_right_have_a_standard_error():
    few, many = (estimate("accuracy", from_correct([np.ones(n)] * 3), 0.95) for n in (20, 400))
    assert few.standard_error > 0.02 > many.standard_error > 0
