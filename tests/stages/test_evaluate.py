"""The stage reads what training left and writes what DVC shows, for the conditions of the plan alone."""

import json
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from transfer_report import storage
from transfer_report.errors import UserError
from transfer_report.params import condition_keys, load_params
from transfer_report.records import DataDescription, Epoch, Evaluation, History, ImageTable, StartWeights, TestLabels
from transfer_report.stages.evaluate import main

ROOT = Path(__file__).parents[2]
LABELS = [0, 1, 0, 1]


def write_data():
    for split in ("val", "test"):
        ids = [f"{split}/{row}" for row in range(4)]
        labels = LABELS if split == "val" else None
        storage.write_record(storage.table_file(split), ImageTable(ids=ids, groups=ids, labels=labels))
    storage.write_record(storage.TEST_LABELS, TestLabels(labels=LABELS))
    description = DataDescription.model_construct(
        source="phantom", simulated=True, verified=None, classes=["normal", "pneumonia"],
        counts={"train": [2, 2], "val": [2, 2], "test": [2, 2]}, group_counts={"train": 4, "val": 4, "test": 4},
        grouped=False, limit_per_class=0, image_px=8, channels=1,
        original_sizes=[], content_sha256="", checks=[], notes={},
    )  # fmt: skip
    storage.write_record(storage.data_description_file(), description)


def write_run(group, name, seed):
    key = f"{group}/{name}"
    epochs = [Epoch(epoch=1, lr=0.1, train_loss=1.0, train_accuracy=0.5, val_loss=0.5, val_accuracy=0.75)]
    history = History(
        condition=key, seed=seed, epochs=epochs, best_epoch=1, stopped_early=False, trained_parameters=1,
        precision="float32",
    )  # fmt: skip
    storage.write_record(storage.history_file(group, name, seed), history)
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]], np.float32)
    for split in ("val", "test"):
        storage.write_array(storage.probabilities_file(group, name, seed, split), probabilities)


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A project with three of the real conditions and two seeds, whose runs have ended, with the same predictions."""
    yaml = YAML()
    tree = yaml.load(ROOT / "params.yaml")
    tree["seeds"] = [0, 1]
    for group, kept in (("fine_tuning", 2), ("fixed_features", 1)):
        tree["conditions"][group] = dict(list(tree["conditions"][group].items())[:kept])
    yaml.dump(tree, tmp_path / "params.yaml")
    monkeypatch.chdir(tmp_path)
    params = load_params()
    write_data()
    for model in params.models:
        weights = StartWeights(
            model=model, architecture=model, requested="imagenet", source="random", reason="", origin="", sha256="",
            mean=[0.5], std=[0.5], parameters=1, head_parameters=1, feature_count=1,
        )  # fmt: skip
        storage.write_record(storage.weights_record_file(model), weights)
    for group, name in condition_keys(params):
        for seed in params.seeds:
            write_run(group, name, seed)
    return params


def test_every_condition_of_the_plan_is_evaluated(study):
    main()
    evaluation = storage.read_record(storage.evaluation_file(), Evaluation)
    keys = [f"{group}/{name}" for group, name in condition_keys(study)]
    assert [condition.condition for condition in evaluation.conditions] == keys
    metrics = json.loads(storage.METRICS.read_text())
    assert metrics["test_accuracy"]["fine_tuning"]["resnet50-baseline"] == 0.75
    assert metrics["starts_from_imagenet_weights"] == {"resnet50": 0, "mobilenet_v2": 0}
    stacked = storage.open_array(storage.stacked_probabilities_file(keys[0], "test"))
    assert stacked.shape == (len(study.seeds), 4, 2)


@pytest.mark.usefixtures("study")
def test_a_removed_condition_is_gone():
    main()
    yaml = YAML()
    tree = yaml.load(Path("params.yaml"))
    del tree["conditions"]["fine_tuning"]["resnet50-lr"]
    yaml.dump(tree, Path("params.yaml"))
    main()
    assert "resnet50-lr" not in json.loads(storage.METRICS.read_text())["test_accuracy"]["fine_tuning"]
    assert not storage.stacked_probabilities_file("fine_tuning/resnet50-lr", "test").exists()


def test_what_other_plans_left_is_removed_and_nothing_else(study):
    write_run("fine_tuning", "resnet50-gone", 0)
    write_run("fine_tuning", "resnet50-lr", 2)
    for model in (*study.models, "gone"):
        storage.write_bytes(storage.features_file(model, "train"), b"")
    abandoned = storage.checkpoint_file("of-settings-given-up")
    storage.write_bytes(abandoned, b"")
    write_run("probe_then_tune", "gone", 0)
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
    path = storage.probabilities_file("fine_tuning", "resnet50-lr", study.seeds[0], "test")
    storage.write_array(path, np.full((4, 2), np.nan, np.float32))
    with pytest.raises(UserError, match=f"{path}.*diverged"):
        main()
