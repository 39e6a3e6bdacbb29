"""What the stage `export` wrote: its numbers are the report's, its script classifies as the study did."""

import csv
import json
import sys
from collections import defaultdict

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

pytestmark = pytest.mark.dvc

POSITIVE = "pneumonia"


@pytest.fixture(scope="module")
def predicted(finished_study):
    """Rows of `predictions.csv`."""
    return list(csv.DictReader(finished_study.text("results/export/predictions.csv").splitlines()))


@pytest.fixture(scope="module")
def analysis(finished_study):
    return json.loads(finished_study.text("results/analysis/analysis.json"))


@pytest.mark.parametrize("split", ["val", "test"])
def test_the_predictions_give_the_numbers_of_the_report_back(predicted, analysis, split):
    runs = defaultdict(list)
    for row in predicted:
        if row["split"] == split:
            runs[row["condition"], row["seed"]].append((row["label"], float(row[f"p({POSITIVE})"])))
    scores = defaultdict(list)
    for (condition, _), rows in runs.items():
        truth = [label == POSITIVE for label, _ in rows]
        risks = np.array([risk for _, risk in rows])
        scores[condition, "accuracy"].append(accuracy_score(truth, risks > 0.5))
        scores[condition, "auroc"].append(roc_auc_score(truth, risks))
        scores[condition, "loss"].append(log_loss(truth, risks))
    estimates = analysis["estimates"][split]
    assert {condition for condition, _ in scores} == set(estimates)
    for (condition, metric), values in scores.items():
        if metric in estimates[condition]:
            assert np.mean(values) == pytest.approx(estimates[condition][metric]["value"], abs=1e-6)
    assert all({"accuracy", "auroc"} <= set(found) for found in estimates.values())


def test_the_script_and_the_command_classify_as_the_study_did(finished_study, predicted, analysis, tmp_path):
    pixels = np.load(finished_study.folder / "results/data/test.npy")[:3, :, :, 0]
    images = [str(tmp_path / f"{number}.png") for number in range(len(pixels))]
    for one, image in zip(pixels, images, strict=True):
        Image.fromarray(one).save(image)
    script = finished_study.run(sys.executable, "results/export/network/classify.py", *images)
    command = json.loads(finished_study.run("transfer-report", "predict", "--json", *images).stdout)
    risks = [float(line.rpartition(f"{POSITIVE}=")[2]) for line in script.stdout.splitlines()]
    own = [
        float(row[f"p({POSITIVE})"])
        for row in predicted
        if (row["split"], row["condition"], row["seed"]) == ("test", analysis["selection"]["recommended"], "0")
    ]
    assert risks == pytest.approx(own[:3], abs=1e-4)
    assert [one["probabilities"][POSITIVE] for one in command["images"]] == pytest.approx(risks, abs=1e-5)
    assert [one["called"] for one in command["images"]] == [line.split()[1] for line in script.stdout.splitlines()]


def test_the_majority_class_ranks_nothing(analysis):
    control = next(one for one in analysis["controls"] if one["name"] == "majority_class")
    assert {control["estimates"]["test"]["auroc"][end] for end in ("value", "low", "high")} == {0.5}


def test_a_drawing_as_png_is_opaque_and_white_below(finished_study):
    files = sorted((finished_study.folder / "results/export/figures").glob("*.png"))
    assert files
    for file in files:
        with Image.open(file) as image:
            pixels = np.asarray(image.convert("RGBA"))
        assert pixels[..., 3].min() == 255, file.name
        assert (pixels[0, 0, :3] == 255).all(), file.name
