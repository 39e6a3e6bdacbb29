import numpy as np
import pytest
from tests.analysis.samples import drawn, from_correct

from transfer_report.analysis.predictions import Predictions
from transfer_report.loading import load_params
from transfer_report.variants.differences import adjusted, condition_difference
from transfer_report.variants.images import Common

SETTINGS = load_params().analysis


def common(images=200, shared=None, *, same_set=True, paired=True):
    rows = np.arange(images if shared is None else shared)
    return Common(rows, rows, same_set, paired, rows.astype(str))


def test_equal_conditions_are_called_better_or_worse_in_few_studies(generator):
    """The difference between two training rounds of one condition, seeds mattering: at most 5 %, up to chance."""
    wrong = 0
    for _ in range(200):
        ease = generator.normal(1.5, 1.5, 200)
        sides = [drawn(generator, 5, seed_sd=0.4, ease=ease) for _ in range(2)]
        judged = adjusted([condition_difference(*sides, common(), SETTINGS)])[0]
        wrong += judged.metrics["accuracy"].outcome in ("better", "worse")
    assert wrong <= 18


def test_a_large_difference_is_found_with_its_images(generator):
    ease = generator.normal(1.5, 1.5, 200)
    first, second = (drawn(generator, 5, ease=ease, shift=shift) for shift in (0.0, 3.0))
    judged = adjusted([condition_difference(first, second, common(), SETTINGS)])[0]
    assert {one.outcome for one in judged.metrics.values()} == {"better"}
    assert len(judged.gained) > len(judged.lost)
    assert not set(judged.gained) & set(judged.lost)


def test_the_clearest_flips_come_first():
    """Of one run: the probability of the first class at either revision, which four of the images are of."""
    labels, clusters = np.array([0, 0, 0, 0, 1, 1]), np.arange(6)
    before, after = np.array([0.4, 0.1, 0.6, 0.9, 0.3, 0.3]), np.array([0.6, 0.9, 0.4, 0.1, 0.3, 0.4])
    sides = [Predictions("a", "test", np.stack([p, 1 - p], axis=1)[None], labels, clusters) for p in (before, after)]
    judged = condition_difference(*sides, common(6), SETTINGS)
    assert (judged.gained.tolist(), judged.lost.tolist()) == ([1, 0], [3, 2])


def test_the_same_predictions_are_identical_and_count_for_nothing(generator):
    one, other = drawn(generator, 3), drawn(generator, 3)
    found = adjusted(
        [condition_difference(one, one, common(), SETTINGS), condition_difference(one, other, common(), SETTINGS)]
    )
    assert found[0].identical
    assert found[0].metrics["accuracy"].p_adjusted is None
    assert found[1].metrics["accuracy"].p_adjusted == found[1].metrics["accuracy"].p_value


def test_more_seeds_of_the_same_runs_are_no_difference(generator):
    five = drawn(generator, 5)
    three = Predictions(five.condition, "test", five.probabilities[:3], five.labels, five.clusters)
    judged = adjusted([condition_difference(three, five, common(), SETTINGS)])[0]
    assert (judged.same_runs, judged.identical) == (3, False)
    assert judged.metrics["accuracy"].outcome in ("inconclusive", "equivalent")


def test_one_seed_speaks_of_the_run():
    first, second = from_correct([[1, 1, 0, 0] * 10]), from_correct([[1, 1, 1, 0] * 10])
    judged = condition_difference(first, second, common(40), SETTINGS)
    assert judged.metrics["accuracy"].difference.scope == "runs"
    assert judged.metrics["accuracy"].difference.value == pytest.approx(0.25)
    assert judged.gained.tolist() == list(range(2, 40, 4))


def test_shared_images_alone_are_paired():
    first, second = from_correct([[1] * 4 + [0] * 4] * 2), from_correct([[1] * 2 + [0] * 6] * 2)
    judged = condition_difference(first, second, common(shared=4, same_set=False), SETTINGS)
    assert judged.metrics["accuracy"].difference.value == pytest.approx(-0.5)
    assert judged.metrics["accuracy"].reference.value == pytest.approx(0.5)
    assert judged.lost.tolist() == [2, 3]


def test_unpaired_sets_vary_independently():
    """Of two runs on images of their own: the variances of both means add up."""
    first, second = from_correct([[1, 0] * 20]), from_correct([[1, 1, 1, 0] * 10])
    judged = condition_difference(first, second, common(0, same_set=False, paired=False), SETTINGS)
    expected = np.sqrt(0.25 / 39 + 0.1875 / 39)
    assert judged.metrics["accuracy"].difference.standard_error == pytest.approx(expected)
    assert len(judged.gained) == len(judged.lost) == 0
