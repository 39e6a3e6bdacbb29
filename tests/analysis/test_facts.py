import numpy as np
from tests.analysis.evidence import TABLES, comparison
from tests.analysis.samples import from_right
from tests.report.study import conditions, weights

from transfer_report.analysis.facts import comparison_facts, constant_facts, missing_weights
from transfer_report.analysis.families import within_table


def test_conditions_of_models_without_the_requested_weights_are_marked():
    resnet, mobilenet = weights()
    marked = missing_weights(conditions(), [resnet, mobilenet.model_copy(update={"source": "imagenet"})])
    assert marked.pop("missing_weights") == 1
    keys = {condition.key for condition in conditions() if condition.model == "resnet50"}
    assert set(marked) == {f"missing_weights.{key}" for key in keys}


def test_random_weights_that_were_asked_for_are_not_missing():
    assert missing_weights(conditions(), [one.model_copy(update={"requested": "random"}) for one in weights()]) == {
        "missing_weights": 0
    }


def test_pairs_are_counted_by_family_with_what_the_undecided_could_have_found():
    first, second = TABLES
    pairs = [
        comparison(within_table(first), first.conditions[1], first.baseline, "better"),
        comparison(within_table(first), first.conditions[2], first.baseline),
        comparison(within_table(first), first.conditions[2], first.conditions[1]),
        comparison(within_table(second), second.conditions[1], second.baseline, "worse"),
    ]
    pairs[1] = pairs[1].model_copy(update={"detectable": 0.08})
    facts = comparison_facts(TABLES, pairs, [])
    assert (facts["pairs.table-1"], facts["pairs_undecided.table-1"]) == (2, 1)
    assert (facts["detectable_smallest.table-1"], facts["detectable_largest.table-1"]) == (0.08, 0.08)
    assert (facts["pairs.table-2"], facts["pairs_undecided.table-2"]) == (1, 0)
    assert (facts["techniques"], facts["techniques_changed"]) == (3, 2)
    assert facts["pairs.between-tasks"] == 0


def test_runs_with_one_answer_for_all_are_counted():
    images = np.arange(10)
    told_apart, always_one = images < 8, images % 2 == 1
    test = {"a": from_right([told_apart, always_one, always_one]), "b": from_right([told_apart] * 3)}
    assert constant_facts(test) == {"constant_runs.a": 2, "constant_runs.b": 0, "constant_conditions": 1}
