"""Accuracy by training images: laws solved by hand, and where there is none."""

import numpy as np
import pytest
from tests.analysis.samples import from_correct

from transfer_report.analysis.size_curves import size_curve

IMAGES = {0.25: 50.0, 0.5: 100.0, 1.0: 200.0}


def curve_of(errors, generator, seeds=3, images=400):
    """A curve whose runs make so many errors at each size, on images of their own draw."""
    runs = {}
    for fraction, count in zip(IMAGES, errors, strict=True):
        correct = np.ones((seeds, images), dtype=bool)
        for run in correct:
            run[generator.choice(images, count, replace=False)] = False
        runs[fraction] = from_correct(correct)
    return size_curve(runs, IMAGES, 0.95)


def test_errors_that_halve_with_twice_the_images(generator):
    curve = curve_of((160, 80, 40), generator)
    assert curve.fit == "power_law"
    assert [point.accuracy.value for point in curve.points] == pytest.approx([0.6, 0.8, 0.9])
    assert curve.exponent.value == pytest.approx(1)
    assert (curve.images_ahead, curve.accuracy_ahead.value) == (400, pytest.approx(0.95))
    assert curve.gain_ahead.value == pytest.approx(0.05)
    assert curve.gain_ahead.low < 0.05 < curve.gain_ahead.high
    assert curve.accuracy_ahead.scope == "conditions"


@pytest.mark.parametrize(("errors", "fit"), [((200, 40, 40), "bent"), ((20, 10, 0), "no_errors")])
def test_nothing_is_said_of_more_images_where_no_power_law_holds(generator, errors, fit):
    curve = curve_of(errors, generator)
    assert (curve.fit, curve.accuracy_ahead, curve.gain_ahead) == (fit, None, None)


def test_two_sizes_show_no_trend():
    runs = {0.5: from_correct(np.arange(40) % 4 > 0), 1.0: from_correct(np.arange(40) % 5 > 0)}
    assert size_curve(runs, IMAGES, 0.95).fit == "too_few"
