"""What DVC is given: numbers that mean something, and curves it can draw."""

import json
from pathlib import Path

import pytest

from transfer_report.evaluation.summary import CURVE_COLUMNS, curves_table, metrics_tree
from transfer_report.records.models import InitialWeights


def initial_weights(model, source):
    return InitialWeights(
        model=model, architecture=model, requested="imagenet", source=source, reason="", origin="", sha256="",
        mean=[0.5], std=[0.5], parameters=1, feature_count=1,
    )  # fmt: skip


def test_metrics_are_means_over_seeds_by_strategy_and_condition(evaluation):
    tree = metrics_tree(evaluation, [])
    assert tree["test_accuracy"] == {"fine_tuning": {"a": 0.875, "b": 0.875}, "linear_probe": {"a": 0.875}}
    assert tree["test_accuracy_sd"]["fine_tuning"]["a"] == pytest.approx(0.1768)


def test_metrics_say_which_models_began_with_imagenet(evaluation):
    tree = metrics_tree(evaluation, [initial_weights("resnet50", "imagenet"), initial_weights("vgg11", "random")])
    assert tree["starts_from_imagenet_weights"] == {"resnet50": 1, "vgg11": 0}


def test_metrics_hold_numbers_and_mappings_only(evaluation):
    def leaves(node):
        return [leaf for value in node.values() for leaf in leaves(value)] if isinstance(node, dict) else [node]

    values = leaves(metrics_tree(evaluation, [initial_weights("resnet50", "random")]))
    assert values
    assert all(isinstance(value, int | float) and round(value, 4) == value for value in values)


def test_one_seed_has_no_standard_deviation(evaluation):
    runs = [c.model_copy(update={"runs": c.runs[:1]}) for c in evaluation.conditions]
    one = evaluation.model_copy(update={"conditions": runs})
    assert "test_accuracy_sd" not in metrics_tree(one, [])


def test_curves_have_a_line_per_run_epoch_and_split(evaluation):
    lines = curves_table(evaluation.conditions).splitlines()
    assert lines[0].split("\t") == list(CURVE_COLUMNS)
    assert len(lines) == 1 + 3 * 2 * 2 * 2
    assert lines[1] == "fine_tuning\ta\t0\t1\ttrain\t0.5\t1"


def test_the_plot_template_uses_columns_that_the_curves_have():
    template = Path(__file__).parents[2] / ".dvc/plots/by_condition.json"
    encoding = json.loads(template.read_text())["spec"]["encoding"]
    fields = {channel["field"] for channel in encoding.values() if "field" in channel}
    assert fields - {"x_value", "y_value"} <= set(CURVE_COLUMNS)


def test_the_plot_template_selects_inside_the_panels():
    # At the top of a faceted chart a selection is defined once a panel, and Vega refuses to draw.
    template = json.loads((Path(__file__).parents[2] / ".dvc/plots/by_condition.json").read_text())
    assert "params" not in template
    assert template["spec"]["params"][0]["select"]["fields"] == ["condition"]
