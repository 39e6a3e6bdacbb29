"""Components give the metrics that evaluation computes, with the variances of the textbooks."""

from typing import get_args

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from tests.analysis.samples import drawn, from_correct

from transfer_report.analysis.components import (
    auroc_within_groups,
    components,
    overconfidence,
    recall,
    recall_gap,
)
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.variance import image_term
from transfer_report.evaluation.metrics import score
from transfer_report.records.analysis import Metric

METRICS = get_args(Metric)


def image_variance(parts):
    return image_term(parts.deviations[0], parts.strata, parts.clusters).variance


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("metric", METRICS)
def test_values_are_those_of_the_metrics(generator, metric, classes):
    predictions = drawn(generator, 2, images=90, classes=classes)
    parts = components(metric, predictions)
    expected = [getattr(score(run, predictions.labels, bins=10), metric) for run in predictions.probabilities]
    assert parts.values == pytest.approx(expected)
    assert parts.deviations.mean(axis=1) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("metric", METRICS)
def test_image_variance_is_that_of_the_jackknife(generator, metric, classes):
    predictions = drawn(generator, 1, images=120, classes=classes)

    def value(kept):
        fewer = Predictions("a", "test", predictions.probabilities[:, kept], predictions.labels[kept], kept)
        return components(metric, fewer).value

    images = np.arange(120)
    left_out = np.array([value(np.delete(images, index)) for index in images])
    jackknife = 119 / 120 * ((left_out - left_out.mean()) ** 2).sum()
    # The calibration error is not smooth: leaving out an image may turn the sign of its bin.
    tolerance = 0.25 if metric == "calibration_error" else 0.05
    assert image_variance(components(metric, predictions)) == pytest.approx(jackknife, rel=tolerance)


def test_accuracy_has_the_variance_of_a_mean():
    correct = np.array([1, 1, 1, 0, 1, 0, 1, 1])
    parts = components("accuracy", from_correct(correct))
    assert image_variance(parts) == pytest.approx(correct.var(ddof=1) / 8)


def test_balanced_accuracy_has_the_variance_of_a_stratified_mean():
    correct, labels = np.array([1, 1, 1, 0, 1, 0]), np.array([0, 0, 0, 0, 1, 1])
    parts = components("balanced_accuracy", from_correct(correct, labels))
    assert parts.value == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert image_variance(parts) == pytest.approx((correct[:4].var(ddof=1) / 4 + correct[4:].var(ddof=1) / 2) / 4)


def test_auroc_has_delongs_variance_by_hand():
    # Negatives .1 .4, positives .3 .8: placements of the positives ½, 1, of the negatives 1, ½.
    positive = np.array([0.1, 0.4, 0.3, 0.8])
    predictions = Predictions(
        "a", "test", np.stack([1 - positive, positive], axis=1)[None], np.array([0, 0, 1, 1]), np.arange(4)
    )
    parts = components("auroc", predictions)
    assert parts.value == pytest.approx(0.75)
    assert image_variance(parts) == pytest.approx(0.125 / 2 + 0.125 / 2)


def test_grouped_images_count_as_their_sums():
    correct = np.repeat([1, 1, 0, 1], 3)
    clustered = components("accuracy", from_correct(correct, clusters=np.repeat([0, 1, 2, 3], 3)))
    one_each = components("accuracy", from_correct([1, 1, 0, 1]))
    assert image_variance(clustered) == pytest.approx(image_variance(one_each))


def test_recall_and_its_gap_by_hand():
    predictions = from_correct([1, 1, 1, 0, 1, 0], labels=[0, 0, 0, 0, 1, 1])
    assert recall(predictions, 0).value == pytest.approx(3 / 4)
    assert recall_gap(predictions, best=0, worst=1).value == pytest.approx(3 / 4 - 1 / 2)


def test_overconfidence_is_confidence_minus_accuracy():
    assert overconfidence(from_correct([1, 0, 1, 0])).value == pytest.approx(0.75 - 0.5)


def test_an_auroc_of_one_group_is_the_auroc_and_of_several_their_mean_by_positive_images(generator):
    one = drawn(generator, seeds=3, images=120)
    whole, single = components("auroc", one), auroc_within_groups(one, np.zeros(120, int))
    assert single.values == pytest.approx(whole.values)
    assert single.deviations == pytest.approx(whole.deviations)
    groups = np.repeat([0, 1], [40, 80])
    parts = auroc_within_groups(one, groups)
    expected = [
        np.average([roc_auc_score(one.labels[groups == group], row[groups == group]) for group in (0, 1)],
                   weights=[one.labels[groups == group].sum() for group in (0, 1)])
        for row in one.probabilities[:, :, 1]
    ]  # fmt: skip
    assert parts.values == pytest.approx(expected)
    # Groups are independent: the variance over images is the weighted sum of theirs.
    variances = [
        image_term(own.deviations.mean(axis=0), own.strata, own.clusters).variance
        for group in (0, 1)
        if (own := components("auroc", Predictions("a", "test", one.probabilities[:, groups == group],
                                                   one.labels[groups == group], np.arange((groups == group).sum()))))
    ]  # fmt: skip
    found = image_term(parts.deviations.mean(axis=0), parts.strata, parts.clusters).variance
    assert found == pytest.approx(np.dot(np.square([1 / 3, 2 / 3]), variances), rel=1e-9)
