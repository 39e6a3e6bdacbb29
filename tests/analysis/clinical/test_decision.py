import pytest
from tests.analysis.clinical.samples import image_variance, jackknife, of_risks
from tests.analysis.samples import drawn

from transfer_report.analysis.clinical.decision import (
    THRESHOLDS,
    decision_curve,
    decision_difference,
    distribution_of_risks,
    net_benefit,
    treat_all,
)

RISKS, LABELS = [0.1, 0.3, 0.6, 0.8, 0.2, 0.9, 0.7, 0.4], [0, 0, 0, 1, 0, 1, 1, 1]


def test_net_benefit_by_hand():
    # At 0.5: three true positives, one false positive of eight; odds 1. At 0.25: four and two, odds 1/3.
    predictions = of_risks(RISKS, LABELS)
    assert net_benefit(predictions, 0.5).value == pytest.approx(3 / 8 - 1 / 8)
    assert net_benefit(predictions, 0.25).value == pytest.approx(4 / 8 - 2 / 8 / 3)
    assert treat_all(predictions, 0.25).value == pytest.approx(4 / 8 - 4 / 8 / 3)


def test_another_prevalence_by_hand():
    # Sensitivity 3/4, false positive rate 1/4.
    predictions = of_risks(RISKS, LABELS)
    assert net_benefit(predictions, 0.5, 0.1).value == pytest.approx(0.1 * 3 / 4 - 0.9 / 4)
    assert treat_all(predictions, 0.5, 0.1).value == pytest.approx(0.1 - 0.9)
    present = net_benefit(predictions, 0.3, 0.5).value
    assert present == pytest.approx(net_benefit(predictions, 0.3).value)


@pytest.mark.parametrize("prevalence", [None, 0.2])
def test_the_variance_is_that_of_the_jackknife(generator, prevalence):
    predictions = drawn(generator, 1, images=100)
    expected = jackknife(predictions, lambda one: net_benefit(one, 0.4, prevalence).value)
    assert image_variance(net_benefit(predictions, 0.4, prevalence)) == pytest.approx(expected, rel=0.02)


def test_a_curve_begins_at_treating_all(generator):
    found = decision_curve(drawn(generator, 3, images=400, shift=1.0), 1, 0.95)
    assert found.net_benefit.value[0] == pytest.approx(found.treat_all[0], abs=0.02)
    assert found.prevalence == 0.5


def test_where_nobody_is_called_there_is_doubt_all_the_same():
    found = decision_curve(of_risks([0.1, 0.2] * 20, [0, 1] * 20), 1, 0.95)
    assert found.net_benefit.value[-1] == 0
    assert found.net_benefit.low[-1] < 0 < found.net_benefit.high[-1]


def test_a_difference_is_the_difference(generator):
    first, second = drawn(generator, 2), drawn(generator, 2)
    found = decision_difference(first, second, 1, 0.95)
    expected = [net_benefit(second, one).value - net_benefit(first, one).value for one in THRESHOLDS]
    assert found.band.value == pytest.approx(expected)


def test_the_distribution_of_risks_adds_up():
    found = distribution_of_risks(of_risks([0.0, 0.24, 0.26, 1.0], [0, 0, 1, 1]), 1, bins=4)
    assert found.negative_share == [1, 0, 0, 0]
    assert found.positive_share == [0, 0.5, 0, 0.5]
    assert found.edges == [0, 0.25, 0.5, 0.75, 1]
