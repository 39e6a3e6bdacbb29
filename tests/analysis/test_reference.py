"""A reported accuracy: its own interval, and ours beside it."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint, proportions_ztest
from tests.analysis.samples import from_right

from transfer_report.analysis.reference import adjust_references, compare_with_reported


def first_right(*counts):
    """Runs that recognise the first so many of 400 images."""
    return from_right([np.arange(400) < count for count in counts])


def test_its_interval_is_wilsons():
    found = compare_with_reported(first_right(320, 320, 320), 0.735, 400, 0.95)
    assert (found.low, found.high) == pytest.approx(proportion_confint(294, 400, method="wilson"))


def test_one_run_against_one_run_is_two_proportions():
    found = compare_with_reported(first_right(330), 0.735, 400, 0.95)
    _, p_value = proportions_ztest([330, 294], [400, 400])
    assert found.p_value == pytest.approx(p_value, rel=0.25)
    assert (found.verdict, found.difference.scope) == ("higher", "runs")


def test_seeds_that_differ_widen_the_doubt():
    same = compare_with_reported(first_right(330, 330, 330), 0.735, 400, 0.95)
    apart = compare_with_reported(first_right(310, 330, 350), 0.735, 400, 0.95)
    assert (same.verdict, apart.verdict) == ("higher", "cannot_tell")
    # Our mean of three and their single run: the variance over seeds, a third of it and all of it.
    added = 0.05**2 * (1 + 1 / 3)
    assert apart.difference.standard_error**2 == pytest.approx(same.difference.standard_error**2 + added, rel=0.02)


@pytest.mark.parametrize(("right", "verdict"), [(300, "lower"), (392, "cannot_tell")])
def test_below_and_the_same(right, verdict):
    assert compare_with_reported(first_right(right, right, right), 0.98, 400, 0.95).verdict == verdict


def test_all_right_on_both_sides_is_no_difference():
    found = compare_with_reported(from_right(np.ones((1, 50))), 1.0, 50, 0.95)
    assert (found.difference.value, found.p_value, found.verdict) == (0, 1, "cannot_tell")
    assert found.difference.standard_error > 0


def test_numbers_reported_together_are_corrected_together():
    apart = compare_with_reported(first_right(324, 326, 328), 0.735, 400, 0.95)
    near = compare_with_reported(first_right(318, 320, 322), 0.735, 400, 0.95)
    assert apart.verdict == near.verdict == "higher"
    together = adjust_references([apart, near, near, near, near, near])
    assert [one.p_adjusted for one in together] == pytest.approx(
        multipletests([apart.p_value, *[near.p_value] * 5], method="holm")[1]
    )
    assert [one.verdict for one in together] == [
        "higher" if one.p_adjusted < 0.05 else "cannot_tell" for one in together
    ]
    assert together[-1].verdict == "cannot_tell"


def test_our_few_images_without_an_error_are_not_taken_for_certain():
    few, many = (compare_with_reported(from_right([np.ones(n)]), 0.95, 400, 0.95) for n in (20, 400))
    assert (few.verdict, many.verdict) == ("cannot_tell", "higher")
    assert few.difference.low < 0
