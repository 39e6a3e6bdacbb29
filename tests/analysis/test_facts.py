from tests.analysis.evidence import CONDITIONS, TABLES, comparison
from tests.report.study import conditions, weights

from transfer_report.analysis.facts import comparison_facts, missing_weights
from transfer_report.analysis.families import within_table


def test_conditions_of_models_without_the_requested_weights_are_marked():
    resnet, mobilenet = weights()
    marked = missing_weights(conditions(), [resnet, mobilenet.model_copy(update={"source": "imagenet"})])
    assert marked.pop("missing_weights") == 1
    assert marked.pop("missing_weights_models") == "resnet50"
    keys = {condition.key for condition in conditions() if condition.model == "resnet50"}
    assert set(marked) == {f"missing_weights.{key}" for key in keys}


def test_random_weights_that_were_asked_for_are_not_missing():
    assert missing_weights(conditions(), [one.model_copy(update={"requested": "random"}) for one in weights()]) == {
        "missing_weights": 0,
        "missing_weights_models": "",
    }


def test_comparisons_with_the_baseline_are_counted_by_table_and_by_topic():
    first, second = TABLES
    pairs = [
        comparison(within_table(first), first.conditions[1], first.baseline, "better"),
        comparison(within_table(first), first.conditions[2], first.baseline),
        comparison(within_table(first), first.conditions[2], first.conditions[1]),
        comparison(within_table(second), second.conditions[1], second.baseline, "equivalent"),
    ]
    facts = comparison_facts(TABLES, pairs, [], dict.fromkeys(CONDITIONS, 0.8))
    names = ("compared", "differ", "undecided", "equivalent")
    assert [facts[f"{name}.table-1"] for name in names] == [2, 1, 1, 0]
    assert [facts[f"{name}.table-2"] for name in names] == [1, 0, 0, 1]
    assert [facts[f"{name}.technique"] for name in names] == [3, 1, 1, 1]
    assert facts["compared.strategy"] == 0
    assert facts["undecided_techniques.table-1"] == first.conditions[2]

    for failed, decided_failed in (({first.conditions[1]}, 1), ({second.baseline}, 1), ({first.conditions[2]}, 0)):
        facts = comparison_facts(TABLES, pairs, [], dict.fromkeys(CONDITIONS, 0.8), failed)
        assert facts["decided_failed.technique"] == decided_failed


def test_networks_from_random_weights_are_counted_apart_from_pretrained_ones():
    """What holds for networks from random weights says nothing about transfer."""
    first, second = TABLES
    pairs = [
        comparison(within_table(first), first.conditions[1], first.baseline, "better"),
        comparison(within_table(second), second.conditions[1], second.baseline),
    ]
    accuracies = dict.fromkeys(CONDITIONS, 0.8)
    facts = comparison_facts(TABLES, pairs, [], accuracies, random=second.conditions)
    assert [facts[f"compared.technique{start}"] for start in ("", ".pretrained", ".random")] == [2, 1, 1]
    assert [facts[f"differ.technique.{start}"] for start in ("pretrained", "random")] == [1, 0]
    assert [facts[f"start.technique.{start}"] for start in ("pretrained", "random")] == ["pretrained", "random"]
    assert "start.technique.pretrained" not in comparison_facts(TABLES, pairs, [], accuracies)


def test_differences_that_no_accuracy_could_have_are_not_called_detectable():
    """At 61 % another accuracy is at most 61 points away."""
    first, _ = TABLES
    accuracies = dict.fromkeys(CONDITIONS, 0.61)

    def found(*detectable):
        pairs = [
            comparison(within_table(first), treatment, first.baseline).model_copy(
                update={"minimum_detectable_difference": value}
            )
            for treatment, value in zip(first.conditions[1:], detectable, strict=True)
        ]
        facts = comparison_facts(TABLES, pairs, [], accuracies)
        return [facts[f"{name}.table-1"] for name in ("detectable_smallest", "detectable_largest", "undetectable")]

    assert found(0.158, 0.851) == [0.158, 0.158, 1]
    assert found(0.158, 0.61) == [0.158, 0.61, 0]
    assert found(0.62, 3.0) == [0.0, 0.0, 2]
    assert found(0.3, None) == [0.3, 0.3, 0]
