import numpy as np
import pytest
from tests.analysis.samples import drawn

from transfer_report.analysis.clinical.calibration import calibration_intercept
from transfer_report.analysis.clinical.temperature import (
    fitted_temperatures,
    log_loss,
    temperature_scaling,
    with_temperatures,
)
from transfer_report.evaluation.metrics import loss


def test_the_temperature_that_was_applied_is_found_again(generator):
    val = drawn(generator, 2, images=300, classes=3)
    first = fitted_temperatures(val)
    flatter = with_temperatures(val, np.array([2.0, 4.0]))
    assert fitted_temperatures(flatter) == pytest.approx(first / [2, 4], rel=0.01)


def test_a_temperature_of_one_changes_nothing_and_none_changes_the_class(generator):
    test = drawn(generator, 2, classes=3)
    assert with_temperatures(test, np.ones(2)).probabilities == pytest.approx(test.doubles)
    assert (with_temperatures(test, np.array([3.0, 0.4])).predicted == test.predicted).all()


def test_the_loss_is_that_of_the_metrics(generator):
    test = drawn(generator, 2, classes=3)
    assert log_loss(test).values == pytest.approx([loss(one, test.labels) for one in test.probabilities])


@pytest.mark.parametrize("classes", [2, 3])
def test_overconfidence_is_taken_back(generator, classes):
    val, test = (
        with_temperatures(drawn(generator, 3, images=images, classes=classes), np.full(3, 0.3)) for images in (400, 600)
    )
    found, scaled = temperature_scaling(val, test, 10, 0.95)
    changes = {one.metric: one for one in found.changes}
    assert all(temperature > 1.5 for temperature in found.temperatures)
    assert changes["calibration_error"].change.high < 0
    assert changes["loss"].change.high < 0
    assert changes["loss"].after.value == pytest.approx(log_loss(scaled).value)
    assert ("slope" in changes) == ("intercept" in changes) == (classes == 2)
    if classes == 2:
        assert changes["slope"].before.value < 0.5 < changes["slope"].after.value
        assert changes["intercept"].before.value == pytest.approx(calibration_intercept(test).value)


def test_validation_alone_decides(generator):
    val, test, other = (drawn(generator, 2) for _ in range(3))
    found = [temperature_scaling(val, one, 10, 0.95)[0].temperatures for one in (test, other)]
    assert found[0] == found[1]
