"""Which edit reruns what is a promise to whoever waits for the training."""

import json
import re

import numpy as np
import pytest
from PIL import Image
from ruamel.yaml import YAML

pytestmark = pytest.mark.dvc

AFTER_TRAINING = ["evaluate", "analyse", "attention", "figures", "report", "export"]


# What follows an evaluation, follows each; `test_one_condition_edited` runs it.
UP_TO_EVALUATE = {"check", "plan", "evaluate"}


def fine_tuning(*conditions, seeds=(0, 1)):
    return {f"fine_tune@{condition}-{seed}" for condition in conditions for seed in seeds}


def two_steps(seeds=(0, 1)):
    return {f"lp_ft@small-two-steps-{seed}" for seed in seeds}


def heads(*conditions):
    return {f"linear_probe@{condition}" for condition in conditions}


def waits(study):
    """The stages whose inputs have changed."""
    return set(json.loads(study.run("dvc", "status", "--json").stdout))


def test_everything_runs_once_and_then_nothing(study, finished_study):
    conditions = ("small-baseline", "small-lr")
    first = {"weights", "check", "plan", "prepare", "features@small", "latency", *AFTER_TRAINING}
    assert set(finished_study.ran) == first | fine_tuning(*conditions) | heads(*conditions) | two_steps()
    assert study.repro() == []


def test_one_condition_edited(study):
    study.edit(**{"conditions__fine_tuning__small-lr__dropout": 0.3})
    assert set(study.repro()) == {"check", "plan", *fine_tuning("small-lr"), *AFTER_TRAINING}


def test_the_learning_rate_edited_reruns_those_without_their_own(study):
    study.edit(lr=2.0e-3)
    expected = fine_tuning("small-baseline") | heads("small-baseline")
    assert set(study.repro("evaluate")) == UP_TO_EVALUATE | expected
    assert waits(study) >= {"analyse"}


def test_a_condition_added_and_removed_again(study):
    before = study.text("metrics.json")
    study.edit(**{"conditions__fine_tuning__small-extra": {"model": "small", "dropout": 0.7}})
    assert set(study.repro()) == {"check", "plan", *fine_tuning("small-extra"), *AFTER_TRAINING}
    assert "small-extra" in json.loads(study.text("metrics.json"))["test_accuracy"]["fine_tuning"]
    study.run("git", "checkout", "params.yaml")
    ran = study.repro()
    assert not [stage for stage in ran if stage.startswith(("fine_tune", "lp_ft", "linear_probe", "features"))]
    assert study.text("metrics.json") == before
    assert "small-extra" not in study.text("results/report/report.html")
    # What DVC leaves of it would count among the inputs of later stages, here and not in a colleague's clone.
    assert not [path for path in study.folder.glob("results/*/fine_tuning/*") if "small-extra" in path.name]
    assert study.run("dvc", "status").stdout == "Data and pipelines are up to date.\n"


def test_a_template_edited_typesets_anew(study):
    template = next((study.folder / "report/templates").rglob("*.j2"))
    template.write_text(template.read_text(encoding="utf-8") + "\n{# seen #}\n", encoding="utf-8")
    assert study.repro() == ["report"]


def test_a_seed_added_costs_that_seed_alone(study):
    before = study.text("results/runs/fine_tuning/small-lr/0/history.json")
    study.edit(seeds={"fine_tuning": [0, 1, 2], "linear_probe": [0, 1], "lp_ft": [0, 1, 2]})
    expected = fine_tuning("small-baseline", "small-lr", seeds=[2]) | two_steps([2])
    assert set(study.repro("evaluate")) == UP_TO_EVALUATE | expected
    assert waits(study) >= {"analyse"}
    assert study.text("results/runs/fine_tuning/small-lr/0/history.json") == before


def test_report_metadata_edited(study):
    study.edit(report__author="A. Student")
    ran = study.repro()
    assert set(ran) == {"check", "plan", "report", "export"}
    assert "A. Student" in study.text("results/report/report.html")


def test_a_comment_reruns_nothing_that_trains(study):
    params = study.folder / "params.yaml"
    params.write_text("# A thought.\n" + params.read_text(encoding="utf-8"), encoding="utf-8")
    assert set(study.repro()) == {"check", "plan", "export"}  # which holds a copy of the settings


def test_conditions_that_change_places_change_what_is_compared_with_what(study):
    fine_tuned = YAML(typ="safe").load(study.folder / "params.yaml")["conditions"]["fine_tuning"]
    study.edit(conditions__fine_tuning=dict(reversed(fine_tuned.items())))
    ran = study.repro()
    assert {"check", "plan", "analyse", "report"} <= set(ran)
    assert not [stage for stage in ran if "@" in stage]
    table = json.loads(study.text("results/analysis/analysis.json"))["tables"][0]
    assert table["baseline"] == "fine_tuning/small-lr"


def test_a_claim_about_no_condition_is_refused_before_anything_trains(study):
    study.edit(epochs=2)
    predicate = "{kind: dropped, condition: fine_tuning/small-lrs}"
    (study.folder / "report/claims.yaml").write_text(f"claims:\n- {{id: X, text: so, all_of: [{predicate}]}}\n")
    done = study.run("dvc", "repro", check=False)
    study.run("git", "checkout", "params.yaml", "report/claims.yaml")
    assert (
        "report/claims.yaml: claim X: the study has no condition 'fine_tuning/small-lrs'; did you mean" in done.stderr
    )
    assert re.findall(r"^Running stage '([^']+)'", done.stdout, re.MULTILINE)[-1] == "check"


def test_an_external_set_added_trains_nothing(study):
    generator = np.random.default_rng(0)
    for name in ("normal", "sick"):
        for number in range(4):
            path = study.folder / f"data/clinic/{name}/{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(generator.integers(0, 256, (40, 32), dtype=np.uint8)).save(path)
    classes = {"sick": "pneumonia"}
    study.edit(data__external={"clinic": {"source": "folder", "path": "data/clinic", "classes": classes}})
    # `prepare` declares all of `data`; its images are the same, so that nothing after it runs for it.
    assert set(study.repro()) == {"check", "plan", "prepare", "external@clinic", *AFTER_TRAINING}
    assert "External test set: clinic" in study.text("results/report/report.md")
    assert study.repro() == []


def trials(study):
    """Trials that are known, as what tells a repeated one apart."""
    return {(file, file.stat().st_mtime_ns) for file in study.folder.glob(".cache/trials/*.json")}


def test_a_value_added_to_a_tuned_study_trains_that_value_alone(study):
    study.edit(tuning__lr=[1.0e-4, 1.0e-3], tuning_seeds=[100])
    tune = {f"tune_fine_tuning@{name}-100" for name in ("small-baseline", "small-lr")}
    tune |= {f"tune_linear_probe@{name}-100" for name in ("small-baseline", "small-lr")}
    assert set(study.reproduce("plan")) == tune | {"check", "plan", "tune_lp_ft@small-two-steps-100"}
    known = trials(study)
    assert len(known) == 4  # of the two conditions that set no rate of their own
    assert "small-lr" not in study.text("results/plan/tuning.json")
    assert study.repro("plan") == []
    study.edit(tuning__lr=[1.0e-4, 1.0e-3, 3.0e-3])
    ran = set(study.reproduce())
    assert {stage for stage in ran if stage.startswith("tune_")} == {stage for stage in tune if "baseline" in stage}
    assert (len(trials(study) - known), known - trials(study)) == (2, set())
    assert "Verdicts apply to the chosen values." in " ".join(study.text("results/report/report.md").split())
