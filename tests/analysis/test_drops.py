import numpy as np
import pytest

from transfer_report.analysis.decisions import Statements, decide
from transfer_report.analysis.drops import drop
from transfer_report.analysis.predictions import Predictions


def predictions(split, correct):
    """Two classes, all images of class 0, correct where `right` (seeds, images) says so."""
    correct = np.atleast_2d(correct).astype(float)
    images = correct.shape[1]
    probabilities = np.stack([0.2 + 0.6 * correct, 0.8 - 0.6 * correct], axis=2).astype(np.float32)
    truth = np.zeros(images, dtype=int)
    return Predictions("fine_tuning/x", split, probabilities, truth, np.arange(images).astype(str))


def test_a_drop_is_validation_minus_test():
    found = drop(predictions("val", [1, 1, 1, 0]), predictions("test", [1, 0, 0, 0, 1]), 0.95)
    assert found.difference.value == pytest.approx(0.75 - 0.4)
    assert found.difference.scope == "runs"


def test_the_variance_of_one_run_is_the_sum_over_both_sets_of_images():
    generator = np.random.default_rng(0)
    val, test = generator.random(200) < 0.9, generator.random(300) < 0.7
    found = drop(predictions("val", val), predictions("test", test), 0.95)
    expected = val.var(ddof=1) / 200 + test.var(ddof=1) / 300
    assert found.difference.standard_error == pytest.approx(np.sqrt(expected))


@pytest.mark.parametrize(("share", "verdict"), [(0.5, "dropped"), (0.9, "inconclusive"), (1.0, "rose")])
def test_the_verdict_says_which_way(share, verdict):
    val = np.tile(np.arange(200) < 180, (3, 1))
    test = np.tile(np.arange(200) < 200 * share, (3, 1))
    found = drop(predictions("val", val), predictions("test", test), 0.95)
    assert decide(Statements(drops=[found]), 0.05).drops[0].verdict == verdict


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_few_images_without_an_error_do_not_leave_the_errors_of_the_others_to_decide(seeds):
    val, test = np.ones((seeds, 50)), np.tile(np.arange(200) < 194, (seeds, 1))
    dropped = drop(predictions("val", val), predictions("test", test), 0.95)
    assert dropped.p_value > 0.1
    assert dropped.difference.low < 0 < dropped.difference.high
    # Nor do many images without an error, beside a few with some.
    rose = drop(predictions("val", test[:, -30:]), predictions("test", np.ones((seeds, 400))), 0.95)
    assert rose.difference.value < 0
    assert (
        rose.difference.standard_error
        > drop(
            predictions("val", test[:, -30:]), predictions("test", np.ones((seeds, 4000))), 0.95
        ).difference.standard_error
    )


def test_equal_conditions_that_are_nearly_always_right_are_rarely_called_different():
    generator = np.random.default_rng(1)
    p_values = [
        drop(predictions("val", generator.random(50) < 0.98), predictions("test", generator.random(200) < 0.98), 0.95)
        for _ in range(400)
    ]
    assert np.mean([found.p_value < 0.05 for found in p_values]) <= 0.05
