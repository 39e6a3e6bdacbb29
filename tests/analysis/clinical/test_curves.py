"""Curves agree with scikit-learn, their areas with its areas, their bands with the jackknife."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_curve
from tests.analysis.clinical.samples import image_variance, jackknife, of_risks
from tests.analysis.samples import drawn

from transfer_report.analysis.clinical.curves import (
    FALSE_POSITIVE_RATES,
    RECALLS,
    average_precision,
    curve,
    curve_difference,
    precision_point,
    roc_point,
)
from transfer_report.analysis.clinical.one_vs_rest import one_vs_rest, risks
from transfer_report.analysis.components import components
from transfer_report.analysis.estimates import estimate_of


@pytest.mark.parametrize("rate", FALSE_POSITIVE_RATES[2::6])
def test_roc_points_lie_on_the_curve_of_scikit_learn(generator, rate):
    predictions = drawn(generator, 1, images=400)
    rates, found, _ = roc_curve(predictions.labels, risks(predictions)[0], drop_intermediate=False)
    point = roc_point(predictions, rate).value
    # A step of the staircase: one of 200 negatives.
    assert found[rates <= max(rate - 1 / 200, 0)].max() <= point <= found[rates <= rate + 1 / 200].max()


@pytest.mark.parametrize("recall", RECALLS[4::6])
def test_precision_lies_on_the_curve_of_scikit_learn(generator, recall):
    predictions = drawn(generator, 1, images=400)
    precisions, recalls, _ = precision_recall_curve(predictions.labels, risks(predictions)[0])
    near = precisions[np.abs(recalls - recall) <= 2 / 200]
    assert near.min() - 0.01 <= precision_point(predictions, recall).value <= near.max() + 0.01


def test_a_roc_point_by_hand():
    # Four negatives .1 .2 .3 .4: the second highest, .3, is exceeded by 2 / 5 of all negatives.
    predictions = of_risks([0.1, 0.2, 0.3, 0.4, 0.35, 0.25, 0.9, 0.5], [0, 0, 0, 0, 1, 1, 1, 1])
    assert roc_point(predictions, 2 / 5).value == pytest.approx(3 / 4)
    assert roc_point(predictions, 1 / 5).value == pytest.approx(2 / 4)
    assert roc_point(predictions, 3 / 10).value == pytest.approx((2 + 3) / 8)


def test_equal_scores_count_half():
    predictions = of_risks([0.2, 0.5, 0.5, 0.9], [0, 0, 1, 1])
    assert roc_point(predictions, 1 / 3).value == pytest.approx((1 + 0.5) / 2)


@pytest.mark.parametrize("classes", [2, 3])
def test_average_precision_is_that_of_scikit_learn(generator, classes):
    predictions = drawn(generator, 3, images=90, classes=classes)
    for index in range(classes):
        side = one_vs_rest(predictions, index)
        expected = [average_precision_score(side.labels, row) for row in risks(side)]
        assert average_precision(side).values == pytest.approx(expected)


def test_average_precision_with_equal_scores_is_that_of_scikit_learn(generator):
    scores, labels = np.round(generator.random(60), 1), np.arange(60) % 2
    assert average_precision(of_risks(scores, labels)).value == pytest.approx(average_precision_score(labels, scores))


def test_average_precision_by_hand():
    # In order: + − + −; precision 1 and 2/3 at the positives.
    parts = average_precision(of_risks([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0]))
    assert parts.value == pytest.approx((1 + 2 / 3) / 2)
    assert parts.deviations.sum() == pytest.approx(0)


def test_average_precision_has_the_variance_of_the_jackknife(generator):
    predictions = drawn(generator, 1, images=120)
    expected = jackknife(predictions, lambda one: average_precision(one).value)
    assert image_variance(average_precision(predictions)) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.5])
def test_a_roc_point_has_the_variance_of_theory(generator, rate):
    # Hsieh and Turnbull 1996, theorem 2.2, of two normal classes at a distance of 1.8.
    found = norm.cdf(1.8 + norm.ppf(rate))
    slope = norm.pdf(1.8 + norm.ppf(rate)) / norm.pdf(norm.ppf(rate))
    expected = (found * (1 - found) + slope**2 * rate * (1 - rate)) / 500
    labels = np.arange(1000) % 2
    drawn_ones = (of_risks(norm.cdf(generator.normal(1.8 * labels)), labels) for _ in range(100))
    variances = [image_variance(roc_point(one, rate)) for one in drawn_ones]
    assert np.mean(variances) == pytest.approx(expected, rel=0.25)


@pytest.mark.parametrize("kind", ["roc", "precision_recall"])
def test_bands_hold_their_curves(generator, kind):
    found = curve(kind, drawn(generator, 3), 1, 0.95)
    assert all(low <= value <= high for low, value, high in zip(*ends(found.band), strict=True))
    assert found.area.low < found.area.value < found.area.high
    assert np.all(np.diff(found.band.value) * (1 if kind == "roc" else -1) > -0.06)


def ends(band):
    return band.low, band.value, band.high


def test_perfect_scores_are_not_taken_for_certain():
    found = curve("roc", of_risks([0.1] * 10 + [0.9] * 10, [0] * 10 + [1] * 10), 1, 0.95)
    assert found.band.x[0] >= 1 / 11  # below lies no negative
    assert found.band.value == pytest.approx([1] * len(found.band.value))
    assert found.band.low[-1] == pytest.approx(1 / (1 + 2.1**2 / 10), abs=0.02)


def test_the_macro_curve_is_the_mean_of_its_classes(generator):
    predictions = drawn(generator, 2, images=90, classes=3)
    macro = curve("roc", predictions, None, 0.95)
    of_each = [curve("roc", predictions, index, 0.95) for index in range(3)]
    assert macro.band.value == pytest.approx(np.mean([one.band.value for one in of_each], axis=0))
    assert macro.area.value == pytest.approx(components("auroc", predictions).value)
    assert macro.area.low == pytest.approx(estimate_of(components("auroc", predictions), 0.95).low)


def test_a_curve_does_not_differ_from_itself(generator):
    predictions = drawn(generator, 3)
    found = curve_difference("roc", predictions, predictions, 1, 0.95)
    assert found.band.value == pytest.approx([0] * len(found.band.value))
    assert found.area.low < 0 < found.area.high


def test_a_better_curve_lies_above(generator):
    ease = generator.normal(1, 1, 300)
    worse, better = (drawn(generator, 3, 300, shift=shift, ease=ease) for shift in (0.0, 2.0))
    found = curve_difference("roc", worse, better, 1, 0.95)
    assert found.area.low > 0
    assert found.band.low[12] > 0
