"""Counts and settings that sentences name: how large the study is, what its runs did, how many comparisons decide."""

from collections.abc import Collection, Mapping, Sequence
from itertools import product
from typing import Any

from transfer_report.analysis.components import recall
from transfer_report.analysis.controls import unbeaten_controls
from transfer_report.analysis.curves import LEVEL_SHARE, OVERFITTING_LOSS, keeps_last_epoch
from transfer_report.analysis.decisions import POWER, Statements
from transfer_report.analysis.failures import failure_rate_limit
from transfer_report.analysis.families import (
    BETWEEN_STRATEGIES,
    NETWORKS,
    pretraining_unavailable,
    uncompared_models,
    within_table,
)
from transfer_report.analysis.inputs import AnalysisInputs
from transfer_report.analysis.power import CAUTION, MORE_SEEDS, able
from transfer_report.analysis.questions import TOPICS, by_start, main_comparisons
from transfer_report.analysis.rules import FAILED_LOSS, RANKS_WELL, largest_possible_difference
from transfer_report.analysis.shift import NEGLIGIBLE_AUROC
from transfer_report.analysis.tables import plain
from transfer_report.analysis.tuned_alike import tuning_facts
from transfer_report.planning import Condition
from transfer_report.records.analysis import (
    Comparison,
    ControlComparison,
    CurveComparison,
    CurveEvidence,
    FailedRun,
    QuestionPlan,
    Selection,
    StudyTable,
)
from transfer_report.records.facts import ChangedCurves, ComparedGroup, ConditionFacts, RunCounts, Start, StudyFacts
from transfer_report.records.models import InitialWeights
from transfer_report.records.training import History
from transfer_report.settings import TrainingSettings


def study_facts(
    study: AnalysisInputs,
    selection: Selection,
    decided: Statements,
    planned: Sequence[QuestionPlan],
    failed: Sequence[FailedRun],
    against_controls: Sequence[ControlComparison],
    hard: int,
) -> StudyFacts:
    """Return the size of the study, the thresholds of its rules, and counts over all conditions.

    Args:
        study: Inputs of the analysis.
        selection: What validation chose.
        decided: All that may be stated.
        planned: Plans of the main questions.
        failed: Runs that failed.
        against_controls: Comparisons with the controls.
        hard: Images that most conditions get wrong.
    """
    settings, comparisons = study.settings, decided.comparisons
    seeds = [len(one.runs) for one in study.evaluation.conditions]
    images = {split: sum(counts) for split, counts in study.description.counts.items()}
    undetected = [shift.features for shift in decided.shifts if shift.verdict == "inconclusive"]
    unbeaten = unbeaten_controls(against_controls, decided.levels)
    validated = study.predictions["val"][selection.recommended]
    worst, best = study.extreme_classes(selection.recommended)
    missing = [one.model for one in study.weights if one.is_missing]
    return StudyFacts(
        conditions=len(study.conditions),
        runs=sum(seeds),
        seeds=min(seeds),
        most_seeds=max(seeds),
        epochs=max(one.training.head_epochs + one.training.epochs for one in study.conditions),
        train_images=images["train"],
        val_images=images["val"],
        test_images=images["test"],
        classes=len(study.description.classes),
        class_names=study.description.classes,
        confidence=settings.confidence,
        margin=settings.equivalence_margin,
        target_difference=settings.target_difference,
        power=POWER,
        failed_loss=FAILED_LOSS,
        rise=OVERFITTING_LOSS,
        level_share=LEVEL_SHARE,
        negligible_auroc=NEGLIGIBLE_AUROC,
        ranks_well=RANKS_WELL,
        plan_limit=1 - CAUTION,
        more_seeds=MORE_SEEDS,
        strategy_settings=other_settings(study.as_set, comparisons, BETWEEN_STRATEGIES),
        network_settings=other_settings(study.as_set, comparisons, NETWORKS),
        uncompared_models=uncompared_models(study.tables, study.weights_by_model),
        pretraining_models=pretraining_models(study.tables, comparisons),
        pretraining_unavailable=pretraining_unavailable(study.tables, study.as_set_by_key, study.weights_by_model),
        missing_weights=len(missing),
        missing_weights_models=missing,
        failed_runs=len(failed),
        failed_conditions=len({run.condition for run in failed}),
        failures_not_excluded=failure_rate_limit(min(seeds), settings.confidence),
        failures_not_excluded_by_most=failure_rate_limit(max(seeds), settings.confidence),
        dropped=sum(one.verdict == "dropped" for one in decided.drops),
        undetected_shifts=undetected,
        undetected_shift_count=len(undetected),
        plans=len(planned),
        plans_able=able(planned, 1),
        plans_within_reach=able(planned, MORE_SEEDS),
        not_above_majority=sum(len(unbeaten[group]) for group in ("ranks", "weak", "nothing")),
        not_above_statistics=len(unbeaten["statistics"]),
        not_above_controls=unbeaten,
        hard_images=hard,
        worst_class=study.description.classes[worst],
        best_class=study.description.classes[best],
        worst_class_index=worst,
        best_class_index=best,
        worst_class_validated=recall(validated, worst).value,
        best_class_validated=recall(validated, best).value,
        reported_source=study.reported.source,
        tuning=tuning_facts(study.tunings, study.as_set),
    )


def condition_facts(
    conditions: Sequence[Condition],
    histories: Mapping[str, Sequence[History]],
    curves: Sequence[CurveEvidence],
    failed: Sequence[FailedRun],
    weights: Sequence[InitialWeights],
) -> list[ConditionFacts]:
    """Return counts of each condition's runs, and its settings."""
    rising = {
        one.condition: sum(epoch is not None for epoch in one.per_seed)
        for one in curves
        if one.measure == "overfitting_onset"
    }
    of_model = {one.model: one for one in weights}
    found = []
    for one in conditions:
        key = str(one.key)
        seeds = {reason: [run.seed for run in failed if (run.condition, run.reason) == (key, reason)]
                 for reason in ("one_class", "loss")}  # fmt: skip
        found.append(
            ConditionFacts(
                condition=key,
                seeds=len(histories[key]),
                epochs=min(len(run.epochs) for run in histories[key]),
                rising_runs=rising[key],
                failed_runs=sum(map(len, seeds.values())),
                failed_one_class_runs=len(seeds["one_class"]),
                failed_one_class=seeds["one_class"],
                failed_loss_runs=len(seeds["loss"]),
                failed_loss=seeds["loss"],
                random_weights=of_model[one.model].source == "random",
                missing_weights=of_model[one.model].is_missing,
                settings={name: plain(getattr(one.training, name)) for name in TrainingSettings.model_fields},
            )
        )
    return found


def other_settings(conditions: Sequence[Condition], comparisons: Sequence[Comparison], family: str) -> list[str]:
    """Return the settings in which conditions that are compared within a family differ besides."""
    settings = {str(one.key): _settings_of(one) for one in conditions}
    pairs = [(settings[one.treatment], settings[one.reference]) for one in comparisons if one.family == family]
    return [name for name in _settings_of(conditions[0]) if any(one[name] != other[name] for one, other in pairs)]


def _settings_of(condition: Condition) -> dict[str, Any]:
    """The settings that all strategies have, tuned ones as lists; epochs are those of both steps."""
    settings = condition.as_set
    if condition.strategy == "linear_probe":  # that its head alone trains is the strategy
        settings["trainable"] = "all"
    before = settings.pop("head_epochs")
    return settings | {
        "epochs": [epochs + before for epochs in condition.grid.get("epochs", [condition.training.epochs])]
    }


def run_counts(tables: Sequence[StudyTable], histories: Mapping[str, Sequence[History]]) -> list[RunCounts]:
    """Return counts of the runs of each table, and of the strategies whose networks are fine-tuned."""
    found = []
    members = {within_table(table): table.conditions for table in tables}
    for strategy in ("lp_ft", "fine_tuning"):
        members[strategy] = [key for table in tables if table.strategy == strategy for key in table.conditions]
    for of, keys in members.items():
        runs = [run for key in keys for run in histories[key]]
        found.append(
            RunCounts(
                of=of,
                runs=len(runs),
                last_epoch_runs=sum(keeps_last_epoch(run) for run in runs),
                probe_runs=sum(run.best_epoch == 0 for run in runs),
            )
        )
    return found


def changed_curves(
    tables: Sequence[StudyTable], comparisons: Sequence[CurveComparison], failed: Collection[str] = ()
) -> list[ChangedCurves]:
    """Return the techniques of each table that change gap or volatility."""
    found = []
    for table, measure, verdict in product(tables, ("gap", "volatility"), ("higher", "lower")):
        changed = [
            one.treatment
            for one in comparisons
            if (one.family, one.reference, one.measure, one.verdict)
            == (within_table(table), table.baseline, measure, verdict)
        ]
        if changed:
            found.append(
                ChangedCurves(
                    family=within_table(table),
                    measure=measure,
                    verdict=verdict,
                    treatments=changed,
                    count=len(changed),
                    decided_failed=sum(bool({key, table.baseline} & {*failed}) for key in changed),
                )
            )
    return found


def compared_groups(
    tables: Sequence[StudyTable],
    comparisons: Sequence[Comparison],
    accuracies: Mapping[str, float],
    failed: Collection[str] = (),
    random: Collection[str] = (),
    weak: Collection[str] = (),
) -> list[ComparedGroup]:
    """Count comparisons of test accuracy by topic, start and table: all, and those with each kind of verdict.

    Args:
        tables: All tables of the study.
        comparisons: Any.
        accuracies: Test accuracy by condition.
        failed: Conditions with failed runs.
        random: Conditions that started from random weights.
        weak: Conditions that are not shown to beat a control without training.
    """
    groups: dict[str, list[Comparison]] = {topic: main_comparisons(comparisons, topic) for topic in TOPICS}
    for topic in TOPICS:
        groups |= by_start(comparisons, topic, random)
    for table in tables:
        asked = ("accuracy", within_table(table), table.baseline)
        groups[within_table(table)] = [one for one in comparisons if (one.metric, one.family, one.reference) == asked]
    return [_counted(name, members, accuracies, failed, weak) for name, members in groups.items()]


def _counted(
    name: str,
    members: Sequence[Comparison],
    accuracies: Mapping[str, float],
    failed: Collection[str],
    weak: Collection[str],
) -> ComparedGroup:
    start: Start = "pretrained" if name.endswith(".pretrained") else "random" if name.endswith(".random") else "all"
    equivalent = [one for one in members if one.verdict == "equivalent"]
    undecided = [one for one in members if one.verdict == "inconclusive"]
    decided = [one for one in members if one.verdict != "inconclusive"]
    least = [
        (one.minimum_detectable_difference, largest_possible_difference(accuracies[one.reference]))
        for one in undecided
        if one.minimum_detectable_difference is not None
    ]
    possible = [found for found, most in least if found <= most] or [0.0]
    return ComparedGroup(
        name=name,
        start=start,
        compared=len(members),
        differ=sum(one.verdict in ("better", "worse") for one in members),
        equivalent=len(equivalent),
        equivalent_weak=sum({one.treatment, one.reference} <= {*weak} for one in equivalent),
        undecided=len(undecided),
        undecided_techniques=[one.treatment for one in undecided],
        decided_failed=sum(bool({one.treatment, one.reference} & {*failed}) for one in decided),
        detectable_smallest=min(possible),
        detectable_largest=max(possible),
        undetectable=sum(found > most for found, most in least),
    )


def pretraining_models(tables: Sequence[StudyTable], comparisons: Sequence[Comparison]) -> list[str]:
    """Return the models whose pretraining is tested."""
    pretrained = {one.treatment for one in main_comparisons(comparisons, "pretraining")}
    return list(dict.fromkeys(table.model for table in tables if pretrained & {*table.conditions}))
