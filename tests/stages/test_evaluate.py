"""The stage reads what training left and writes what DVC shows, for the conditions of the plan alone."""

import json
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from transfer_report.conditions import ConditionKey
from transfer_report.errors import UserError
from transfer_report.files import open_array, read_record, write_array, write_bytes, write_record
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.planning import condition_keys
from transfer_report.records.data import DataDescription, ImageTable, TestLabels
from transfer_report.records.evaluation import Evaluation
from transfer_report.records.models import InitialWeights
from transfer_report.records.training import Epoch, History
from transfer_report.stages.evaluate import main

ROOT = Path(__file__).parents[2]
LABELS = [0, 1, 0, 1]


def write_data():
    for split in ("val", "test"):
        ids = [f"{split}/{row}" for row in range(4)]
        labels = LABELS if split == "val" else None
        write_record(HERE.table_file(split), ImageTable(ids=ids, patients=ids, labels=labels))
    write_record(HERE.test_labels, TestLabels(labels=LABELS))
    description = DataDescription.model_construct(
        source="phantom", simulated=True, verified=None, classes=["normal", "pneumonia"],
        counts={"train": [2, 2], "val": [2, 2], "test": [2, 2]}, patient_counts={"train": 4, "val": 4, "test": 4},
        has_patients=False, limit_per_class=0, image_px=8, channels=1,
        original_sizes=[], content_sha256="", checks=[], notes={},
    )  # fmt: skip
    write_record(HERE.data_description_file(), description)


def write_run(key, seed):
    epochs = [Epoch(epoch=1, lr=0.1, train_loss=1.0, train_accuracy=0.5, val_loss=0.5, val_accuracy=0.75)]
    history = History(
        condition=str(key), seed=seed, epochs=epochs, best_epoch=1, stopped_early=False, trained_parameters=1,
        precision="float32",
    )  # fmt: skip
    write_record(HERE.history_file(key, seed), history)
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]], np.float32)
    for split in ("val", "test"):
        write_array(HERE.probabilities_file(key, seed, split), probabilities)


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A project with three of the real conditions and two seeds, whose runs have ended, with the same predictions."""
    yaml = YAML()
    tree = yaml.load(ROOT / "params.yaml")
    tree["seeds"] = {strategy: [0, 1] for strategy in tree["seeds"]}
    for strategy, kept in (("fine_tuning", 2), ("linear_probe", 1)):
        tree["conditions"][strategy] = dict(list(tree["conditions"][strategy].items())[:kept])
    yaml.dump(tree, tmp_path / "params.yaml")
    monkeypatch.chdir(tmp_path)
    params = load_params()
    write_data()
    for model in params.models:
        weights = InitialWeights(
            model=model, architecture=model, requested="imagenet", source="random", reason="", origin="", sha256="",
            mean=[0.5], std=[0.5], parameters=1, feature_count=1,
        )  # fmt: skip
        write_record(HERE.weights_record_file(model), weights)
    for key in condition_keys(params):
        for seed in params.seeds[key.strategy]:
            write_run(key, seed)
    return params


def test_every_condition_of_the_plan_is_evaluated(study):
    main()
    evaluation = read_record(HERE.evaluation_file(), Evaluation)
    keys = list(condition_keys(study))
    assert [condition.condition for condition in evaluation.conditions] == list(map(str, keys))
    metrics = json.loads(HERE.metrics.read_text())
    assert metrics["test_accuracy"]["fine_tuning"]["resnet50-baseline"] == 0.75
    assert set(metrics["starts_from_imagenet_weights"].values()) == {0}
    stacked = open_array(HERE.stacked_probabilities_file(keys[0], "test"))
    assert stacked.shape == (len(study.seeds["fine_tuning"]), 4, 2)


@pytest.mark.usefixtures("study")
def test_a_removed_condition_is_gone():
    main()
    yaml = YAML()
    tree = yaml.load(Path("params.yaml"))
    del tree["conditions"]["fine_tuning"]["resnet50-lr"]
    yaml.dump(tree, Path("params.yaml"))
    main()
    assert "resnet50-lr" not in json.loads(HERE.metrics.read_text())["test_accuracy"]["fine_tuning"]
    assert not HERE.stacked_probabilities_file(ConditionKey("fine_tuning", "resnet50-lr"), "test").exists()


def test_what_other_plans_left_is_removed_and_nothing_else(study):
    write_run(ConditionKey("fine_tuning", "resnet50-gone"), 0)
    write_run(ConditionKey("fine_tuning", "resnet50-lr"), 2)
    for model in (*study.models, "gone"):
        write_bytes(HERE.features_file(model, "train"), b"")
    abandoned = HERE.checkpoint_file("of-settings-given-up")
    write_bytes(abandoned, b"")
    write_run(ConditionKey("lp_ft", "gone"), 0)
    before = {path for path in Path("results").rglob("*") if path.is_file()}
    main()
    removed = {path for path in before if not path.exists()}
    assert removed == {
        path
        for path in before
        if "gone" in path.parts or "resnet50-gone" in path.parts or path.parts[-3:-1] == ("resnet50-lr", "2")
    }
    assert len(removed) == 3 * 3 + 1
    assert not abandoned.exists()


@pytest.mark.usefixtures("study")
def test_it_repeats_to_the_byte():
    main()
    first = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    main()
    assert first == {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def test_a_run_that_diverged_is_named(study):
    seed = study.seeds["fine_tuning"][0]
    path = HERE.probabilities_file(ConditionKey("fine_tuning", "resnet50-lr"), seed, "test")
    write_array(path, np.full((4, 2), np.nan, np.float32))
    with pytest.raises(UserError, match=f"{path}.*diverged"):
        main()
