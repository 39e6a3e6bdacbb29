"""Counts and settings that sentences name: how large the study is, what its runs did, how many comparisons decide."""

from collections.abc import Collection, Mapping, Sequence
from itertools import product
from typing import Any

from transfer_report.analysis.curves import LEVEL_SHARE, OVERFITTING_LOSS, keeps_last_epoch
from transfer_report.analysis.decisions import POWER
from transfer_report.analysis.families import BETWEEN_STRATEGIES, NETWORKS, within_table
from transfer_report.analysis.questions import TOPICS, by_start, main_comparisons
from transfer_report.analysis.rules import FAILED_LOSS, largest_possible_difference
from transfer_report.analysis.shift import NEGLIGIBLE_AUROC
from transfer_report.analysis.tables import plain
from transfer_report.planning import Condition
from transfer_report.records.analysis import (
    Comparison,
    CurveComparison,
    CurveEvidence,
    Drop,
    QuestionPlan,
    ShiftTest,
    StudyTable,
)
from transfer_report.records.data import DataDescription
from transfer_report.records.evaluation import Evaluation
from transfer_report.records.models import InitialWeights
from transfer_report.records.training import History
from transfer_report.settings import AnalysisSettings, TrainingSettings

Facts = dict[str, float | int | str]


def study_facts(
    conditions: Sequence[Condition], evaluation: Evaluation, description: DataDescription, settings: AnalysisSettings
) -> Facts:
    """The size of the study, and the thresholds of its rules."""
    seeds = {one.condition: len(one.runs) for one in evaluation.conditions}
    return {
        "conditions": len(conditions),
        "runs": sum(seeds.values()),
        "seeds": min(seeds.values()),
        "most_seeds": max(seeds.values()),
        **{f"seeds.{key}": count for key, count in seeds.items()},
        "epochs": max(one.training.head_epochs + one.training.epochs for one in conditions),
        **{
            f"setting.{one.key}.{name}": plain(getattr(one.training, name))
            for one in conditions
            for name in TrainingSettings.model_fields
        },
        **{f"{split}_images": sum(counts) for split, counts in description.counts.items()},
        "classes": len(description.classes),
        "confidence": settings.confidence,
        "margin": settings.equivalence_margin,
        "target_difference": settings.target_difference,
        "power": POWER,
        "failed_loss": FAILED_LOSS,
        "rise": OVERFITTING_LOSS,
        "level_share": LEVEL_SHARE,
        "negligible_auroc": NEGLIGIBLE_AUROC,
    }


def confounding_facts(conditions: Sequence[Condition], comparisons: Sequence[Comparison]) -> Facts:
    """The settings in which conditions that are compared between strategies, or between networks, differ besides."""
    settings = {str(one.key): _settings_of(one) for one in conditions}
    facts: Facts = {}
    for fact, family in (("strategy_settings", BETWEEN_STRATEGIES), ("network_settings", NETWORKS)):
        pairs = [(settings[one.treatment], settings[one.reference]) for one in comparisons if one.family == family]
        names = [name for name in _settings_of(conditions[0]) if any(one[name] != other[name] for one, other in pairs)]
        facts[fact] = ", ".join(names)
    return facts


def _settings_of(condition: Condition) -> dict[str, Any]:
    """The settings that all strategies have, tuned ones as lists; epochs are those of both steps."""
    settings = condition.as_set
    if condition.strategy == "linear_probe":  # that its head alone trains is the strategy
        settings["trainable"] = "all"
    before = settings.pop("head_epochs")
    return settings | {
        "epochs": [epochs + before for epochs in condition.grid.get("epochs", [condition.training.epochs])]
    }


def shift_facts(shifts: Sequence[ShiftTest]) -> Facts:
    """The features in which no shift was detected, and how many they are."""
    undetected = [shift.features for shift in shifts if shift.verdict == "inconclusive"]
    return {"undetected_shifts": ", ".join(undetected), "undetected_shift_count": len(undetected)}


def run_facts(
    tables: Sequence[StudyTable], histories: Mapping[str, Sequence[History]], curves: Sequence[CurveEvidence]
) -> Facts:
    """Return facts about the runs of each condition and each table."""
    facts: Facts = {f"epochs.{key}": min(len(run.epochs) for run in runs) for key, runs in histories.items()}
    for one in curves:
        if one.measure == "overfitting_onset":
            facts[f"rising_runs.{one.condition}"] = sum(epoch is not None for epoch in one.per_seed)
    for table in tables:
        runs = [run for key in table.conditions for run in histories[key]]
        facts[f"runs.{within_table(table)}"] = len(runs)
        facts[f"last_epoch_runs.{within_table(table)}"] = sum(keeps_last_epoch(run) for run in runs)
        facts[f"probe_runs.{within_table(table)}"] = sum(run.best_epoch == 0 for run in runs)
    for strategy, counted in (("lp_ft", "probe_runs"), ("fine_tuning", "last_epoch_runs")):
        families = [within_table(table) for table in tables if table.strategy == strategy]
        for name in ("runs", counted):
            facts[f"{name}.{strategy}"] = sum(int(facts[f"{name}.{family}"]) for family in families)
    return facts


def changed_curves(
    comparisons: Sequence[CurveComparison], table: StudyTable, measure: str, verdict: str
) -> list[CurveComparison]:
    """The comparisons of a table's techniques with its baseline that have a verdict on a measure."""
    return [
        one
        for one in comparisons
        if (one.family, one.reference, one.measure, one.verdict)
        == (within_table(table), table.baseline, measure, verdict)
    ]


def curve_facts(
    tables: Sequence[StudyTable], comparisons: Sequence[CurveComparison], failed: Collection[str] = ()
) -> Facts:
    """Return the techniques of each table that change gap or volatility, with counts and failed runs."""
    facts: Facts = {}
    for table, measure, verdict in product(tables, ("gap", "volatility"), ("higher", "lower")):
        changed = [one.treatment for one in changed_curves(comparisons, table, measure, verdict)]
        name = f"{measure}_{verdict}.{within_table(table)}"
        facts[f"changed_{name}"] = ", ".join(changed)
        facts[f"count_{name}"] = len(changed)
        facts[f"failed_{name}"] = sum(bool({key, table.baseline} & {*failed}) for key in changed)
    return facts


def comparison_facts(
    tables: Sequence[StudyTable],
    comparisons: Sequence[Comparison],
    drops: Sequence[Drop],
    accuracies: Mapping[str, float],
    failed: Collection[str] = (),
    random: Collection[str] = (),
    weak: Collection[str] = (),
) -> Facts:
    """Count comparisons of test accuracy by topic, start and table: all, and those with each kind of verdict.

    Args:
        tables: All tables of the study.
        comparisons: Any.
        drops: From validation to test.
        accuracies: Test accuracy by condition.
        failed: Conditions with failed runs.
        random: Conditions that started from random weights.
        weak: Conditions that are not shown to beat a control without training.
    """
    of_topic: dict[str, list[Comparison]] = {topic: main_comparisons(comparisons, topic) for topic in TOPICS}
    of_table = {
        within_table(table): [
            one
            for one in comparisons
            if (one.metric, one.family, one.reference) == ("accuracy", within_table(table), table.baseline)
        ]
        for table in tables
    }
    of_start = {group: members for topic in TOPICS for group, members in by_start(comparisons, topic, random).items()}
    counts: Facts = {f"start.{group}": group.rpartition(".")[2] if "." in group else "all" for group in of_start}
    counts |= {f"random_weights.{key}": 1 for key in sorted(random)}
    pretrained = [one.treatment for one in of_topic["pretraining"]]
    models = [table.model for table in tables if {*table.conditions} & {*pretrained}]
    counts["pretraining_models"] = ", ".join(dict.fromkeys(models))
    for group, members in (of_topic | of_start | of_table).items():
        counts[f"compared.{group}"] = len(members)
        differ = [one for one in members if one.verdict in ("better", "worse")]
        counts[f"differ.{group}"] = len(differ)
        equivalent = [one for one in members if one.verdict == "equivalent"]
        counts[f"equivalent.{group}"] = len(equivalent)
        counts[f"equivalent_weak.{group}"] = sum({one.treatment, one.reference} <= {*weak} for one in equivalent)
        undecided = [one for one in members if one.verdict == "inconclusive"]
        counts[f"undecided.{group}"] = len(undecided)
        decided = [one for one in members if one.verdict != "inconclusive"]
        counts[f"decided_failed.{group}"] = sum(bool({one.treatment, one.reference} & {*failed}) for one in decided)
        counts |= _detectable(group, undecided, accuracies)
    for group, members in of_table.items():
        names = [one.treatment for one in members if one.verdict == "inconclusive"]
        counts[f"undecided_techniques.{group}"] = ", ".join(names)
    return counts | {"dropped": sum(one.verdict == "dropped" for one in drops)}


def _detectable(group: str, undecided: Sequence[Comparison], accuracies: Mapping[str, float]) -> Facts:
    """Return the range of the possible differences that comparisons could detect, and how many could detect none."""
    known = [(one.minimum_detectable_difference, accuracies[one.reference]) for one in undecided]
    detectable = [
        (least, least <= largest_possible_difference(accuracy)) for least, accuracy in known if least is not None
    ]
    possible = [least for least, is_possible in detectable if is_possible] or [0.0]
    return {
        f"detectable_smallest.{group}": min(possible),
        f"detectable_largest.{group}": max(possible),
        f"undetectable.{group}": sum(not is_possible for _, is_possible in detectable),
    }


MORE_SEEDS = 3
"""Times the seeds of a study that its next step could take."""


def plan_facts(plans: Sequence[QuestionPlan]) -> Facts:
    """Return how many main questions can detect the target difference, now and with `MORE_SEEDS` times the seeds."""

    def able(times: int) -> int:
        return sum(plan.seeds_needed is not None and plan.seeds_needed <= times * plan.seeds for plan in plans)

    return {
        "plans": len(plans),
        "plans_able": able(1),
        "plans_within_reach": able(MORE_SEEDS),
        "more_seeds": MORE_SEEDS,
    }


def missing_weights(conditions: Sequence[Condition], weights: Sequence[InitialWeights]) -> Facts:
    """The models that did not start from the weights asked for, and a mark for each of their conditions."""
    models = [one.model for one in weights if one.is_missing]
    marks = {f"missing_weights.{one.key}": 1 for one in conditions if one.model in models}
    return {"missing_weights": len(models), "missing_weights_models": ", ".join(models), **marks}
