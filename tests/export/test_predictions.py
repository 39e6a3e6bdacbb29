import csv

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, recall_score, roc_auc_score
from tests.analysis.samples import drawn

from transfer_report.analysis.estimates import estimate
from transfer_report.export.predictions import PredictedSplit, predictions_csv, pseudonyms


@pytest.fixture
def split(generator):
    predictions = drawn(generator, 2, images=30, condition="fine_tuning/a")
    patients = [f"MRN-{number // 2}" for number in range(30)]
    return PredictedSplit(
        "test", list(predictions.labels), patients, {"fine_tuning/a": predictions.probabilities.astype(np.float32)}
    )


@pytest.fixture
def generator():
    return np.random.default_rng(0)


def rows(split):
    return list(csv.DictReader(predictions_csv([split], {"fine_tuning/a": [7, 8]}, ["NORMAL", "PNEUMONIA"])))


def test_the_numbers_of_the_report_come_back(split):
    labels = np.asarray(split.labels)
    for seed, run in zip(("7", "8"), split.probabilities["fine_tuning/a"], strict=True):
        own = [row for row in rows(split) if row["seed"] == seed]
        read = np.array([float(row["p(PNEUMONIA)"]) for row in own]).astype(np.float32)
        assert (read == run[:, 1]).all()
        truth = [row["label"] == "PNEUMONIA" for row in own]
        assert roc_auc_score(truth, read) == pytest.approx(roc_auc_score(labels, run[:, 1]))


def called(risks):
    return np.asarray(risks) > 0.5


MEASURES = {
    "accuracy": lambda truth, risks: accuracy_score(truth, called(risks)),
    "sensitivity": lambda truth, risks: recall_score(truth, called(risks)),
    "specificity": lambda truth, risks: recall_score(truth, called(risks), pos_label=0),
    "f1": lambda truth, risks: f1_score(truth, called(risks)),
    "auroc": roc_auc_score,
}


@pytest.mark.parametrize("metric", MEASURES)
def test_the_file_gives_the_numbers_of_the_analysis_back(generator, metric):
    predictions = drawn(generator, 3, images=60)
    split = PredictedSplit("test", list(predictions.labels), ["x"] * 60, {"a": predictions.probabilities})
    read = list(csv.DictReader(predictions_csv([split], {"a": [0, 1, 2]}, ["no", "yes"])))
    runs = [[row for row in read if row["seed"] == str(seed)] for seed in range(3)]
    values = [
        MEASURES[metric]([int(row["label"] == "yes") for row in own], [float(row["p(yes)"]) for row in own])
        for own in runs
    ]
    assert estimate(metric, predictions, 0.95).value == pytest.approx(np.mean(values))


def test_no_patient_leaves(split):
    text = "".join(predictions_csv([split], {"fine_tuning/a": [7, 8]}, ["NORMAL", "PNEUMONIA"]))
    assert "MRN" not in text
    assert [row["patient"] for row in rows(split)[:4]] == ["patient-01", "patient-01", "patient-02", "patient-02"]


def test_a_patient_of_two_splits_has_one_pseudonym(split):
    other = PredictedSplit("val", [0, 1], ["MRN-3", "MRN-99"], {"fine_tuning/a": np.full((2, 2, 2), 0.5)})
    lines = csv.DictReader(predictions_csv([split, other], {"fine_tuning/a": [7, 8]}, ["a", "b"]))
    found = [row["patient"] for row in lines if row["split"] == "val"]
    assert found[:2] == ["patient-04", "patient-16"]


def test_pseudonyms_sort_as_they_come():
    assert pseudonyms(["b", "a", "b"] + [str(number) for number in range(9)], "image")[:3] == [
        "image-01",
        "image-02",
        "image-01",
    ]


def test_names_with_commas_are_quoted(split):
    lines = list(predictions_csv([split], {"fine_tuning/a": [7, 8]}, ["a, b", 'c"']))
    assert next(csv.reader([lines[0]]))[-2:] == ["p(a, b)", 'p(c")']
