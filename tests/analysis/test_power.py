"""Planning: parts of a variance that are known, a plan for the study as it is, and what a target takes."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from tests.analysis.evidence import evidence
from tests.analysis.samples import drawn
from tests.report.study import description
from typer.testing import CliRunner

from transfer_report.analysis.comparisons import Question, uncorrected
from transfer_report.analysis.cost import run_seconds
from transfer_report.analysis.decisions import Statements, decide, minimum_detectable_difference
from transfer_report.analysis.moderation import seed_spreads
from transfer_report.analysis.power import PairVariance, plans
from transfer_report.commands.app import app
from transfer_report.commands.power import planned
from transfer_report.files import write_record
from transfer_report.layout import HERE
from transfer_report.records.analysis import Analysis, QuestionPlan
from transfer_report.records.models import StepTime


def study(generator, seeds=5, images=300, seed_sd=0.3):
    """Two conditions, compared as the only main question."""
    ease = generator.normal(1.5, 1.5, images)
    runs = {name: drawn(generator, seeds, images, seed_sd=seed_sd, ease=ease, condition=name) for name in "ab"}
    spreads = seed_spreads("t", {name: one.correct.mean(axis=1) for name, one in runs.items()})
    question = Question("accuracy", "table-1", 0.02, 0.95, 100, 0, role="main")
    found = decide(Statements(comparisons=[uncorrected(runs["a"], runs["b"], question, spreads)]), 0.05)
    return found.comparisons, runs, spreads


def test_many_runs_on_many_images_leave_what_they_say():
    variance = PairVariance(seeds=(0.0016, 0.0016), interaction=(0.0, 0.0), images=0.0, added_df=2.0)
    # Two conditions of four points' spread, five seeds: the non-central t with 12 degrees of freedom.
    expected = minimum_detectable_difference(0.05, np.sqrt(2 * 0.0016 / 5), 12)
    assert variance.detectable(5, 200, 0.05) == pytest.approx(expected)
    assert expected == pytest.approx(0.078, abs=0.001)


def test_more_of_either_detects_less():
    variance = PairVariance(seeds=(0.001, 0.002), interaction=(0.1, 0.12), images=0.1, added_df=2.0)
    for seeds, images in ((3, 200), (5, 1000)):
        here = variance.detectable(seeds, images, 0.05)
        assert variance.detectable(seeds + 1, images, 0.05) < here
        assert variance.detectable(seeds, 2 * images, 0.05) < here


def test_a_plan_for_the_study_as_it_is_is_cautious(generator):
    ratios = []
    for _ in range(20):
        comparisons, runs, spreads = study(generator)
        (plan,) = plans(comparisons, runs, spreads, comparisons[0].minimum_detectable_difference, 0.05, {})
        ratios.append(plan.seeds_needed / plan.seeds if plan.seeds_needed else 4)
    assert 1 <= np.median(ratios) <= 2.5  # the upper limit of a variance with 8 degrees of freedom is 1.7 times it


def test_what_no_number_of_seeds_reaches(generator):
    comparisons, runs, spreads = study(generator, images=60)
    (plan,) = plans(comparisons, runs, spreads, 0.01, 0.05, {})
    assert plan.seeds_needed is None
    assert "more of both" in planned(plan) or "test images" in planned(plan)


def test_exploratory_comparisons_are_not_planned(generator):
    comparisons, runs, spreads = study(generator)
    others = [comparisons[0].model_copy(update={"role": "exploratory"})]
    assert plans(others, runs, spreads, 0.05, 0.05, {}) == []


def test_the_cost_is_that_of_the_runs_that_are_missing(generator):
    comparisons, runs, spreads = study(generator, images=2000)
    (plan,) = plans(comparisons, runs, spreads, 0.03, 0.05, {"a": 10.0, "b": 4.0})
    assert plan.seeds_needed > plan.seeds
    assert plan.seconds == 14 * (plan.seeds_needed - plan.seeds)
    (unknown,) = plans(comparisons, runs, spreads, 0.03, 0.05, {"a": 10.0})
    assert unknown.seconds is None
    (enough,) = plans(comparisons, runs, spreads, 0.9, 0.05, {"a": 10.0, "b": 4.0})
    assert enough.seconds == 0


@pytest.mark.parametrize(("strategy", "expected"), [("fine_tuning", 4 * 2.0 + 4 * 0.2 + 0.5), ("linear_probe", 0)])
def test_a_run_costs_its_updates_and_its_scoring(strategy, expected):
    training = SimpleNamespace(epochs=4)
    step = StepTime(image_px=40, batch=16, threads=1, training_milliseconds=10, scoring_milliseconds=2)
    images = {"train": 200, "val": 100, "test": 250}
    assert run_seconds(SimpleNamespace(strategy=strategy, training=training), step, images) == pytest.approx(expected)


def test_the_command_says_with_what_power_and_caution_it_plans(tmp_path, monkeypatch):
    plan = QuestionPlan(
        treatment="a", reference="b", detectable=0.08, error=0.01, limit="seeds", seeds=5, images=200, target=0.05,
        seeds_needed=9, images_needed=None,
    )  # fmt: skip
    monkeypatch.chdir(tmp_path)
    write_record(HERE.analysis_file(), Analysis(**dict(evidence(plans=[plan])), findings=[], claims=[]))
    printed = CliRunner().invoke(app, ["power"], catch_exceptions=False).output
    assert "With 80 % power, at an error of 1 % for each" in printed
    assert "Target: 5 points" in printed
    assert "the upper 80 % limit" in printed


def test_before_any_training_the_command_plans_by_size(tmp_path, monkeypatch):
    shutil.copy("params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    missing = CliRunner().invoke(app, ["power"])
    assert "dvc repro prepare" in str(missing.exception)
    write_record(HERE.data_description_file(), description())
    printed = CliRunner().invoke(app, ["power"], catch_exceptions=False).output
    assert printed.startswith("By its size alone (5 seeds, 200 test images, 23 main questions)")
