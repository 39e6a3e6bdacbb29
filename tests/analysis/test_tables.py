"""In what a condition departs from its table's baseline."""

import pytest

from transfer_report.analysis.tables import departures
from transfer_report.conditions import ConditionKey
from transfer_report.loading import load_params
from transfer_report.planning import training_settings


@pytest.fixture
def baseline():
    return training_settings(load_params(), ConditionKey("linear_probe", "resnet50-baseline"))


def test_departures_are_the_settings_that_differ(baseline):
    assert departures(baseline, baseline) == {}
    assert departures(baseline, baseline.model_copy(update={"lr": 0.5, "dropout": 0.1})) == {"lr": 0.5, "dropout": 0.1}


def test_what_does_not_act_on_a_solved_head_is_no_departure(baseline):
    solved = baseline.model_copy(update={"head": "solved", "epochs": 1, "lr": 0.5, "class_weights": "balanced"})
    assert departures(baseline, solved) == {"head": "solved", "class_weights": "balanced"}
