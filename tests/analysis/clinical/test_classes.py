import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support, precision_score, roc_auc_score
from tests.analysis.samples import drawn

from transfer_report.analysis.clinical.classes import class_table, confused_pairs, mean_confusion_counts
from transfer_report.analysis.clinical.whole_counts import whole_counts
from transfer_report.analysis.components import components
from transfer_report.analysis.estimates import estimate_of
from transfer_report.analysis.predictions import Predictions


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_one_run_has_the_numbers_of_scikit_learn(generator, classes):
    predictions = drawn(generator, 1, images=120, classes=classes)
    found = class_table(predictions, 0.95)
    expected = precision_recall_fscore_support(predictions.labels, predictions.predicted[0])
    for name, values in zip(("precision", "recall", "f1"), expected, strict=False):
        assert [getattr(one, name).value for one in found.scores[:-1]] == pytest.approx(values)
    assert [one.support for one in found.scores[:-1]] == list(expected[3])
    assert found.scores[-1].support == 120
    assert found.scores[0].auroc.value == pytest.approx(
        roc_auc_score(predictions.labels == 0, predictions.probabilities[0, :, 0])
    )


def test_precision_is_that_of_all_runs_together(generator):
    predictions = drawn(generator, 4)
    found = class_table(predictions, 0.95).scores[1].precision.value
    assert found == pytest.approx(precision_score(np.tile(predictions.labels, 4), predictions.predicted.ravel()))


def test_macro_averages_are_those_of_the_other_tables(generator):
    predictions = drawn(generator, 3, images=150, classes=3)
    macro = class_table(predictions, 0.95).scores[-1]
    for name, metric in (("recall", "balanced_accuracy"), ("f1", "f1"), ("auroc", "auroc")):
        expected = estimate_of(components(metric, predictions), 0.95)
        found = getattr(macro, name)
        assert (found.value, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))


def test_a_class_that_no_run_predicts_has_no_precision():
    probabilities = np.tile([0.6, 0.3, 0.1], (1, 9, 1)).astype(float)
    predictions = Predictions("a", "test", probabilities, np.arange(9) % 3, np.arange(9))
    scores = class_table(predictions, 0.95).scores
    assert scores[2].precision is None
    assert scores[-1].precision is None
    assert scores[2].f1.value == 0


@pytest.mark.parametrize(
    ("row", "rounded"),
    [
        ([1 / 3, 1 / 3, 1 / 3], [1, 0, 0]),
        ([8 / 3, 11 / 3, 11 / 3], [3, 4, 3]),
        ([0.5, 9.5], [1, 9]),
        ([4.0, 6.0], [4, 6]),
        ([0.2, 0.2, 0.6, 2.0], [0, 0, 1, 2]),
    ],
)
def test_rounded_rows_add_up(row, rounded):
    assert whole_counts(np.array([row])) == [rounded]
    assert sum(rounded) == pytest.approx(sum(row))


def test_rows_of_mean_counts_add_up_to_the_images_of_the_class(generator):
    predictions = drawn(generator, 7, images=133, classes=4)
    found = class_table(predictions, 0.95).confusion
    assert [sum(row) for row in found] == list(np.bincount(predictions.labels))
    assert np.abs(np.array(found) - mean_confusion_counts(predictions)).max() < 1


def test_the_pairs_most_often_confused_come_first():
    labels = np.repeat([0, 1, 2], 4)
    predicted = np.array([0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
    predictions = Predictions("a", "test", np.eye(3)[predicted][None] * 0.8 + 0.2 / 3, labels, np.arange(12))
    first, second = confused_pairs(predictions, 0.95)
    assert (first.true, first.predicted, first.count, first.share.value) == (0, 1, 3, 0.75)
    assert (second.true, second.predicted, second.count) == (1, 2, 1)
    assert len(confused_pairs(predictions, 0.95, most=1)) == 1
