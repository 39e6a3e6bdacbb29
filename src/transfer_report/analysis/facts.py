"""Counts and settings that sentences name: how large the study is, what its runs did, how many comparisons decide."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from transfer_report.analysis.comparisons import POWER
from transfer_report.analysis.curves import LEVEL_SHARE, OVERFITTING_LOSS, keeps_last_epoch
from transfer_report.analysis.families import BETWEEN_TASKS, PRETRAINING, is_within_table, within_table
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.shift import NEGLIGIBLE_AUROC
from transfer_report.analysis.tables import plain
from transfer_report.params import AnalysisSettings, Condition, TrainingSettings
from transfer_report.records import (
    Comparison,
    CurveEvidence,
    DataDescription,
    Fall,
    History,
    StartWeights,
    StudyTable,
)

Facts = dict[str, float | int | str]


def study_facts(
    conditions: Sequence[Condition], seeds: int, description: DataDescription, settings: AnalysisSettings
) -> Facts:
    """The size of the study, and the thresholds of its rules."""
    return {
        "conditions": len(conditions),
        "seeds": seeds,
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
        "power": POWER,
        "rise": OVERFITTING_LOSS,
        "level_share": LEVEL_SHARE,
        "negligible_auroc": NEGLIGIBLE_AUROC,
    }


def confounding_facts(conditions: Sequence[Condition], comparisons: Sequence[Comparison]) -> Facts:
    """The settings in which conditions that are compared between the ways to train differ besides."""
    settings = {one.key: _settings_of(one) for one in conditions}
    pairs = [(settings[one.treatment], settings[one.reference]) for one in comparisons if one.family == BETWEEN_TASKS]
    names = [name for name in _settings_of(conditions[0]) if any(one[name] != other[name] for one, other in pairs)]
    return {"task_settings": ", ".join(names)}


def _settings_of(condition: Condition) -> dict[str, Any]:
    """The settings that all ways to train have; epochs are those of both steps."""
    settings = condition.training.model_dump()
    return settings | {"epochs": settings["epochs"] + settings.pop("head_epochs")}


def run_facts(
    tables: Sequence[StudyTable], histories: Mapping[str, Sequence[History]], curves: Sequence[CurveEvidence]
) -> Facts:
    """What the runs of each condition, and of each table, did."""
    facts: Facts = {f"epochs.{key}": min(len(run.epochs) for run in runs) for key, runs in histories.items()}
    for one in curves:
        if one.measure == "overfitting_onset":
            facts[f"rising_runs.{one.condition}"] = sum(epoch is not None for epoch in one.per_seed)
    for table in tables:
        runs = [run for key in table.conditions for run in histories[key]]
        facts[f"runs.{within_table(table)}"] = len(runs)
        facts[f"last_epoch_runs.{within_table(table)}"] = sum(keeps_last_epoch(run) for run in runs)
    return facts


def constant_facts(test: Mapping[str, Predictions]) -> Facts:
    """How many runs of each condition give every test image the same class, and how many conditions have such runs."""
    runs = {key: sum(len(np.unique(own)) == 1 for own in one.predicted) for key, one in test.items()}
    facts: Facts = {f"constant_runs.{key}": count for key, count in runs.items()}
    return facts | {"constant_conditions": sum(count > 0 for count in runs.values())}


def comparison_facts(tables: Sequence[StudyTable], comparisons: Sequence[Comparison], falls: Sequence[Fall]) -> Facts:
    """How many comparisons there are of each kind, and how many of them decide."""
    accuracy = [one for one in comparisons if one.metric == "accuracy"]
    baselines = {table.baseline for table in tables}
    against_baseline = [one for one in accuracy if one.reference in baselines and is_within_table(one.family)]
    of_table = {
        within_table(table): [one for one in against_baseline if one.family == within_table(table)] for table in tables
    }
    by_question = {family: [one for one in accuracy if one.family == family] for family in (BETWEEN_TASKS, PRETRAINING)}
    counts: Facts = {}
    for family, members in (by_question | of_table).items():
        counts |= _decided(family, members)
    return counts | {
        "techniques": len(against_baseline),
        "techniques_changed": sum(one.verdict in ("better", "worse") for one in against_baseline),
        "fell": sum(one.verdict == "fell" for one in falls),
    }


def _decided(name: str, comparisons: Sequence[Comparison]) -> Facts:
    """Of some comparisons, how many are undecided, and between what these could have found."""
    undecided = [one for one in comparisons if one.verdict == "cannot_tell"]
    detectable = [one.detectable for one in undecided if one.detectable is not None] or [0.0]
    return {
        f"pairs.{name}": len(comparisons),
        f"pairs_undecided.{name}": len(undecided),
        f"detectable_smallest.{name}": min(detectable),
        f"detectable_largest.{name}": max(detectable),
    }


def missing_weights(conditions: Sequence[Condition], weights: Sequence[StartWeights]) -> Facts:
    """How many models did not start from the weights asked for, and a mark for each of their conditions."""
    models = {one.model for one in weights if one.source != one.requested}
    marks = {f"missing_weights.{one.key}": 1 for one in conditions if one.model in models}
    return {"missing_weights": len(models), **marks}
