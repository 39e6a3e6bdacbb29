"""Curves solved by hand, both sides of every threshold, and what cannot be told."""

import pytest
from scipy import stats

from transfer_report.analysis import curves
from transfer_report.analysis.decisions import Statements, decide
from transfer_report.records.analysis import CurveEvidence
from transfer_report.records.training import Epoch, History, Penalty


def history(val_loss, val_accuracy=None, train_accuracy=None, seed=0):
    epochs = [
        Epoch(
            epoch=number,
            lr=0.1,
            train_loss=0.5,
            train_accuracy=(train_accuracy or [0.9] * len(val_loss))[number - 1],
            val_loss=loss,
            val_accuracy=(val_accuracy or [0.8] * len(val_loss))[number - 1],
        )
        for number, loss in enumerate(val_loss, start=1)
    ]
    return History(
        condition="fine_tuning/a", seed=seed, epochs=epochs, best_epoch=1, stopped_early=False,
        trained_parameters=1, precision="float32",
    )  # fmt: skip


def evidence(values, condition="a", measure="gap"):
    return CurveEvidence(condition=condition, measure=measure, per_seed=values, estimate=None)


def test_gap_and_training_level_are_those_of_the_last_epoch():
    run = history([1, 1], val_accuracy=[0.9, 0.7], train_accuracy=[0.5, 0.95])
    assert curves.gap(run) == pytest.approx(0.25)
    assert curves.final_train_accuracy(run) == 0.95
    assert curves.final_train_loss(run) == 0.5


@pytest.mark.parametrize(("kept", "last"), [(1, False), (2, True)])
def test_a_run_keeps_its_last_epoch(kept, last):
    assert curves.keeps_last_epoch(history([1, 1]).model_copy(update={"best_epoch": kept})) is last


def test_a_solved_head_has_no_last_epoch():
    solved = history([1]).model_copy(update={"best_epoch": 1, "penalty": Penalty(value=1.0, tried=13, at_edge=False)})
    assert not curves.keeps_last_epoch(solved)


def test_most_epochs_are_above_what_the_median_is_above():
    run = history([1, 1, 1], train_accuracy=[0.5, 0.98, 0.99])
    assert curves.median_train_accuracy(run) == 0.98


def test_volatility_is_the_median_absolute_change():
    assert curves.volatility(history([1.0, 0.5, 0.75, 0.7])) == pytest.approx(0.25)
    assert curves.volatility(history([1.0])) is None


@pytest.mark.parametrize(("level", "epoch"), [(0.7, 2), (0.70001, 3), (0.8, 3), (0.9, None)])
def test_epochs_to_a_level(level, epoch):
    run = history([1, 1, 1, 1], val_accuracy=[0.5, 0.7, 0.8, 0.6])
    assert curves.epochs_to_level(run, level) == epoch


@pytest.mark.parametrize(
    ("losses", "onset"),
    [
        ([1.0, 0.5, 0.8, 0.9], 2),
        ([1.0, 0.8, 0.7, 0.6], None),  # still falling
        ([1.0, 0.50, 0.9, 0.525], None),  # back to just five per cent above
        ([1.0, 0.50, 0.9, 0.526], 2),
        ([0.5, 0.6, 0.5, 0.9], 3),  # of equal ones the last
        ([0.5], None),
    ],
)
def test_onset_of_overfitting(losses, onset):
    assert curves.overfitting_onset(history(losses)) == onset


def test_the_level_follows_the_best_condition():
    poor, good = history([1, 1], val_accuracy=[0.5, 0.6]), history([1, 1], val_accuracy=[0.8, 0.7])
    assert curves.level_to_reach([[poor], [good, poor]]) == pytest.approx(0.95 * 0.7)


def test_evidence_has_t_intervals_over_seeds():
    runs = [history([1, 1 - change], seed=seed) for seed, change in enumerate((0.1, 0.2, 0.6))]
    found = {one.measure: one for one in curves.curve_evidence("fine_tuning/a", runs, 0.75, 0.95)}
    interval = stats.ttest_1samp([0.1, 0.2, 0.6], 0).confidence_interval(0.95)
    estimate = found["volatility"].estimate
    # A change is never below zero, whatever a t interval of three seeds says.
    assert interval.low < 0
    assert (estimate.low, estimate.high) == pytest.approx((0, interval.high))
    assert found["overfitting_onset"].per_seed == [None, None, None]
    assert found["overfitting_onset"].estimate is None
    assert (found["gap"].estimate.value, found["gap"].estimate.low) == (pytest.approx(0.1), None)


def test_a_run_without_a_value_leaves_no_mean():
    runs = [history([1], val_accuracy=[0.8]), history([1], val_accuracy=[0.6])]
    found = {one.measure: one for one in curves.curve_evidence("fine_tuning/a", runs, 0.75, 0.95)}
    assert found["epochs_to_level"].per_seed == [1, None]
    assert found["epochs_to_level"].estimate is None


def compared(reference, treatment):
    found = curves.compare_curves(reference, treatment, "table-1", 0.95)
    return decide(Statements(curve_comparisons=[found]), 0.05).curve_comparisons[0]


def test_comparison_is_welchs():
    first, second = [0.1, 0.2, 0.15], [0.4, 0.5, 0.3, 0.45]
    found = compared(evidence(first), evidence(second, "b"))
    expected = stats.ttest_ind(second, first, equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.difference.low, found.difference.high) == pytest.approx((interval.low, interval.high))
    assert found.verdict == "higher"
    assert compared(evidence(second), evidence(first)).verdict == "lower"


@pytest.mark.parametrize(
    ("first", "second"),
    [([0.1], [0.9]), ([1, 1, 1], [3, 3, 3]), ([1, 2, None], [7, 8, 9]), ([0.1, 0.2, 0.3], [0.2, 0.3, 0.2])],
)
def test_what_cannot_be_told(first, second):
    assert compared(evidence(first), evidence(second)).verdict == "inconclusive"


def gaps(*counts):
    """The gap of runs whose accuracies are counts of 150 training and 50 validation images."""
    runs = [history([1.0], train_accuracy=[train / 150], val_accuracy=[val / 50]) for train, val in counts]
    return next(one for one in curves.curve_evidence("a", runs, 0.5, 0.95) if one.measure == "gap")


def test_equal_gaps_of_other_counts_are_equal():
    same = gaps((135, 35), (120, 30), (126, 32))
    assert len(set(same.per_seed)) > 1  # in their last digits
    assert same.estimate.low is None
    assert curves.compare_curves(same, gaps((138, 35), (138, 35), (138, 35)), "f", 0.95).p_value is None


def test_a_difference_of_shares_stays_within_what_is_possible():
    low, high = (
        evidence([0.2, 0.9], measure="final_train_accuracy"),
        evidence([0.3, 1.0], measure="final_train_accuracy"),
    )
    found = curves.compare_curves(low, high, "f", 0.95).difference
    assert (found.low, found.high) == (-1, 1)
