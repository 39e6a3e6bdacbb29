"""Crossed variance components: special cases that have a closed form, and a balanced table by hand."""

import numpy as np
import pytest
from scipy import stats
from tests.analysis.samples import drawn, from_correct

from transfer_report.analysis.components import components
from transfer_report.analysis.variance import (
    Term,
    combine,
    effective_images,
    image_term,
    interaction_variance,
    seed_term,
    weighted_quantile,
)


def test_satterthwaite_is_welchs():
    first, second = np.array([1.0, 2.0, 4.0]), np.array([3.0, 3.5, 7.0, 9.0])
    term = combine([seed_term(first), seed_term(second)], [])
    welch = stats.ttest_ind(first, second, equal_var=False)
    assert term.df == pytest.approx(welch.df)
    assert (first.mean() - second.mean()) / term.variance**0.5 == pytest.approx(welch.statistic)


def test_the_whole_is_no_less_than_its_parts():
    assert combine([Term(1.0, 2)], [Term(3.0, 99)], interaction=2.5).variance == 3.0
    assert combine([Term(1.0, 2)], [Term(3.0, 99)], interaction=0.5).variance == 3.5


def test_cochrans_quantile_lies_between_those_of_its_parts_by_their_variance():
    assert weighted_quantile([Term(3.0, 2), Term(1.0, 399)], 0.95) == pytest.approx((3 * 4.302653 + 1.965927) / 4)
    assert weighted_quantile([Term(0.2, 399)], 0.95) == pytest.approx(1.965927)
    assert weighted_quantile([Term(0.0, 2), Term(0.0, 399)], 0.95) == pytest.approx(1.965927)


def test_inside_is_the_residual_mean_square_of_a_two_way_table():
    correct = np.array([[1, 0, 1, 1], [1, 1, 0, 1], [0, 1, 1, 1]])  # (seeds, images)
    residual = correct - correct.mean(0) - correct.mean(1, keepdims=True) + correct.mean()
    expected = (residual**2).sum() / (2 * 3) / (3 * 4)
    assert interaction_variance(components("accuracy", from_correct(correct))) == pytest.approx(expected)


def test_runs_that_agree_leave_nothing_inside(generator):
    once = drawn(generator, 1).correct
    assert interaction_variance(components("accuracy", from_correct(np.repeat(once, 3, axis=0)))) == 0


def test_effective_images_are_the_images_of_equal_strata():
    strata, clusters = np.arange(10) % 2, np.arange(10)
    assert effective_images(strata, clusters) == pytest.approx(10)
    assert effective_images(np.zeros(10, int), clusters // 2) == pytest.approx(5)
    assert effective_images(np.array([0] + [1] * 9), clusters) == pytest.approx(4 / (1 + 1 / 9))


def test_few_patients_count_class_by_class():
    """Balanced accuracy is half a mean over each class, whose patients are a sample of their own size."""
    generator = np.random.default_rng(0)
    labels = np.repeat([0, 1], [30, 20])
    clusters = np.concatenate([np.arange(30) // 10, 3 + np.arange(20) // 5])  # three patients, four patients
    correct = generator.integers(0, 2, (1, 50))
    parts = components("balanced_accuracy", from_correct(correct, labels=labels, clusters=clusters))
    expected = 0.0
    for label, patients in ((0, 3), (1, 4)):
        own = correct[0, labels == label]
        sums = (own - own.mean()).reshape(patients, -1).sum(axis=1)
        expected += 0.25 * (sums**2).sum() * patients / (patients - 1) / len(own) ** 2
    assert image_term(parts.deviations[0], parts.strata, parts.clusters).variance == pytest.approx(expected)
