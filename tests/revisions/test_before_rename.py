"""Results and texts with the old names: `before_rename/` holds a part of a study that was made with them."""

import json
import shutil
from pathlib import Path

import pytest

from transfer_report.analysis.claims.predicates import load_claims
from transfer_report.analysis.reported import load_reported
from transfer_report.before_rename import new_address, new_section, new_stage, translate_results, translate_settings
from transfer_report.conditions import ConditionKey
from transfer_report.errors import UserError
from transfer_report.files import read_record
from transfer_report.layout import Layout
from transfer_report.loading import load_params
from transfer_report.planning import Condition
from transfer_report.records.data import DataDescription
from transfer_report.records.evaluation import Evaluation

OLD = Path(__file__).with_name("before_rename")
PROBE = ConditionKey("linear_probe", "resnet50-lr")
PARAMS = Path("params.yaml").read_text(encoding="utf-8")


@pytest.fixture
def layout(tmp_path):
    shutil.copytree(OLD, tmp_path, dirs_exist_ok=True)
    predictions = tmp_path / "results/evaluation/test/fixed_features/resnet50-lr.npy"
    predictions.parent.mkdir(parents=True)
    predictions.touch()
    translate_results(Layout(tmp_path))
    return Layout(tmp_path)


def test_old_records_are_read_by_their_new_names(layout):
    evaluation = read_record(layout.evaluation_file(), Evaluation)
    keys = [ConditionKey.parse(one.condition) for one in evaluation.conditions]
    assert {key.strategy for key in keys} == {"fine_tuning", "linear_probe", "lp_ft"}
    assert PROBE in keys
    assert len(evaluation.test_patients) == len(evaluation.test_labels) == 4
    assert layout.stacked_probabilities_file(PROBE, "test").is_file()
    for key in keys:
        condition = read_record(layout.condition_file(key), Condition)
        assert (condition.key, condition.compute.image_px) == (key, 32)
        assert (condition.training.batch_norm, condition.training.unfreeze_every) == ("running", 0)
    description = read_record(layout.data_description_file(), DataDescription)
    assert description.has_patients
    assert "patients_across_splits" in [check.check for check in description.checks]


def test_settings_that_came_later_are_those_that_runs_had(layout):
    path = layout.condition_file(PROBE)
    content = json.loads(path.read_bytes())
    del content["training"]["unfreeze_every"]
    path.write_text(json.dumps(content))
    translate_results(layout)
    assert json.loads(path.read_bytes())["training"]["unfreeze_every"] == 0


def test_translated_results_stay_as_they_are(layout):
    before = {path: path.read_bytes() for path in layout.results.rglob("*") if path.is_file()}
    translate_results(layout)
    assert {path: path.read_bytes() for path in layout.results.rglob("*") if path.is_file()} == before


def test_external_sets_keep_their_seeds_and_names(layout):
    scored = {"labels": [0, 1], "patients": ["a", "b"], "left_out": {}, "seeds": {str(PROBE): [0]}}
    content = json.loads(layout.evaluation_file().read_bytes()) | {"external": {"fall": scored}}
    layout.evaluation_file().write_text(json.dumps(content))
    translate_results(layout)
    assert read_record(layout.evaluation_file(), Evaluation).external["fall"].seeds == {str(PROBE): [0]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("falls.fixed_features/a.difference.low", "drops.linear_probe/a.difference.low"),
        (
            "comparisons.between-tasks.probe_then_tune/a.fine_tuning/a.accuracy.detectable",
            "comparisons.between-strategies.lp_ft/a.fine_tuning/a.accuracy.minimum_detectable_difference",
        ),
        ("references.fine_tuning/a.accuracy", "reported.fine_tuning/a.accuracy"),
        ("facts.fell", "facts.dropped"),
        ("claims.cannot_tell", "claims.inconclusive"),
        ("data.group_counts.train", "data.patient_counts.train"),
        ("facts.detectable_smallest.table-1", "compared_groups.table-1.detectable_smallest"),
        ("facts.setting.fine_tuning/fixed_features-too.lr", "conditions.fine_tuning/fixed_features-too.settings.lr"),
        ("facts.seeds.fixed_features/a", "conditions.linear_probe/a.seeds"),
        ("facts.runs.table-1", "run_counts.table-1.runs"),
        ("facts.runs", "facts.runs"),
        ("facts.tuning_runs", "facts.tuning.runs"),
        ("facts.tuning_edge_conditions", "facts.tuning.edge"),
        ("facts.failed_loss_seeds.lp_ft/a", "conditions.lp_ft/a.failed_loss"),
        ("facts.count_gap_lower.table-1", "changed_curves.table-1.gap.lower.count"),
    ],
)
def test_addresses_have_new_names(old, new):
    assert new_address(old) == new
    assert new_address(new) == new


def test_stages_sections_and_settings_have_new_names():
    assert [new_stage(name) for name in ("train_head@a", "probe_then_tune", "fine_tune@a-0")] == [
        "linear_probe@a", "lp_ft", "fine_tune@a-0",
    ]  # fmt: skip
    assert [new_section(name) for name in ("fixed_features-resnet50", "probe_then_tune", "test")] == [
        "linear_probe-resnet50", "lp_ft", "test",
    ]  # fmt: skip
    assert translate_settings({"group_pattern": "a", "seed": 1}) == {"patient_pattern": "a", "seed": 1}


def test_old_settings_are_refused_with_their_new_names(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text(PARAMS.replace("  linear_probe:", "  fixed_features:").replace("patient_pattern", "group_pattern"))
    with pytest.raises(UserError) as refused:
        load_params(file)
    assert str(refused.value).splitlines() == [
        f"{file}: conditions.fixed_features: renamed to conditions.linear_probe; write the new name",
        f"{file}: data.group_pattern: renamed to data.patient_pattern; write the new name",
    ]


def test_old_names_in_claims_are_refused_but_not_in_their_words(tmp_path):
    file = tmp_path / "claims.yaml"
    predicate = "{kind: fell, condition: probe_then_tune/a}"
    file.write_text(
        "given:\n  fixed_features/a: {lr: 0.1}\n"
        f"claims:\n- {{id: fell, text: fixed_features/a fell, all_of: [{predicate}, {predicate}]}}\n"
    )
    with pytest.raises(UserError) as refused:
        load_claims(file)
    assert str(refused.value).splitlines() == [
        f"{file}: fixed_features/a: renamed to linear_probe/a; write the new name",
        f"{file}: kind: fell: renamed to kind: dropped; write the new name",
        f"{file}: probe_then_tune/a: renamed to lp_ft/a; write the new name",
    ]


def test_the_old_file_of_reported_numbers_is_named(tmp_path):
    old = tmp_path / "reference.yaml"
    old.write_text("source: x\ntest_images: 400\ntest_accuracy: {fixed_features/a: 0.5}\n")
    with pytest.raises(UserError, match=r"reference\.yaml: renamed to .*reported\.yaml; `git mv "):
        load_reported(tmp_path / "reported.yaml", [])
    old.rename(tmp_path / "reported.yaml")
    with pytest.raises(UserError, match="fixed_features/a: renamed to linear_probe/a"):
        load_reported(tmp_path / "reported.yaml", [])
