"""Which runs failed: both sides of each threshold."""

import math

import pytest

from transfer_report.analysis.failures import failed_runs, failure_rate_limit
from transfer_report.analysis.rules import leaves_training_behind, predicts_one_class
from transfer_report.records.evaluation import ConditionEvaluation, RunEvaluation, SplitScores
from transfer_report.records.training import Epoch, History

GUESS = math.log(2)


def run(seed=0, confusion=((90, 10), (10, 90)), train_loss=0.3, test_loss=0.4, best_epoch=2):
    epochs = [
        Epoch(epoch=number, lr=1e-3, train_loss=loss, train_accuracy=0.9, val_loss=0.4, val_accuracy=0.9)
        for number, loss in ((1, 0.9), (2, train_loss), (3, 0.001))
    ]
    history = History(
        condition="", seed=seed, epochs=epochs, best_epoch=best_epoch, stopped_early=False, trained_parameters=1,
        precision="float32",
    )  # fmt: skip
    rest = dict.fromkeys(SplitScores.model_fields, 0.5)
    scores = SplitScores(**rest | {"loss": test_loss, "confusion": [list(row) for row in confusion]})
    return RunEvaluation(history=history, val=scores, test=scores)


def reasons(*runs):
    return [one.reason for one in failed_runs([ConditionEvaluation(condition="a", runs=list(runs))])]


@pytest.mark.parametrize(
    ("true", "predicted", "one_class"),
    [
        ([100, 100], [200, 0], True),
        ([100, 100], [9, 191], True),
        ([100, 100], [10, 190], False),
        ([190, 10], [200, 0], True),
        ([190, 10], [199, 1], False),  # one of ten ill patients: a poor network, which does tell them apart
        ([190, 10], [1, 199], True),
        ([10] * 10, [92, 8, *[0] * 8], True),
        ([10] * 10, [91, 9, *[0] * 8], False),
    ],
)
def test_one_class_for_nearly_every_image_goes_by_the_images_of_the_others(true, predicted, one_class):
    assert predicts_one_class(true, predicted) is one_class


@pytest.mark.parametrize(
    ("loss", "train_loss", "left"),
    [
        (5.01 * GUESS, 0.3, True),
        (5.0 * GUESS, 0.3, False),
        (1.5, 0.001, False),  # overfitting alone
        (4.9, 1.0, False),
        (5.1, 1.0, True),
    ],
)
def test_a_loss_leaves_training_behind_by_both_measures(loss, train_loss, left):
    assert leaves_training_behind(loss, train_loss, GUESS) is left


def test_runs_are_judged_by_their_test_scores_and_the_epoch_they_keep():
    one_class = ((100, 0), (98, 2))
    assert reasons(run(), run(confusion=one_class), run(test_loss=4.0)) == ["one_class", "loss"]
    assert reasons(run(confusion=one_class, test_loss=40.0)) == ["one_class"]
    assert reasons(run(test_loss=4.0, best_epoch=1)) == []


def test_failed_runs_are_named_with_their_seeds():
    conditions = [
        ConditionEvaluation(
            condition="a", runs=[run(3, ((100, 0), (100, 0))), run(5), run(8, test_loss=9.0), run(9, test_loss=9.0)]
        ),
        ConditionEvaluation(condition="b", runs=[run(3)]),
    ]
    failed = failed_runs(conditions)
    assert [(one.condition, one.seed, one.class_share) for one in failed] == [
        ("a", 3, 1.0),
        ("a", 8, 0.5),
        ("a", 9, 0.5),
    ]


@pytest.mark.parametrize(("sound", "rate"), [(1, 0.95), (3, 0.632), (5, 0.451), (10, 0.259)])
def test_sound_runs_exclude_little(sound, rate):
    assert failure_rate_limit(sound, 0.95) == pytest.approx(rate, abs=0.0005)
