import numpy as np
import pytest
from tests.analysis.clinical.samples import of_risks
from tests.analysis.samples import drawn

from transfer_report.analysis.clinical.patients import per_patient
from transfer_report.analysis.components import components
from transfer_report.analysis.predictions import Predictions
from transfer_report.errors import UserError


def test_scores_of_patients_by_hand():
    predictions = of_risks([0.2, 0.6, 0.9, 0.1], [0, 0, 1, 0], clusters=["b", "b", "a", "a"])
    means, highest = (per_patient(predictions, score) for score in ("mean", "max"))
    assert list(means.clusters) == ["a", "b"]
    assert list(means.labels) == [1, 0]  # one of a's images is positive
    assert means.doubles[0, :, 1] == pytest.approx([0.5, 0.4])
    assert highest.doubles[0, :, 1] == pytest.approx([0.9, 0.6])


def test_without_patients_nothing_changes(generator):
    predictions = drawn(generator, 2)
    assert per_patient(predictions, "max").doubles == pytest.approx(predictions.doubles)


def test_patients_count_one_by_one(generator):
    predictions = drawn(generator, 2, images=60, classes=3)
    labels = np.repeat(np.arange(20) % 3, 3)
    clustered = Predictions("a", "test", predictions.probabilities, labels, np.repeat(np.arange(20), 3))
    found = per_patient(clustered, "mean")
    assert found.images == 20
    assert found.doubles.sum(axis=2) == pytest.approx(1)
    assert len(np.unique(components("accuracy", found).clusters)) == 20


def test_a_class_against_the_rest_takes_the_highest_risk(generator):
    predictions = drawn(generator, 2, images=60, classes=3)
    clustered = Predictions("a", "test", predictions.probabilities, predictions.labels, np.repeat(np.arange(20), 3))
    found = per_patient(clustered, "max", positive=2)
    assert found.classes == 2
    assert found.doubles[1, 4, 1] == pytest.approx(predictions.doubles[1, 12:15, 2].max())


def test_what_has_no_score_is_refused(generator):
    predictions = drawn(generator, 1, images=6, classes=3)
    mixed = Predictions("a", "test", predictions.probabilities, predictions.labels, np.array(list("xxyyzz")))
    with pytest.raises(UserError, match=r"3 patients, such as x, have images of several classes"):
        per_patient(mixed, "mean")
    with pytest.raises(UserError, match="patient_score"):
        per_patient(mixed, "max")
