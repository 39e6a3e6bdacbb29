"""Slope, intercept and curve are statsmodels' regressions; chance is what perfect calibration looks like."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit
from tests.analysis.clinical.samples import image_variance, jackknife, of_risks

from transfer_report.analysis.clinical.calibration import (
    calibrate,
    calibration_intercept,
    calibration_slope,
    chance_level,
    scaled_brier,
    smooth_curve,
)
from transfer_report.analysis.clinical.delta import t_interval


def calibrated(generator, images=400, seeds=1, power=1.0, shift=0.0):
    """Outcomes drawn from risks; `power` makes the risks that are predicted more extreme than those."""
    z = generator.normal(0, 1.5, (seeds, images))
    z[:] = z[0]
    labels = (generator.random(images) < expit(z[0])).astype(int)
    return of_risks(expit(power * z + shift), labels)


def test_slope_and_intercept_are_those_of_statsmodels(generator):
    predictions = calibrated(generator, power=2.0, shift=0.5)
    x = logit(predictions.doubles[0, :, 1])
    slope = sm.Logit(predictions.labels, sm.add_constant(x)).fit(disp=0).params[1]
    assert calibration_slope(predictions).value == pytest.approx(slope, rel=1e-6)
    assert slope == pytest.approx(0.5, abs=0.1)
    offset = sm.GLM(predictions.labels, np.ones(len(x)), family=sm.families.Binomial(), offset=x).fit().params[0]
    assert calibration_intercept(predictions).value == pytest.approx(offset, rel=1e-6)


@pytest.mark.parametrize("statistic", [calibration_slope, calibration_intercept, scaled_brier])
def test_variances_are_those_of_the_jackknife(generator, statistic):
    predictions = calibrated(generator, images=150, power=1.5)
    expected = jackknife(predictions, lambda one: statistic(one).value)
    assert image_variance(statistic(predictions)) == pytest.approx(expected, rel=0.05)


def test_the_slope_of_perfect_risks_is_one_and_its_interval_says_so(generator):
    predictions = calibrated(generator, images=2000)
    found = t_interval(calibration_slope(predictions), 0.95)
    assert found.low < 1 < found.high
    assert found.high - found.low < 0.4


def test_a_curve_of_perfect_risks_follows_the_diagonal(generator):
    curve = smooth_curve(calibrated(generator, images=4000), 0.95)
    assert curve.value == pytest.approx(curve.x, abs=0.06)
    assert all(low <= value <= high for low, value, high in zip(curve.low, curve.value, curve.high, strict=True))


def test_a_curve_bends_where_risks_do(generator):
    z = generator.normal(0, 1.5, 4000)
    labels = (generator.random(4000) < expit(np.abs(z) - 1)).astype(int)  # ill at both ends
    curve = smooth_curve(of_risks(expit(z), labels), 0.95)
    middle = np.interp(0.5, curve.x, curve.value)
    assert curve.value[0] > middle + 0.2
    assert curve.value[-1] > middle + 0.2


def test_separated_classes_have_no_slope_and_no_curve():
    predictions = of_risks(np.linspace(0.05, 0.95, 40), np.arange(40) >= 20)
    assert calibration_slope(predictions) is None
    assert smooth_curve(predictions, 0.95) is None


def test_saturated_risks_have_an_intercept(generator):
    labels = generator.integers(0, 2, 200)
    risks = np.where(generator.random(200) < 0.6, 1 - 1e-6, 1e-6)
    found = calibration_intercept(of_risks(risks, labels)).value
    shifted = expit(np.log(risks / (1 - risks)) + found)
    assert shifted.mean() == pytest.approx(labels.mean(), abs=1e-6)


def test_one_separated_run_of_several_leaves_no_slope(generator):
    labels = np.arange(60) >= 30
    predictions = of_risks([np.linspace(0.05, 0.95, 60), generator.random(60)], labels.astype(int))
    assert calibration_slope(predictions) is None


def test_equal_risks_have_no_curve():
    assert smooth_curve(of_risks([0.3] * 20, [0, 1] * 10), 0.95) is None


def test_an_end_without_positives_leaves_a_straight_curve(generator):
    z = np.concatenate([generator.normal(-6, 0.5, 150), generator.normal(1, 1.0, 150)])
    labels = np.where(z > -2, generator.random(300) < expit(z), False).astype(int)
    assert smooth_curve(of_risks(expit(z), labels), 0.95) is not None


def test_the_scaled_brier_score_by_hand():
    # Squares .01 .09 .09 .01: mean .05, chance .25.
    assert scaled_brier(of_risks([0.1, 0.3, 0.7, 0.9], [0, 0, 1, 1])).value == pytest.approx(1 - 0.05 / 0.25)


def test_perfect_calibration_is_not_above_chance(generator):
    predictions = calibrated(generator, images=300, seeds=3)
    p_values = [
        chance_level(calibrated(generator, images=300), 10, 0.95, generator, draws=200).p_value for _ in range(40)
    ]
    assert 0.25 < np.mean(p_values) < 0.75
    overconfident = of_risks(expit(4 * logit(predictions.doubles[:, :, 1])), predictions.labels)
    found = chance_level(overconfident, 10, 0.95, generator, draws=200)
    assert found.p_value == pytest.approx(1 / 201)


def test_the_chance_level_of_one_bin_is_that_of_a_binomial(generator):
    # 100 images of confidence 0.8: the mean distance of a share from 0.8 is sqrt(2 · 0.16 / 100 / π).
    predictions = of_risks([0.8] * 100, [1] * 80 + [0] * 20)
    found = chance_level(predictions, 10, 0.95, generator, draws=4000)
    assert found.mean == pytest.approx(np.sqrt(2 * 0.16 / 100 / np.pi), rel=0.05)
    assert found.p_value == pytest.approx(1, abs=0.02)


def test_everything_stands_in_one_record(generator):
    predictions = calibrated(generator, seeds=3)
    found = calibrate(predictions, 1, 10, 0.95, generator)
    assert found.brier_chance == pytest.approx(predictions.labels.mean() * (1 - predictions.labels.mean()))
    assert found.scaled_brier.value == pytest.approx(1 - found.brier.value / found.brier_chance)
    assert found.error_chance.mean < found.error_chance.high
