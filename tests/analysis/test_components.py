"""Components give the metrics that evaluation computes, with the variances of the textbooks."""

from typing import get_args

import numpy as np
import pytest
from tests.analysis.samples import drawn, from_right

from transfer_report.analysis.components import components, overconfidence, recall, recall_gap
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.variance import image_term
from transfer_report.evaluation.metrics import score
from transfer_report.records import Metric

METRICS = get_args(Metric)


def image_variance(parts):
    return image_term(parts.deviations[0], parts.strata, parts.groups).variance


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
    right = np.array([1, 1, 1, 0, 1, 0, 1, 1])
    parts = components("accuracy", from_right(right))
    assert image_variance(parts) == pytest.approx(right.var(ddof=1) / 8)


def test_balanced_accuracy_has_the_variance_of_a_stratified_mean():
    right, labels = np.array([1, 1, 1, 0, 1, 0]), np.array([0, 0, 0, 0, 1, 1])
    parts = components("balanced_accuracy", from_right(right, labels))
    assert parts.value == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert image_variance(parts) == pytest.approx((right[:4].var(ddof=1) / 4 + right[4:].var(ddof=1) / 2) / 4)


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
    right = np.repeat([1, 1, 0, 1], 3)
    grouped = components("accuracy", from_right(right, groups=np.repeat([0, 1, 2, 3], 3)))
    one_each = components("accuracy", from_right([1, 1, 0, 1]))
    assert image_variance(grouped) == pytest.approx(image_variance(one_each))


def test_recall_and_its_gap_by_hand():
    predictions = from_right([1, 1, 1, 0, 1, 0], labels=[0, 0, 0, 0, 1, 1])
    assert recall(predictions, 0).value == pytest.approx(3 / 4)
    assert recall_gap(predictions, best=0, worst=1).value == pytest.approx(3 / 4 - 1 / 2)


def test_overconfidence_is_confidence_minus_accuracy():
    assert overconfidence(from_right([1, 0, 1, 0])).value == pytest.approx(0.75 - 0.5)
