"""A reported accuracy: its own interval, and ours beside it."""

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint, proportions_ztest
from tests.analysis.samples import from_correct

from transfer_report.analysis.decisions import Statements, decide
from transfer_report.analysis.reported_comparison import compare_with_reported


def verdict(found):
    """The verdict of a number that is reported alone."""
    return decide(Statements(reported=[found]), 0.05).reported[0].verdict


def first_correct(*counts):
    """Runs that recognise the first so many of 400 images."""
    return from_correct([np.arange(400) < count for count in counts])


def test_its_interval_is_wilsons():
    found = compare_with_reported(first_correct(320, 320, 320), 0.735, 400, 0.95)
    assert (found.low, found.high) == pytest.approx(proportion_confint(294, 400, method="wilson"))


def test_one_run_against_one_run_is_two_proportions():
    found = compare_with_reported(first_correct(330), 0.735, 400, 0.95)
    _, p_value = proportions_ztest([330, 294], [400, 400])
    assert found.p_value == pytest.approx(p_value, rel=0.25)
    assert (verdict(found), found.difference.scope) == ("higher", "runs")


def test_seeds_that_differ_widen_the_doubt():
    same = compare_with_reported(first_correct(330, 330, 330), 0.735, 400, 0.95)
    apart = compare_with_reported(first_correct(310, 330, 350), 0.735, 400, 0.95)
    assert (verdict(same), verdict(apart)) == ("higher", "inconclusive")
    # Our mean of three and their single run: the variance over seeds, a third of it and all of it.
    added = 0.05**2 * (1 + 1 / 3)
    assert apart.difference.standard_error**2 == pytest.approx(same.difference.standard_error**2 + added, rel=0.02)


@pytest.mark.parametrize(("correct", "expected"), [(300, "lower"), (392, "inconclusive")])
def test_below_and_the_same(correct, expected):
    assert verdict(compare_with_reported(first_correct(correct, correct, correct), 0.98, 400, 0.95)) == expected


def test_all_right_on_both_sides_is_no_difference():
    found = compare_with_reported(from_correct(np.ones((1, 50))), 1.0, 50, 0.95)
    assert (found.difference.value, found.p_value, verdict(found)) == (0, 1, "inconclusive")
    assert found.difference.standard_error > 0


def test_the_p_value_is_that_of_the_interval():
    found = compare_with_reported(first_correct(318, 326, 340), 0.735, 400, 0.95)
    at_its_p = compare_with_reported(first_correct(318, 326, 340), 0.735, 400, 1 - found.p_value)
    assert at_its_p.difference.low == pytest.approx(0, abs=1e-3)  # the images' variance has a confidence of its own


def test_three_seeds_that_matter_keep_the_error(generator):
    called = 0
    for _ in range(400):
        shares = generator.normal(0.75, 0.06, 4)
        ours = from_correct(generator.random((3, 200)) < shares[:3, None])
        reported = float((generator.random(200) < shares[3]).mean())
        called += compare_with_reported(ours, reported, 200, 0.95).p_value < 0.05
    assert called / 400 <= 0.06  # 7.3 % with Satterthwaite's degrees of freedom


def test_our_few_images_without_an_error_are_not_taken_for_certain():
    few, many = (compare_with_reported(from_correct([np.ones(n)]), 0.95, 400, 0.95) for n in (20, 400))
    assert (verdict(few), verdict(many)) == ("inconclusive", "higher")
    assert few.difference.low < 0
