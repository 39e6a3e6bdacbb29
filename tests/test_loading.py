import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from dvc.utils.hydra import apply_overrides
from ruamel.yaml import YAML

from transfer_report.conditions import ConditionKey
from transfer_report.errors import UserError
from transfer_report.loading import check_data_path, check_external, load_params
from transfer_report.planning import condition_keys, models, training_settings, tuned_settings

PARAMS = Path("params.yaml").read_text(encoding="utf-8")


WEIGHTS = {"path": "weights/a.pth", "sha256": "0" * 64, "source": "RadImageNet", "licence": "CC BY 4.0"}


@pytest.fixture
def edited(tmp_path):
    """The real settings with one place changed: `edited("data.image_px", 64)`."""

    def edit(place, value):
        tree = YAML(typ="safe").load(PARAMS)
        *steps, last = place.split(".")
        branch = tree
        for step in steps:
            branch = branch[step]
        branch[last] = value
        file = tmp_path / "params.yaml"
        YAML().dump(tree, file)
        return file

    return edit


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        ("lrr", 0.1, "lrr: unknown key; did you mean 'lr'"),
        ("data.imagepx", 1, "data.imagepx: unknown key; did you mean 'image_px'"),
        ("conditions.fine_tuning.resnet50-lr.droput", 0.1, "no setting 'droput'; did you mean 'dropout'"),
        ("conditions.fine_tuned", {}, "conditions.fine_tuned"),
        ("conditions.fine_tuning.resnet50-lr.model", "resnet51", "'resnet51' is not listed .*'resnet50'"),
        ("conditions.fine_tuning.resnet50-lr.dropout", 1.5, r"resnet50-lr.dropout: .*less than 1 \(given: 1.5\)"),
        ("conditions.lp_ft.resnet50-baseline.head_epochs", 0, "train their head first; set it to 1 or more"),
        ("conditions.linear_probe.resnet50-lr.head_epochs", 2, "the head trains alone, for `epochs`; set it to 0"),
        ("conditions.fine_tuning.resnet50-lr.lr", "fast", r"resnet50-lr.lr: .*number \(given: 'fast'\)"),
        ("conditions.fine_tuning.Bad Name", {"model": "resnet50"}, "lower-case letters"),
        ("conditions.fine_tuning.bare", {"lr": 0.1}, "conditions.fine_tuning.bare.model: missing"),
        ("lr", -1.0, r"lr: .*greater than 0 \(given: -1.0\)"),
        (
            "tuning.lr",
            [1e-3, 1e-4],
            r"tuning_seeds: is empty, and lr would be tuned; write seeds .* such as \[100, 101\]",
        ),
        ("tuning.lr", [], "tuning.lr: list two values or more"),
        ("tuning.lr", [1e-3], "tuning.lr: list two values or more"),
        ("tuning.lr", [1e-3, 1e-3], "tuning.lr: a value is listed twice"),
        ("tuning.lr", [1e-3, -1.0], r"tuning.lr.1: .*greater than 0 \(given: -1.0\)"),
        ("tuning.batch_size", [8, 8.5], "tuning.batch_size.1: .*integer"),
        ("tuning.lrr", [1e-3, 1e-4], "tuning.lrr: unknown key; did you mean 'lr'"),
        ("tuning_seeds", [100, 100], "tuning_seeds: a seed is listed twice"),
        ("tuning_seeds", [100, 4, 9], r"tuning_seeds: 4: also in `seeds.fine_tuning`; take others"),
        ("conditions.fine_tuning.resnet50-lr.tuning", {"lr": [1e-3, 1e-4]}, "tuning.lr: the condition also sets `lr`"),
        (
            "conditions.linear_probe.resnet50-lr.tuning",
            {"layer_decay": [0.5, 0.9]},
            r"resnet50-lr\.tuning\.layer_decay: `layer_decay` has no effect",
        ),
        ("conditions.fine_tuning.resnet50-lr.tuning", {"lrr": [1, 2]}, "resnet50-lr.tuning.lrr: unknown key"),
        ("train_fractions.values", [0.5, 1.0], r"train_fractions.values.1: .*less than 1 \(given: 1.0\)"),
        ("train_fractions.values", [0.5, 0.5], "train_fractions.values: one is listed twice"),
        ("train_fractions.conditions", ["lp_ft/resnet50"], r"conditions: 'lp_ft/resnet50' is no condition .*; did you"),
        ("cross_validation.folds", 2, "cross_validation.folds: .*greater than or equal to 3"),
        ("cross_validation.conditions", ["lp_ft/x"], "cross_validation.conditions: 'lp_ft/x' is no condition"),
        ("train_fractions", {"conditions": ["lp_ft/resnet50-baseline"]}, "train_fractions.values: empty; write shares"),
        ("lr", "1e-3", r"lr: .*number \(given: '1e-3'\)"),
        ("lr", float("nan"), "lr: "),
        ("epochs", 2.5, r"epochs: .*integer"),
        ("epochs", True, r"epochs: .*integer"),
        ("epochs", 0, "epochs: "),
        ("seeds.fine_tuning", [], "seeds.fine_tuning: "),
        ("seeds", [0, 1], r"each strategy has its own; write\nseeds:\n  fine_tuning: \[0, 1\]"),
        ("seeds.fine_tuning", [1, 1], "seeds.fine_tuning: a seed is listed twice"),
        ("precision", "float16", "precision: .*'float32'"),
        ("data.source", "phantoms", "data.source: .*'phantom'"),
        ("analysis.clinical.operating_point", "best", "operating_point: write argmax, youden, {sensitivity"),
        ("analysis.clinical.operating_point", {"sensitivity": 1.5}, "operating_point: write argmax, youden"),
        ("analysis.clinical.operating_point", {"sensitivty": 0.9}, "operating_point: write argmax, youden"),
        ("analysis.clinical.prevalnce", 0.1, "prevalnce: unknown key; did you mean 'prevalence'"),
        ("data.patient_pattern", "(a", "not a regular expression"),
        ("data.patient_pattern", "person", "parentheses around the part"),
        ("optimizer", {"name": "Adam", "size": 3}, "no setting may be called 'size'"),
        ("optimizer", "SGD", r"optimizer: .*such as \{name: SGD.*\(given: 'SGD'\)"),
        ("optimizer", {"momentum": 0.9}, "optimizer.name: missing"),
        ("conditions.lp_ft", None, "lp_ft: is empty; .* write `lp_ft: {}`"),
        (
            "conditions.linear_probe.resnet50-lr.augmentation",
            ["rotation"],
            r"linear_probe\.resnet50-lr\.augmentation: has no effect",
        ),
        ("report.date", date(2025, 3, 4), "report.date: .*put it into quotes"),
        ("report.student_id", 12345, "report.student_id: .*put it into quotes"),
        ("models.resnet50", {"weights": "imagnet"}, "resnet50.weights: write imagenet, random, a name .*imagnet"),
        ("models.resnet50", {"weights": {"path": "a.pth"}}, "models.resnet50.weights.sha256: missing"),
        ("models.resnet50", {"weights": WEIGHTS | {"sha256": "abc"}}, r"weights.sha256: .*pattern .*given: 'abc'"),
        ("models.resnet50", {"weights": WEIGHTS | {"license": "MIT"}}, r"weights.license: unknown key; .*'licence'"),
        ("trainable", "last blocks", "trainable: write all, head, last block, .*'last blocks'"),
        ("layer_decay", 1.5, "layer_decay: .*less than or equal to 1"),
        ("unfreeze_every", -1, "unfreeze_every: .*greater than or equal to 0"),
        ("conditions.linear_probe.resnet50-lr.unfreeze_every", 1, r"resnet50-lr\.unfreeze_every: has no effect"),
        ("conditions.linear_probe.resnet50-lr.trainable", "all", r"resnet50-lr\.trainable: has no effect"),
        ("head", "solve", "head: .*'trained' or 'solved'"),
        (
            "conditions.fine_tuning.resnet50-lr.head",
            "solved",
            r"fine_tuning\.resnet50-lr\.head: solved, but .* set it in conditions of linear_probe",
        ),
        ("data.path", "", "data.path: name a folder"),
        ("data.path", "~/images", "data.path: .*~ stands for no folder"),
        ("data.path", ".", "data.path: .*the results lie in this one"),
        ("data.phantom.photons", 1e20, "data.phantom.photons: "),
        ("analysis.confidence", 95, "analysis.confidence: "),
        ("conditions", {"fine_tuning": {}}, "conditions.linear_probe: missing; .* write `linear_probe: {}`"),
        (
            "conditions",
            {"fine_tuning": {}, "linear_probe": {}, "lp_ft": {}},
            "the study has no condition",
        ),
        ("seeds.fine_tuning", [0, 2**31], "seeds.fine_tuning.1: .*less than 2147483648"),
        ("analysis.seed", 2**32, "analysis.seed: "),
        ("weights.seed", 2**64, "weights.seed: "),
    ],
)
def test_a_wrong_setting_is_named(edited, place, value, told):
    with pytest.raises(UserError, match=told) as error:
        load_params(edited(place, value))
    assert "params.yaml" in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [1", "line 1: not valid YAML"),
        ("- 1\n", "lines are expected"),
        ("", "lines are expected"),
        ("a: &x 1\nb: *x\n", "aliases"),
        ("a: 1\na: 2\n", "not valid YAML"),
        ("!!python/object/apply:os.system [ls]", "not valid YAML|lines are expected"),
    ],
)
def test_a_broken_file_is_named(tmp_path, text, told):
    file = tmp_path / "params.yaml"
    file.write_text(text)
    with pytest.raises(UserError, match=told):
        load_params(file)


def test_a_missing_or_binary_file_is_named(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        load_params(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="not UTF-8"):
        load_params(tmp_path / "params.yaml")


def test_a_condition_inherits_what_it_leaves_empty(edited):
    params = load_params(edited("lr", 0.25))
    assert training_settings(params, ConditionKey("fine_tuning", "resnet50-baseline")).lr == 0.25
    assert training_settings(params, ConditionKey("fine_tuning", "resnet50-lr")).lr == 5e-4


def test_numbers_as_dvc_writes_them_are_numbers(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text(PARAMS.replace("lr: 1.0e-3", "lr: 1e-05", 1))
    assert load_params(file).lr == 1e-5


def test_conditions_come_in_the_order_of_the_file():
    keys = list(condition_keys(load_params()))
    assert keys[0] == ("fine_tuning", "resnet50-baseline")
    assert keys[11] == ("linear_probe", "resnet50-baseline")


def test_a_model_entry_without_values_follows_its_name(edited):
    params = load_params(edited("models.small", {"architecture": "mnasnet0_5", "weights": "random"}))
    found = {model.name: (model.architecture, model.weights) for model in models(params)}
    assert found["resnet50"] == ("resnet50", "imagenet")
    assert found["small"] == ("mnasnet0_5", "random")


def test_augmentation_of_the_study_is_none_of_fixed_features(edited):
    params = load_params(edited("augmentation", ["rotation"]))
    assert training_settings(params, ConditionKey("fine_tuning", "resnet50-lr")).augmentation == ["rotation"]
    assert training_settings(params, ConditionKey("linear_probe", "resnet50-lr")).augmentation == []


def test_a_solved_head_is_one_of_probes_and_has_no_epochs(edited):
    params = load_params(edited("head", "solved"))
    probe = training_settings(params, ConditionKey("linear_probe", "resnet50-lr"))
    tuned = training_settings(params, ConditionKey("fine_tuning", "resnet50-lr"))
    assert (probe.head, probe.epochs, tuned.head, tuned.epochs) == ("solved", 1, "trained", 4)


def test_images_that_are_not_there_are_named_with_their_setting(edited):
    with pytest.raises(UserError, match=r"data\.path: no/such: no such folder"):
        check_data_path(load_params(edited("data", YAML(typ="safe").load(PARAMS)["data"] | {
            "source": "folder", "path": "no/such",
        })))  # fmt: skip


CLINIC = {"source": "folder", "path": "tests"}


def test_external_sets_need_kept_networks_and_say_how_many_runs_that_takes(edited):
    params = load_params(edited("data.external", {"clinic": CLINIC}))
    check_external(params)
    none = params.model_copy(update={"keep_models": "none"})
    runs = sum(len(params.seeds[key.strategy]) for key in condition_keys(params))
    with pytest.raises(UserError, match=f"data.external: no trained network is kept .* all {runs} runs of the study"):
        check_external(none)


def test_an_external_set_is_there_and_not_the_studys_own(edited):
    missing = load_params(edited("data.external", {"clinic": CLINIC | {"path": "elsewhere"}}))
    with pytest.raises(UserError, match=r"params.yaml: data.external.clinic.path: elsewhere: no such folder or file"):
        check_external(missing, fetched=False)
    own = missing.data.model_copy(update={"source": "folder", "path": "tests"})
    own = own.model_copy(update={"external": load_params(edited("data.external", {"clinic": CLINIC})).data.external})
    with pytest.raises(UserError, match="these are the study's own images"):
        check_external(missing.model_copy(update={"data": own}))


def test_an_external_set_that_dvc_keeps_need_not_be_fetched_for_the_plan(edited, tmp_path):
    (tmp_path / "elsewhere.dvc").touch()
    kept = load_params(edited("data.external", {"clinic": CLINIC | {"path": f"{tmp_path}/elsewhere"}}))
    check_external(kept, fetched=False)
    with pytest.raises(UserError, match=r"elsewhere: no such folder or file; .*`dvc pull` brings it"):
        check_external(kept)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"pth": "x"}, "data.external.clinic.pth: unknown key; did you mean 'path'"),
        ({"source": "phantom"}, "data.external.clinic.source: .*'folder'"),
        ({"patient_pattern": "p"}, "data.external.clinic.patient_pattern: patient_pattern needs parentheses"),
        ({"path": ""}, "data.external.clinic.path: name a folder or file"),
    ],
)
def test_a_mistake_in_an_external_set_is_named(edited, changes, told):
    with pytest.raises(UserError, match=told):
        load_params(edited("data.external", {"clinic": CLINIC | changes}))


def test_a_grid_without_effect_in_any_condition_is_refused(edited):
    path = edited("conditions.lp_ft", {})
    tree = YAML(typ="safe").load(path) | {"tuning": {"head_lr": [1e-3, 1e-4]}, "tuning_seeds": [100]}
    YAML().dump(tree, path)
    with pytest.raises(UserError, match=r"tuning\.head_lr: no condition is tuned by it"):
        load_params(path)


def test_grids_leave_out_what_a_condition_sets_and_what_has_no_effect(edited):
    path = edited("tuning", {"lr": [1e-3, 1e-4], "layer_decay": [0.5, 1.0], "head_lr": [1e-3, 1e-2]})
    tree = YAML(typ="safe").load(path) | {"tuning_seeds": [100]}
    tree["conditions"]["fine_tuning"]["resnet50-dropout"]["tuning"] = {}
    YAML().dump(tree, path)
    params = load_params(path)
    grids = {str(key): set(tuned_settings(params, key)) for key in condition_keys(params)}
    assert grids["fine_tuning/resnet50-baseline"] == {"lr", "layer_decay"}
    assert grids["fine_tuning/resnet50-lr"] == {"layer_decay"}
    assert grids["fine_tuning/resnet50-dropout"] == set()
    assert grids["linear_probe/resnet50-baseline"] == {"lr"}
    assert grids["lp_ft/resnet50-baseline"] == {"layer_decay", "head_lr"}


@pytest.mark.dvc
@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("augmentation", "[rotation]"),
        ("train_fractions.conditions", "[lp_ft/resnet50-baseline]"),
        ("cross_validation.conditions", "[lp_ft/resnet50-baseline]"),
        ("data.table.characteristics", "[age]"),
        ("tuning_seeds", "[100]"),
    ],
)
def test_empty_lists_can_be_set_and_emptied_from_the_command_line(tmp_path, place, value):
    """Where a comment follows an empty list on its line, DVC's second change leaves a file that nobody can read."""
    file = tmp_path / "params.yaml"
    shutil.copy("params.yaml", file)
    for each in (value, "[]", value):
        apply_overrides(file, [f"{place}={each}", "lr=0.01"])
    assert [line for line in PARAMS.splitlines() if re.match(r" *#", line) and line not in file.read_text()] == []
    node = YAML(typ="safe").load(file)
    for step in place.split("."):
        node = node[step]
    assert len(node) == 1
