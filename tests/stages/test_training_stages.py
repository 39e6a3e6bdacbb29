"""The stages from `weights` to `linear_probe` on a dozen images, with one small network."""

import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from ruamel.yaml import YAML
from safetensors.numpy import load_file

from transfer_report.conditions import ConditionKey
from transfer_report.errors import UserError
from transfer_report.files import open_array, read_record, write_array, write_record
from transfer_report.layout import HERE, history_in, probabilities_in, rows_of_fold_in
from transfer_report.loading import load_params
from transfer_report.models.inputs import Normalisation
from transfer_report.planning import Condition, PlannedModel
from transfer_report.records.data import DataDescription, ExternalSet, ImageTable
from transfer_report.records.models import InitialWeights, ModelCosts
from transfer_report.records.training import History
from transfer_report.records.tuning import Tunings
from transfer_report.stages import (
    check,
    cross_validate,
    external,
    features,
    fine_tune,
    latency,
    linear_probe,
    lp_ft,
    plan,
    train_fraction,
    tune_fine_tuning,
    tune_linear_probe,
    weights,
)
from transfer_report.training.epoch import predict
from transfer_report.training.examples import Images
from transfer_report.training.run import probabilities
from transfer_report.training.run_files import read_trained

CPU = torch.device("cpu")
COUNTS = {"train": 9, "val": 6, "test": 5}


@pytest.fixture
def study(tmp_path, monkeypatch):
    """The real params.yaml made small, with synthetic images; returns a function that edits and writes it."""
    yaml = YAML()
    tree = yaml.load(Path("params.yaml"))
    monkeypatch.chdir(tmp_path)
    tree |= {"epochs": 2, "batch_size": 4, "models": {"small": {"architecture": "squeezenet1_1", "weights": "random"}}}
    tree["data"]["image_px"] = 32
    tree["conditions"] = {
        "fine_tuning": {"all": {"model": "small", "augmentation": ["rotation"]}},
        "linear_probe": {"head": {"model": "small", "dropout": 0.5}},
        "lp_ft": {},
    }
    write_data()
    Path("report").mkdir()
    Path("report/claims.yaml").write_text("claims: []\n")
    Path("report/wording").mkdir()
    Path("report/wording/en.yaml").touch()
    Path("report/reported.yaml").write_text("source: none\ntest_images: 400\ntest_accuracy: {}\n")

    def write(**changes):
        yaml.dump(tree | changes, Path("params.yaml"))

    write()
    return write


def write_data():
    generator = np.random.default_rng(0)
    for split, count in COUNTS.items():
        labels = None if split == "test" else [row % 2 for row in range(count)]
        table = ImageTable(ids=[f"{split}-{row}" for row in range(count)], patients=["g"] * count, labels=labels)
        write_record(HERE.table_file(split), table)
        images = generator.integers(0, 255, (count, 32, 32, 1), dtype=np.uint8)
        write_array(HERE.images_file(split), images)
    description = DataDescription(
        source="folder", simulated=False, verified=None, classes=["no", "yes"], counts={}, patient_counts={},
        has_patients=False,
        limit_per_class=0, image_px=32, channels=1, original_sizes=[], content_sha256="0", checks=[], notes={},
    )  # fmt: skip
    write_record(HERE.data_description_file(), description)


def results():
    files = sorted(path for path in HERE.results.rglob("*") if path.is_file())
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.usefixtures("study")
def test_from_weights_to_predictions_with_the_same_bytes_twice():
    def run():
        weights.main()
        check.main()
        plan.main()
        features.main("small")
        fine_tune.main("all", 1)
        linear_probe.main("head")
        return results()

    first = run()
    for folder in (HERE.weights, HERE.plan, HERE.features, HERE.runs, HERE.models):
        shutil.rmtree(folder)
    assert run() == first

    history = read_record(HERE.history_file(ConditionKey("linear_probe", "head"), 2), History)
    assert (history.condition, history.seed, len(history.epochs)) == ("linear_probe/head", 2, 2)
    assert history.trained_parameters == 2 * 513
    for split in ("val", "test"):
        probabilities = open_array(HERE.probabilities_file(ConditionKey("fine_tuning", "all"), 1, split))
        assert probabilities.shape == (COUNTS[split], 2)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    assert not list(HERE.model_folder(ConditionKey("fine_tuning", "all"), 1).iterdir())
    kept = load_file(HERE.model_folder(ConditionKey("linear_probe", "head"), 0) / "model.safetensors")
    assert {"head.linear.weight", "backbone.features.0.weight"} <= set(kept)


def test_kept_networks_are_scored_on_images_from_elsewhere(study, tmp_path):
    generator = np.random.default_rng(1)
    for name in ("no", "sick"):
        (tmp_path / "clinic" / name).mkdir(parents=True)
        for number in range(3):
            image = Image.fromarray(generator.integers(0, 255, (40, 32), dtype=np.uint8))
            image.save(tmp_path / f"clinic/{name}/{number}.png")
    settings = YAML(typ="safe").load(Path("params.yaml"))["data"]
    settings["external"] = {"b": {"source": "folder", "path": "clinic", "classes": {"sick": "yes"}}}
    study(data=settings)
    weights.main()
    check.main()
    plan.main()
    features.main("small")
    fine_tune.main("all", 0)
    linear_probe.main("head")
    external.main("b")
    known = read_record(HERE.external_file("b"), ExternalSet)
    assert sorted(known.labels) == [0, 0, 0, 1, 1, 1]
    assert known.seeds == {"fine_tuning/all": [0], "linear_probe/head": [0]}
    for key in (ConditionKey("fine_tuning", "all"), ConditionKey("linear_probe", "head")):
        assert open_array(HERE.external_predictions_file("b", key)).shape == (1, 6, 2)
        # The kept network is the one whose predictions of the test images stand there.
        condition = read_record(HERE.condition_file(key), Condition)
        record, network = read_trained(condition, 0, 2)
        images = Images(open_array(HERE.images_file("test")), Normalisation(record.mean, record.std, CPU))
        again = probabilities(predict(network, images, "float32", CPU))
        np.testing.assert_allclose(again, open_array(HERE.probabilities_file(key, 0, "test")), atol=2e-3)
    HERE.kept_model_file(key, 0).unlink()
    with pytest.raises(UserError, match=r"model\.safetensors: missing; `dvc checkout`"):
        external.main("b")


def test_the_head_then_the_last_block_train(study):
    study(
        conditions={
            "fine_tuning": {}, "linear_probe": {},
            "lp_ft": {"last": {"model": "small", "head_epochs": 1, "trainable": "last block", "layer_decay": 0.5}},
        },
        keep_models="all",
    )  # fmt: skip
    weights.main()
    check.main()
    plan.main()
    lp_ft.main("last", 0)
    key = ConditionKey("lp_ft", "last")
    started, kept = load_file(HERE.weights_file("small")), load_file(HERE.kept_model_file(key, 0))
    history = read_record(HERE.history_file(key, 0), History)
    last = sum(value.size for name, value in started.items() if name.startswith("features.12."))
    assert (history.trained_parameters, len(history.epochs)) == (last + 2 * 513, 3)
    same = {name for name, value in started.items() if np.array_equal(value, kept[f"backbone.{name}"])}
    assert {name for name in started if not name.startswith("features.12.")} <= same


def test_a_solved_head_leaves_a_run_like_a_trained_one(study):
    study(head="solved")
    weights.main()
    check.main()
    plan.main()
    features.main("small")
    linear_probe.main("head")
    key = ConditionKey("linear_probe", "head")
    history = read_record(HERE.history_file(key, 0), History)
    assert (history.penalty.tried, len(history.epochs), history.trained_parameters) == (13, 1, 2 * 513)
    assert "head.linear.weight" in load_file(HERE.model_folder(key, 0) / "model.safetensors")
    others = [open_array(HERE.probabilities_file(key, seed, "test")) for seed in (0, 1)]
    np.testing.assert_array_equal(*others)


@pytest.mark.parametrize(("key", "head"), [("fine_tuning/all", "trained"), ("linear_probe/head", "solved")])
def test_a_part_of_the_training_images_trains_a_run_of_its_own(study, key, head):
    table = read_record(HERE.table_file("train"), ImageTable)
    write_record(HERE.table_file("train"), table.model_copy(update={"patients": table.ids}))
    study(head=head, train_fractions={"conditions": [key], "values": [0.5]})
    weights.main()
    check.main()
    plan.main()
    features.main("small")
    train_fraction.main(key, 0.5)
    for seed in (0, 1):
        folder = HERE.fraction_folder(ConditionKey.parse(key), 0.5, seed)
        history = read_record(history_in(folder), History)
        assert (history.train_images, history.seed) == (5, seed)
        assert open_array(probabilities_in(folder, "test")).shape == (5, 2)
    assert not HERE.models.exists()


@pytest.mark.parametrize("key", ["fine_tuning/all", "linear_probe/head"])
def test_every_image_is_tested_once_by_a_run_that_did_not_see_it(study, key):
    for split in ("train", "val"):
        table = read_record(HERE.table_file(split), ImageTable)
        write_record(HERE.table_file(split), table.model_copy(update={"patients": table.ids}))
    study(epochs=1, cross_validation={"conditions": [key], "folds": 3, "repeats": 1})
    weights.main()
    check.main()
    plan.main()
    features.main("small")
    cross_validate.main(key)
    tested = []
    for number in range(3):
        folder = HERE.fold_folder(ConditionKey.parse(key), number)
        rows = open_array(rows_of_fold_in(folder))
        assert open_array(probabilities_in(folder, "test")).shape == (len(rows), 2)
        seen = read_record(history_in(folder), History).train_images + len(open_array(probabilities_in(folder, "val")))
        assert seen + len(rows) == COUNTS["train"] + COUNTS["val"]
        tested += rows.tolist()
    assert sorted(tested) == list(range(COUNTS["train"] + COUNTS["val"]))


@pytest.mark.usefixtures("study")
def test_numbers_of_conditions_that_there_are_not_are_refused_by_the_check():
    weights.main()
    Path("report/reported.yaml").write_text("source: x\ntest_images: 400\ntest_accuracy: {fine_tuning/alls: 0.5}\n")
    claims = "claims:\n" + "".join(
        f"- {{id: {id_}, text: So., all_of: [{{kind: dropped, condition: fine_tuning/{id_}}}]}}\n"
        for id_ in ("one", "two")
    )
    Path("report/claims.yaml").write_text(claims)
    Path("report/wording/en.yaml").rename("report/wording/de.yaml")
    with pytest.raises(UserError) as told:
        check.main()
    language, one, two, alls = str(told.value).splitlines()
    assert language == "report.language: report/wording/en.yaml does not exist; known: de"
    assert one.startswith("report/claims.yaml: claim one: the study has no condition 'fine_tuning/one'; ")
    assert two.startswith("report/claims.yaml: claim two: the study has no condition 'fine_tuning/two'; ")
    assert "fine_tuning/alls: the study has no such condition; did you mean" in alls


@pytest.mark.usefixtures("study")
def test_the_plan_holds_what_decides_features_and_runs():
    weights.main()
    check.main()
    plan.main()
    start = read_record(HERE.weights_record_file("small"), InitialWeights)
    model = read_record(HERE.model_plan_file("small"), PlannedModel)
    condition = read_record(HERE.condition_file(ConditionKey("linear_probe", "head")), Condition)
    assert model.initial_weights_sha256 == condition.initial_weights_sha256 == start.sha256
    assert (condition.training.dropout, condition.training.epochs, condition.first_seed) == (0.5, 2, 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scheduler": {"name": "StepLR"}}, r"params\.yaml: scheduler: .*step_size"),
        ({"scheduler": {"name": "ReduceLROnPlateau", "mode": "max"}}, r"yaml: scheduler: .*validation loss"),
        ({"optimizer": {"name": "Adam", "lr": 0.5}}, r"yaml: optimizer\.lr: is a setting of its own"),
        (
            {"optimizer": {"name": "Adam", "weight_decay": 0.5}},
            r"yaml: optimizer\.weight_decay: is a setting",
        ),
        (
            {"optimizer": {"name": "Adam", "betas": [0.9]}},
            r"yaml: optimizer: Adam does not work .*betas: \[0\.9\]",
        ),
        ({"models": {"small": {"architecture": "vit_b_16"}}}, r"data\.image_px: vit_b_16 cannot take .* 224"),
        ({"models": {"small": {"architecture": "squeezenet"}}}, r"models\.small: .*did you mean"),
        (
            {"trainable": "from features.99"},
            r"yaml: trainable: squeezenet1_1 has no block 'features\.99'; did you mean",
        ),
        (
            {"unfreeze_every": 1, "trainable": "last 2 blocks"},
            r"yaml: unfreeze_every: 1, so the last of 2 blocks of squeezenet1_1 trains from epoch 3 on, but .* is 2;",
        ),
        ({"device": "tpu"}, r"device: 'tpu' cannot be used here"),
    ],
)
def test_an_impossible_setting_is_one_clear_error(study, changes, message):
    weights.main()
    study(**changes)
    with pytest.raises(UserError, match=message):
        check.main()


@pytest.mark.usefixtures("study")
def test_other_weights_than_the_plans_are_refused():
    weights.main()
    check.main()
    plan.main()
    HERE.weights_file("small").write_bytes(b"something else")
    with pytest.raises(UserError, match="not the weights that the plan names"):
        features.main("small")


def test_values_are_tried_once_and_the_best_in_validation_is_planned(study, monkeypatch):
    study(
        conditions={
            "fine_tuning": {"all": {"model": "small", "epochs": 1}, "own": {"model": "small", "lr": 0.1}},
            "linear_probe": {"head": {"model": "small"}}, "lp_ft": {},
        },
        tuning={"lr": [1e-3, 1e30]}, tuning_seeds=[100, 101],
    )  # fmt: skip
    weights.main()
    check.main()
    features.main("small")

    def tune():
        for seed in (100, 101):
            for name in ("all", "own"):
                tune_fine_tuning.main(name, seed)
            tune_linear_probe.main("head", seed)
        plan.main()
        return results()

    first = tune()
    tuned = {one.condition: one for one in read_record(HERE.tuning_file(), Tunings).conditions}
    assert set(tuned) == {"fine_tuning/all", "linear_probe/head"}
    assert [one.val_accuracy is None for one in tuned["fine_tuning/all"].tried] == [False, True]
    planned = read_record(HERE.condition_file(ConditionKey("fine_tuning", "all")), Condition)
    assert (planned.training.lr, planned.grid) == (1e-3, {})
    # What is known is not trained again: neither after the results were removed, nor where only they were handed over.
    monkeypatch.setattr("transfer_report.stages.tune_fine_tuning.train_network", None)
    monkeypatch.setattr("transfer_report.stages.tune_linear_probe.train_only", None)
    shutil.rmtree(HERE.trials)
    check.main()
    shutil.rmtree(HERE.tried)
    assert tune() == first


@pytest.mark.usefixtures("study")
def test_costs_of_our_models_and_of_all(monkeypatch):
    monkeypatch.setattr("transfer_report.models.latency.IMAGE_PX", 32)
    latency.main()
    costs = read_record(HERE.latency, ModelCosts)
    assert [entry.model for entry in costs.latencies] == ["small"]
    step = costs.latencies[0].step
    assert step.image_px == load_params().data.image_px
    assert 0 < step.scoring_milliseconds < step.training_milliseconds
    assert "resnet50" in {facts.architecture for facts in costs.facts}
