from tests.analysis.evidence import CONDITIONS, TABLES, comparison, curve_comparison
from tests.report.study import conditions, evaluation, weights

from transfer_report.analysis.curves import curve_evidence
from transfer_report.analysis.facts import changed_curves, compared_groups, condition_facts, run_counts
from transfer_report.analysis.families import within_table
from transfer_report.records.analysis import FailedRun

ACCURACIES = dict.fromkeys(CONDITIONS, 0.8)


def named(groups):
    return {group.name: group for group in groups}


def facts_of(weights, failed=()):
    """Facts of each condition of a study with these weights and failed runs."""
    plan = [one for one in conditions() if one.model in ("resnet50", "mobilenet_v2")]
    histories = {one.condition: [run.history for run in one.runs] for one in evaluation(plan).conditions}
    curves = [one for key, runs in histories.items() for one in curve_evidence(key, runs, 0.9, 0.95)]
    return {one.condition: one for one in condition_facts(plan, histories, curves, failed, weights)}


def test_conditions_of_models_without_the_requested_weights_are_marked():
    resnet, mobilenet = weights()
    found = facts_of([resnet, mobilenet.model_copy(update={"source": "imagenet"})])
    of_resnet = {str(one.key) for one in conditions() if one.model == "resnet50"}
    assert {key for key, one in found.items() if one.missing_weights} == of_resnet
    assert {key for key, one in found.items() if one.random_weights} == of_resnet


def test_random_weights_that_were_asked_for_are_not_missing():
    found = facts_of([one.model_copy(update={"requested": "random"}) for one in weights()])
    assert not any(one.missing_weights for one in found.values())
    assert all(one.random_weights for one in found.values())


def test_failed_runs_are_counted_with_their_seeds_by_reason():
    key, other = (str(one.key) for one in conditions()[:2])
    failed = [
        FailedRun(condition=key, seed=seed, reason=reason, class_share=1.0, train_loss=0.5, test_loss=9.0)
        for seed, reason in ((0, "one_class"), (1, "loss"), (2, "loss"))
    ]
    found = facts_of(weights(), failed)
    assert (found[key].failed_runs, found[key].failed_one_class, found[key].failed_loss) == (3, [0], [1, 2])
    assert (found[other].failed_runs, found[other].seeds, found[other].epochs) == (0, 3, 5)


def test_runs_are_counted_by_table_and_by_strategy():
    plan = conditions()
    histories = {one.condition: [run.history for run in one.runs] for one in evaluation(plan).conditions}
    table = TABLES[0].model_copy(update={"conditions": [str(one.key) for one in plan[:2]]})
    kept = histories[table.conditions[0]]
    histories[table.conditions[0]] = [kept[0].model_copy(update={"best_epoch": 0}), *kept[1:]]
    found = {one.of: one for one in run_counts([table], histories)}
    assert found[within_table(table)].runs == found["fine_tuning"].runs == 6
    assert (found["fine_tuning"].probe_runs, found["lp_ft"].runs) == (1, 0)


def test_techniques_that_change_a_measure_are_named_by_direction():
    table = TABLES[0]
    first, second = table.conditions[1:]
    pairs = [
        curve_comparison(within_table(table), first, table.baseline, "gap", "lower"),
        curve_comparison(within_table(table), second, table.baseline, "gap", "lower"),
        curve_comparison(within_table(table), second, first, "gap", "higher"),
        curve_comparison(within_table(table), first, table.baseline, "volatility"),
    ]
    (found,) = changed_curves(TABLES, pairs, failed={second})
    assert (found.measure, found.verdict, found.treatments, found.count) == ("gap", "lower", [first, second], 2)
    assert found.decided_failed == 1


def test_comparisons_with_the_baseline_are_counted_by_table_and_by_topic():
    first, second = TABLES
    pairs = [
        comparison(within_table(first), first.conditions[1], first.baseline, "better"),
        comparison(within_table(first), first.conditions[2], first.baseline),
        comparison(within_table(first), first.conditions[2], first.conditions[1]),
        comparison(within_table(second), second.conditions[1], second.baseline, "equivalent"),
    ]
    groups = named(compared_groups(TABLES, pairs, ACCURACIES))

    def counts(name):
        return [getattr(groups[name], field) for field in ("compared", "differ", "undecided", "equivalent")]

    assert counts("table-1") == [2, 1, 1, 0]
    assert counts("table-2") == [1, 0, 0, 1]
    assert counts("technique") == [3, 1, 1, 1]
    assert groups["strategy"].compared == 0
    assert groups["table-1"].undecided_techniques == [first.conditions[2]]

    for failed, decided_failed in (({first.conditions[1]}, 1), ({second.baseline}, 1), ({first.conditions[2]}, 0)):
        assert named(compared_groups(TABLES, pairs, ACCURACIES, failed))["technique"].decided_failed == decided_failed


def test_networks_from_random_weights_are_counted_apart_from_pretrained_ones():
    """What holds for networks from random weights says nothing about transfer."""
    first, second = TABLES
    pairs = [
        comparison(within_table(first), first.conditions[1], first.baseline, "better"),
        comparison(within_table(second), second.conditions[1], second.baseline),
    ]
    groups = named(compared_groups(TABLES, pairs, ACCURACIES, random=second.conditions))
    assert [groups[f"technique{start}"].compared for start in ("", ".pretrained", ".random")] == [2, 1, 1]
    assert [groups[f"technique.{start}"].differ for start in ("pretrained", "random")] == [1, 0]
    assert [groups[f"technique.{start}"].start for start in ("pretrained", "random")] == ["pretrained", "random"]
    assert "technique.pretrained" not in named(compared_groups(TABLES, pairs, ACCURACIES))


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
        group = named(compared_groups(TABLES, pairs, accuracies))["table-1"]
        return [group.detectable_smallest, group.detectable_largest, group.undetectable]

    assert found(0.158, 0.851) == [0.158, 0.158, 1]
    assert found(0.158, 0.61) == [0.158, 0.61, 0]
    assert found(0.62, 3.0) == [0.0, 0.0, 2]
    assert found(0.3, None) == [0.3, 0.3, 0]
