"""Differences: closed forms, both sides of every verdict, families, and the edges."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired
from tests.analysis.samples import compare, drawn, from_correct

from transfer_report.analysis.comparisons import (
    Question,
    difference_between_sets,
    equivalence_p,
    holm,
    p_of_difference,
)
from transfer_report.analysis.components import components
from transfer_report.analysis.decisions import verdict_on
from transfer_report.analysis.t_interval import p_of_zero, t_estimate
from transfer_report.analysis.variance import Term, weighted_p

QUESTION = Question(
    metric="accuracy", family="table-1", margin=0.02, confidence=0.95, resamples=999, seed=0
)  # fmt: skip


@pytest.fixture
def pair(generator):
    """One run each of two conditions on 300 images that are as easy for one as for the other."""
    ease = generator.normal(1.5, 1.5, 300)
    return (
        drawn(generator, 1, 300, ease=ease, condition="fine_tuning/a"),
        drawn(generator, 1, 300, ease=ease, shift=0.5, condition="fine_tuning/b"),
    )


def test_one_run_each_is_a_paired_t_test_over_images(pair):
    found = compare(*pair, QUESTION)
    first, second = (predictions.correct[0].astype(float) for predictions in pair)
    expected = stats.ttest_rel(second, first)
    interval = expected.confidence_interval(0.95)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.difference.low, found.difference.high) == pytest.approx((interval.low, interval.high))
    assert found.difference.scope == "runs"


def test_equivalence_is_two_one_sided_tests(pair):
    question = replace(QUESTION, margin=0.1)
    first, second = (predictions.correct[0].astype(float) for predictions in pair)
    assert compare(*pair, question).equivalence_p == pytest.approx(ttost_paired(second, first, -0.1, 0.1)[0])


@pytest.mark.parametrize(("df", "interaction"), [(2, 0.0), (30, 1.5)])
def test_a_p_value_is_the_larger_of_two_approximations(df, interaction):
    terms = [Term(1.0, df), Term(1.0, 100)]
    known = Term(2 - interaction, (2 - interaction) ** 2 / (1 / df + 1 / 100))
    difference = t_estimate(4 * known.variance**0.5, known, 0.95, scope="conditions", seeds=3)
    by_satterthwaite, by_cochran = p_of_zero(difference), weighted_p(terms, 4.0)
    assert (by_cochran > by_satterthwaite) == (interaction == 0)
    assert p_of_difference(difference, terms) == pytest.approx(max(by_satterthwaite, by_cochran))
    assert p_of_difference(difference, []) == by_satterthwaite
    assert equivalence_p(difference, difference.value, terms) == pytest.approx(0.5)


def test_the_other_way_round_is_the_opposite(pair):
    forth, back = compare(*pair, QUESTION), compare(*reversed(pair), QUESTION)
    assert forth.difference.value == -back.difference.value
    assert (forth.gained, forth.lost) == (back.lost, back.gained)
    assert forth.p_value == pytest.approx(back.p_value)


@pytest.mark.parametrize("metric", ["brier", "calibration_error"])
def test_where_lower_is_better_a_positive_difference_still_is(generator, metric):
    ease = generator.normal(0.5, 0.5, 300)
    poor, good = (drawn(generator, 3, 300, ease=ease, shift=shift) for shift in (0, 3))
    found = compare(poor, good, replace(QUESTION, metric=metric))
    assert found.difference.value > 0
    assert found.verdict == "better"


def test_seeds_that_differ_undo_what_images_alone_would_say():
    images = np.arange(400)
    low = from_correct([images < correct for correct in (250, 290, 330)])
    high = from_correct([images < correct for correct in (280, 310, 380)])
    found = compare(low, high, QUESTION)
    assert found.fixed_seed_test.p_value < 0.01
    assert found.p_value > 0.05
    assert (found.verdict, found.difference.scope) == ("inconclusive", "conditions")


def test_numbers_of_seeds_may_differ(generator):
    ease = generator.normal(1.5, 1.5, 200)
    found = compare(drawn(generator, 2, ease=ease), drawn(generator, 5, ease=ease), QUESTION)
    assert (found.difference.seeds, found.difference.scope) == (2, "conditions")


def test_one_run_against_three_speaks_of_runs(generator):
    ease = generator.normal(1.5, 1.5, 200)
    found = compare(drawn(generator, 1, ease=ease), drawn(generator, 3, ease=ease), QUESTION)
    assert found.difference.scope == "runs"


def test_other_images_cannot_be_compared(generator):
    with pytest.raises(ValueError, match="not scored on the same images"):
        compare(drawn(generator, 1, 100), drawn(generator, 1, 101), QUESTION)


def test_the_same_predictions_are_equivalent_on_enough_images():
    few, many = from_correct(np.ones((3, 60))), from_correct(np.ones((3, 400)))
    assert compare(few, few, QUESTION).verdict == "inconclusive"
    found = compare(many, many, QUESTION)
    assert found.verdict == "equivalent"
    assert found.difference.low < 0 < found.difference.high


def test_a_change_of_one_image_never_narrows_the_interval():
    correct = np.ones((1, 100))
    changed = correct.copy()
    changed[0, 0] = 0
    none, one = (
        compare(from_correct(correct), from_correct(correct), QUESTION),
        compare(from_correct(changed), from_correct(correct), QUESTION),
    )
    assert one.difference.standard_error >= none.difference.standard_error
    assert one.p_value > 0.05


def test_patients_that_change_have_the_error_that_was_measured(generator):
    before, after = (generator.random((3, 400)) < 0.8 for _ in range(2))
    clusters = np.arange(400) // 4
    by_patient = compare(from_correct(before, clusters=clusters), from_correct(after, clusters=clusters), QUESTION)
    one_by_one = compare(from_correct(before), from_correct(after), QUESTION)
    assert by_patient.difference.standard_error == pytest.approx(one_by_one.difference.standard_error, rel=0.25)


def test_images_flipped_each_way_are_counted_by_majority():
    before = from_correct([[1, 0, 0, 1, 1, 0], [1, 0, 0, 1, 0, 0], [0, 0, 1, 1, 0, 0]])
    after = from_correct([[1, 1, 1, 0, 1, 0], [0, 1, 1, 0, 1, 0], [0, 0, 1, 0, 1, 0]])
    found = compare(before, after, QUESTION)
    # By majority correct: before 1 . . 1 . . – after . 1 1 . 1 .
    assert (found.gained, found.lost) == (3, 2)


def test_the_detectable_difference_is_found_with_its_power(generator):
    found = compare(drawn(generator, 1, 300), drawn(generator, 1, 300), QUESTION)
    error, df = found.difference.standard_error, found.difference.df
    power = stats.nct.sf(stats.t.ppf(0.975, df), df, found.minimum_detectable_difference / error)
    assert power == pytest.approx(0.8, abs=1e-4)


def test_probabilities_come_from_the_t_distribution_of_the_interval(pair):
    found = compare(*pair, replace(QUESTION, margin=0.03))
    known = stats.t(found.difference.df, found.difference.value, found.difference.standard_error)
    assert found.probability_better == pytest.approx(known.sf(0.03))
    assert found.probability_worse == pytest.approx(known.cdf(-0.03))
    at_the_end = compare(*pair, replace(QUESTION, margin=found.difference.high))
    assert at_the_end.probability_better == pytest.approx(0.025)


def test_without_an_interval_there_are_no_probabilities():
    correct = from_correct([[1, 0]], labels=[0, 1])
    found = compare(correct, correct, replace(QUESTION, metric="balanced_accuracy"))
    assert (found.probability_better, found.probability_worse) == (None, None)


def test_holm_by_hand():
    assert holm([0.01, None, 0.04, 0.03]) == [pytest.approx(0.03), None, pytest.approx(0.06), pytest.approx(0.06)]
    assert holm([None, None]) == [None, None]


@pytest.mark.parametrize(
    ("value", "p_adjusted", "equivalence_p", "verdict"),
    [
        (0.05, 0.0499, 0.5, "better"),
        (-0.05, 0.0499, 0.5, "worse"),
        (0.05, 0.05, 0.5, "inconclusive"),  # on the threshold: not below it
        (0.01, 0.2, 0.0499, "equivalent"),
        (0.01, 0.2, 0.05, "inconclusive"),
        (0.01, 0.001, 0.001, "equivalent"),  # not 0, yet within what does not matter
        (0.05, None, None, "inconclusive"),
    ],
)
def test_verdicts_on_both_sides_of_their_thresholds(pair, value, p_adjusted, equivalence_p, verdict):
    difference = compare(*pair, QUESTION).difference.model_copy(update={"value": value})
    assert verdict_on(difference, p_adjusted, equivalence_p, 0.05) == verdict


def test_comparisons_repeat(generator):
    ease = generator.normal(1.5, 1.5, 100)
    first, second = drawn(generator, 3, 100, ease=ease), drawn(generator, 3, 100, ease=ease)
    assert compare(first, second, QUESTION) == compare(first, second, QUESTION)


def test_equivalence_is_decided_by_the_interval_that_is_printed(pair):
    found = compare(*pair, replace(QUESTION, margin=0.1))
    for question in (replace(QUESTION, margin=margin) for margin in (0.03, 0.06, 0.1, 0.2)):
        found = compare(*pair, question)
        within = -question.margin < found.equivalence.low and found.equivalence.high < question.margin
        assert (found.verdict == "equivalent") == within
    assert found.equivalence.confidence == 0.9


def test_between_sets_of_images_neither_side_decides_by_having_no_error():
    few = components("accuracy", from_correct([np.ones(30)]))
    many = components("accuracy", from_correct([np.arange(400) < 384]))
    there, back = difference_between_sets(few, many, 0.95), difference_between_sets(many, few, 0.95)
    assert p_of_zero(there) == pytest.approx(p_of_zero(back))
    assert p_of_zero(there) > 0.1
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
