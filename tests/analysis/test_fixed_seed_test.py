"""Tests of these very runs against other implementations."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from tests.analysis.samples import drawn, from_correct

from transfer_report.analysis.components import components
from transfer_report.analysis.fixed_seed_test import fixed_seed_test, mcnemar_p, sign_flip_p


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (3, 0), (12, 5), (7, 7)])
def test_mcnemar_is_that_of_statsmodels(gained, lost):
    expected = mcnemar([[50, gained], [lost, 9]], exact=True).pvalue if gained + lost else 1.0
    assert mcnemar_p(gained, lost) == pytest.approx(expected)


def test_one_run_each_uses_mcnemar():
    first, second = from_correct([1, 1, 0, 0, 0, 0, 0]), from_correct([0, 1, 1, 1, 1, 1, 0])
    found = fixed_seed_test(components("accuracy", first), components("accuracy", second), "accuracy", 99, 0)
    assert found.method == "mcnemar"
    assert found.p_value == pytest.approx(mcnemar_p(4, 1))


def test_sign_flips_are_those_of_scipy(generator):
    changes = generator.normal(0.3, 1, 11)
    every_sign = stats.permutation_test((changes,), np.sum, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip_p(changes, 20_000, generator) == pytest.approx(every_sign.pvalue, abs=0.01)


def test_images_of_a_cluster_change_sign_together(generator):
    correct = generator.random((2, 3, 60)) < 0.7
    clusters = np.repeat(np.arange(4), 15)
    first, second = (components("accuracy", from_correct(table, clusters=clusters)) for table in correct)
    found = fixed_seed_test(first, second, "accuracy", 4000, 0)
    # Four clusters have 16 patterns of signs, of which no fewer than two are as extreme as what was seen.
    assert found.method == "permutation"
    assert found.p_value > 2 / 16 - 0.02


def test_no_change_is_no_evidence(generator):
    parts = components("auroc", drawn(generator, 3))
    assert fixed_seed_test(parts, parts, "auroc", 999, 0).p_value == 1.0


def test_a_small_and_a_large_number_of_resamples_agree(generator):
    changes = generator.normal(0.1, 1, 200)
    few, many = sign_flip_p(changes, 2000, generator), sign_flip_p(changes, 30_000, generator)
    assert few == pytest.approx(many, abs=0.04)
