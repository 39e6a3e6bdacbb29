"""Thresholds come from validation alone; what is said of them agrees with published formulae and hand-worked tables."""

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint
from tests.analysis.clinical.samples import of_risks
from tests.analysis.samples import drawn

from transfer_report.analysis.clinical.one_vs_rest import sensitivity_parts, specificity_parts
from transfer_report.analysis.clinical.operating_point import (
    at_prevalence,
    chosen_thresholds,
    likelihood_ratio,
    operating_point,
    predictive_value,
)
from transfer_report.analysis.estimates import estimate_of
from transfer_report.settings import FixedThreshold, SensitivityTarget, SpecificityTarget

RISKS = [0.1, 0.3, 0.5, 0.8, 0.2, 0.4, 0.7, 0.9]
LABELS = [0, 0, 0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("rule", "threshold"),
    [
        ("youden", 0.85),  # sensitivity 1/4, specificity 1: as good as 0.6 (2/4, 3/4) and 0.35 (3/4, 2/4), and higher
        (SensitivityTarget(sensitivity=0.7), 0.35),
        (SensitivityTarget(sensitivity=0.76), 0.15),
        (SpecificityTarget(specificity=0.75), 0.6),
        (SpecificityTarget(specificity=0.99), 0.85),
        (FixedThreshold(threshold=0.42), 0.42),
    ],
)
def test_thresholds_by_hand(rule, threshold):
    found = chosen_thresholds(of_risks(RISKS, LABELS), rule, 1)
    assert found == pytest.approx([threshold])


def test_argmax_calls_the_most_probable_class_the_first_of_equals():
    predictions = of_risks([0.4, 0.5, 0.51, 0.6], [0, 0, 1, 1])
    for positive in (0, 1):
        found = operating_point(predictions, predictions, "argmax", positive, 0.95)
        called = predictions.predicted == positive
        assert found.sensitivity.value == (called[:, predictions.labels == positive]).mean()
        assert found.costs == []


def test_more_than_two_classes_have_no_threshold_for_the_most_probable(generator):
    predictions = drawn(generator, 2, images=60, classes=3)
    found = operating_point(predictions, predictions, "argmax", 2, 0.95)
    assert found.thresholds is None
    assert found.sensitivity.value == pytest.approx((predictions.predicted[:, predictions.labels == 2] == 2).mean())


def test_the_test_images_do_not_choose(generator):
    val, test, other = (drawn(generator, 3, images=80) for _ in range(3))
    first, second = (operating_point(val, one, "youden", 1, 0.95) for one in (test, other))
    assert first.thresholds == second.thresholds
    assert len(first.thresholds) == 3


# Altman and Bland, BMJ 308 (1994) 1552 and 309 (1994) 102: liver scans, 258 ill (231 found) and 86 well (32 called).
SCAN_RISKS = [0.9] * 231 + [0.1] * 27 + [0.9] * 32 + [0.1] * 54
SCAN_LABELS = [1] * 258 + [0] * 86


def liver_scans():
    predictions = of_risks(SCAN_RISKS, SCAN_LABELS)
    return predictions, predictions.predicted == 1


def test_liver_scans_have_the_published_predictive_values():
    predictions, called = liver_scans()
    found = operating_point(predictions, predictions, FixedThreshold(threshold=0.5), 1, 0.95, prevalence=0.25)
    assert round(found.sensitivity.value, 2) == 0.90
    assert round(found.specificity.value, 2) == 0.63
    assert round(found.ppv.value, 2) == 0.88
    assert round(found.npv.value, 2) == 0.67
    assert round(found.at_prevalence.ppv.value, 2) == 0.45
    assert round(found.at_prevalence.npv.value, 2) == 0.95
    assert found.confusion == [[54, 32], [27, 231]]
    assert predictive_value(predictions, called, True).value == pytest.approx(231 / 263)


def test_liver_scans_have_the_likelihood_ratio_of_the_log_method():
    predictions, called = liver_scans()
    parts = sensitivity_parts(predictions, called), specificity_parts(predictions, called)
    found = likelihood_ratio(*parts, True, 0.95)
    ratio = (231 / 258) / (32 / 86)
    error = np.sqrt(1 / 231 - 1 / 258 + 1 / 32 - 1 / 86)  # Simel, Samsa and Matchar 1991
    assert found.value == pytest.approx(ratio)
    assert (found.low, found.high) == pytest.approx(ratio * np.exp([-1.97 * error, 1.97 * error]), rel=0.01)
    negative = likelihood_ratio(*parts, False, 0.95)
    assert negative.value == pytest.approx((27 / 258) / (54 / 86))


def test_shares_at_a_point_have_wilsons_interval():
    predictions, called = liver_scans()
    found = estimate_of(sensitivity_parts(predictions, called), 0.95)
    assert (found.low, found.high) == pytest.approx(proportion_confint(231, 258, method="wilson"), abs=0.002)
    ppv = estimate_of(predictive_value(predictions, called, True), 0.95)
    assert (ppv.low, ppv.high) == pytest.approx(proportion_confint(231, 263, method="wilson"), abs=0.002)


def test_a_predictive_value_without_an_error_knows_how_few_images_it_is_of():
    predictions = of_risks([0.9] * 4 + [0.1] * 196, [1] * 4 + [0] * 100 + [1] * 96)
    found = estimate_of(predictive_value(predictions, predictions.predicted == 1, True), 0.95)
    assert found.value == 1
    assert found.low == pytest.approx(proportion_confint(4, 4, method="wilson")[0], abs=0.01)


def test_nothing_called_has_no_predictive_value_and_no_ratio():
    predictions = of_risks([0.1, 0.2, 0.3, 0.2] * 5, [0, 0, 1, 1] * 5)
    found = operating_point(predictions, predictions, "argmax", 1, 0.95)
    assert found.ppv is None
    assert found.lr_positive is None
    assert found.npv.value == 0.5
    assert found.lr_negative.value == 1


def test_ratios_at_their_ends():
    all_found = of_risks([0.9] * 20 + [0.1] * 15 + [0.9] * 5, [1] * 20 + [0] * 20)
    called = all_found.predicted == 1
    parts = sensitivity_parts(all_found, called), specificity_parts(all_found, called)
    negative = likelihood_ratio(*parts, False, 0.95)
    assert (negative.value, negative.low) == (0, 0)
    assert 0.05 < negative.high < 0.5
    elsewhere = at_prevalence(*parts, 0.1, 0.95)
    assert elsewhere.npv.value == 1
    assert 0.9 < elsewhere.npv.low < 1
    assert likelihood_ratio(parts[1], parts[0], True, 0.95) is None  # as if none were called in error


def test_carry_over_says_what_was_wanted_and_what_became_of_it(generator):
    val, test = drawn(generator, 3, images=200), drawn(generator, 3, images=400)
    found = operating_point(val, test, SensitivityTarget(sensitivity=0.9), 1, 0.95)
    wanted, other = found.carry_over
    assert (wanted.quantity, wanted.target, other.target) == ("sensitivity", 0.9, None)
    assert wanted.validation.value >= 0.9
    assert wanted.change.value == pytest.approx(found.sensitivity.value - wanted.validation.value)


def test_argmax_costs_what_a_shifted_threshold_gains():
    # All risks are 0.3 too low: argmax misses the positives between 0.2 and 0.5.
    labels = np.arange(400) % 2
    risks = np.where(labels == 1, 0.35, 0.1) + np.tile([0.0, 0.02, 0.04, 0.06], 100)
    predictions = of_risks([risks, risks], labels)
    found = operating_point(predictions, predictions, "youden", 1, 0.95)
    accuracy, balanced = found.costs
    assert (accuracy.argmax.value, accuracy.operating_point.value) == (0.5, 1.0)
    assert accuracy.difference.low > 0.4
    assert balanced.difference.value == pytest.approx(0.5)
