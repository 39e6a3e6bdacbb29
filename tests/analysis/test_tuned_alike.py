"""Who was not tuned like the others, and how tuned conditions are named and paired."""

import pytest

from transfer_report.analysis.design import main_question_count
from transfer_report.analysis.tables import departures
from transfer_report.analysis.tuned_alike import not_tuned_alike, tuning_facts
from transfer_report.loading import load_params
from transfer_report.planning import plan_conditions
from transfer_report.settings import TuningSettings

GRID = {"lr": [1e-4, 1e-3]}


@pytest.fixture
def params():
    """The default study with learning rates to choose from."""
    return load_params().model_copy(update={"tuning": TuningSettings(**GRID), "tuning_seeds": [100]})


def conditions(params):
    return plan_conditions(params, dict.fromkeys(params.models, ""))


def test_conditions_with_a_rate_of_their_own_are_not_tuned_alike(params):
    unlike = not_tuned_alike(conditions(params))
    assert len(unlike) == 4 + 3  # conditions that set another rate, and LP-FT
    assert {key.partition("/")[2] for key in unlike if "lp_ft" not in key} == {
        "resnet50-lr", "resnet50-lr-dropout", "efficientnet_lite0-lr"
    }  # fmt: skip


def test_nothing_tuned_nothing_said(params):
    assert tuning_facts([], conditions(params)) is None


def test_tuned_settings_are_names_and_differ_from_set_ones(params):
    by_name = {str(one.key): one for one in conditions(params)}
    baseline, dropout, own = (by_name[f"fine_tuning/resnet50-{name}"] for name in ("baseline", "dropout", "lr"))
    assert departures(baseline.training, dropout.training, baseline.grid, dropout.grid) == {"dropout": 0.5}
    assert departures(baseline.training, own.training, baseline.grid, own.grid) == {"lr": 5e-4}
    assert departures(own.training, baseline.training, own.grid, baseline.grid) == {"lr": "tuned"}


def test_tuning_alike_leaves_the_main_questions_as_they_are(params):
    assert main_question_count(params) == main_question_count(load_params())
