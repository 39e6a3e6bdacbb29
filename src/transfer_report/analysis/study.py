"""The whole analysis: from predictions and histories to what may be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import comb
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from transfer_report.analysis.calibration import calibration_bins
from transfer_report.analysis.claims.predicates import (
    Claim,
    compared_conditions,
    compared_curves,
    levels_claimed,
)
from transfer_report.analysis.clinical.levels import clinical_levels
from transfer_report.analysis.comparisons import Question, error_rate, uncorrected
from transfer_report.analysis.components import Components, components, overconfidence, recall, recall_gap
from transfer_report.analysis.controls import (
    SplitFeatures,
    auroc_levels,
    compare_with_controls,
    controls,
    not_above_controls,
    unbeaten_controls,
)
from transfer_report.analysis.cost import run_seconds
from transfer_report.analysis.cross_validation import cross_validated
from transfer_report.analysis.curves import (
    LEVEL_SHARE,
    OVERFITTING_LOSS,
    compare_curves,
    curve_evidence,
    level_to_reach,
)
from transfer_report.analysis.decisions import POWER, Statements, decide
from transfer_report.analysis.drops import drop
from transfer_report.analysis.estimates import estimate, estimate_of, p_of_components
from transfer_report.analysis.external import (
    ExternalPredictions,
    external_drops,
    external_scores,
    external_summaries,
    paired_predictions,
)
from transfer_report.analysis.facts import (
    changed_curves,
    compared_groups,
    condition_facts,
    other_settings,
    pretraining_models,
    run_counts,
)
from transfer_report.analysis.failures import failed_runs, failure_rate_limit
from transfer_report.analysis.families import (
    BETWEEN_STRATEGIES,
    CLAIMS,
    NETWORKS,
    Pair,
    claimed_pairs,
    network_pairs,
    planned_pairs,
    pretraining_pairs,
    pretraining_unavailable,
    question_of,
    uncompared_models,
    weights_pairs,
    within_table,
)
from transfer_report.analysis.hard_images import hard_images
from transfer_report.analysis.moderation import SeedSpread, seed_spreads
from transfer_report.analysis.power import CAUTION, MORE_SEEDS, able, plans
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.reported import Reported
from transfer_report.analysis.reported_comparison import compare_with_reported
from transfer_report.analysis.rules import FAILED_LOSS, HARD_IMAGE_SHARE, RANKS_WELL
from transfer_report.analysis.selection import best_by_validation, recommended
from transfer_report.analysis.shift import NEGLIGIBLE_AUROC
from transfer_report.analysis.size_curves import size_curve
from transfer_report.analysis.subgroups import subgroups
from transfer_report.analysis.t_interval import p_of_level
from transfer_report.analysis.tables import study_tables
from transfer_report.analysis.tuned_alike import tuning_facts
from transfer_report.evaluation.metrics import Floats
from transfer_report.planning import Condition
from transfer_report.records.analysis import (
    MAJORITY_CLASS,
    Comparison,
    Control,
    ControlComparison,
    CrossValidated,
    CurveComparison,
    CurveEvidence,
    CurveMeasure,
    Estimate,
    Evidence,
    FailedRun,
    LevelTest,
    Measurement,
    Metric,
    QuestionPlan,
    ReportedResult,
    Selection,
    ShiftTest,
    SizeCurve,
    StudyTable,
    Tested,
)
from transfer_report.records.base import Split
from transfer_report.records.data import DataDescription
from transfer_report.records.evaluation import Evaluation
from transfer_report.records.facts import StudyFacts
from transfer_report.records.models import InitialWeights, Latency, ModelFacts
from transfer_report.records.training import History
from transfer_report.records.tuning import Tuning
from transfer_report.settings import AnalysisSettings

TESTED: tuple[Tested, ...] = get_args(Tested)
"""The metrics in which conditions are compared."""

TESTED_MEASURES: tuple[CurveMeasure, ...] = ("gap", "volatility")
"""Measures of the learning curves that are tested for each technique."""

ESTIMATED: tuple[Metric, ...] = get_args(Metric)


@dataclass(frozen=True)
class AnalysisInputs:
    """Inputs of the analysis."""

    conditions: Sequence[Condition]
    weights: Sequence[InitialWeights]
    evaluation: Evaluation
    probabilities: Mapping[Split, Mapping[str, Floats]]
    """By split (val, test) and condition: (seeds, images, classes)."""
    description: DataDescription
    train_labels: Sequence[int]
    statistics: SplitFeatures
    """Simple image statistics of all splits."""
    features: Mapping[str, SplitFeatures]
    """Frozen features of all splits, by model."""
    shifts: Sequence[ShiftTest]
    published: Sequence[ModelFacts]
    latencies: Sequence[Latency]
    reported: Reported
    claims: Sequence[Claim]
    """Their comparisons are tested, even where nothing else needs them."""
    settings: AnalysisSettings
    characteristics: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Of each test image, by name; empty where unknown."""
    external: Mapping[str, Mapping[str, Floats]] = field(default_factory=dict)
    """By external set and condition: (kept seeds, images, classes)."""
    given: Sequence[Condition] = ()
    """The conditions as set, with the values to choose from; empty where none is tuned."""
    tunings: Sequence[Tuning] = ()
    fractions: Mapping[tuple[str, float], Floats] = field(default_factory=dict)
    """By condition and fraction of the training images: (seeds, test images, classes)."""
    folds: Mapping[str, Floats] = field(default_factory=dict)
    """By condition that is cross-validated: (repeats, training and validation images, classes)."""

    @cached_property
    def tables(self) -> list[StudyTable]:
        """The study's tables."""
        return study_tables(self.as_set)

    @cached_property
    def as_set(self) -> Sequence[Condition]:
        """The conditions before tuning: what they are named and compared by."""
        return self.given or self.conditions

    @cached_property
    def as_set_by_key(self) -> dict[str, Condition]:
        """The same by key."""
        return {str(condition.key): condition for condition in self.as_set}

    @cached_property
    def conditions_by_key(self) -> dict[str, Condition]:
        """The conditions by key."""
        return {str(condition.key): condition for condition in self.conditions}

    @cached_property
    def weights_by_model(self) -> dict[str, InitialWeights]:
        """Actual initial weights of each model."""
        return {weights.model: weights for weights in self.weights}

    @cached_property
    def predictions(self) -> dict[Split, dict[str, Predictions]]:
        """Predictions of every condition, held against the labels."""
        return {
            split: {key: self.predicted(key, split, array) for key, array in arrays.items()}
            for split, arrays in self.probabilities.items()
        }

    @cached_property
    def labels(self) -> dict[Split, NDArray[np.intp]]:
        """(images,), class indices of validation and test images."""
        return {
            "val": np.asarray(self.evaluation.val_labels),
            "test": np.asarray(self.evaluation.test_labels),
        }

    @cached_property
    def patients(self) -> dict[Split, NDArray[np.str_]]:
        """(images,), patients of validation and test images."""
        return {
            "val": np.asarray(self.evaluation.val_patients),
            "test": np.asarray(self.evaluation.test_patients),
        }

    @cached_property
    def spreads(self) -> dict[Tested, dict[str, SeedSpread]]:
        """How the seeds of each condition vary in each tested metric, each table's moderated together."""
        return {metric: _spreads(self, metric) for metric in TESTED}

    def predicted(self, condition: str, split: Split, probabilities: Floats) -> Predictions:
        """Predictions (seeds, images, classes) of a split with what they are compared with."""
        return Predictions(condition, split, probabilities, self.labels[split], self.patients[split])

    @cached_property
    def histories(self) -> dict[str, list[History]]:
        """The runs of every condition, in the order of the seeds."""
        return {one.condition: [run.history for run in one.runs] for one in self.evaluation.conditions}

    @cached_property
    def curves(self) -> list[CurveEvidence]:
        """Every measure of every condition's learning curves."""
        return _curves(self)

    @cached_property
    def elsewhere(self) -> list[ExternalPredictions]:
        """Predictions on external images, paired with those of the same runs on the test images."""
        return paired_predictions(
            self.evaluation.external,
            self.external,
            self.predictions["test"],
            {one.condition: one.seeds for one in self.evaluation.conditions},
        )


def gather_evidence(study: AnalysisInputs) -> Evidence:
    """Estimate, compare and test everything that a sentence or a claim may use."""
    estimates = _estimates(study)
    selection = selection_of(study, {key: metrics["accuracy"] for key, metrics in estimates["val"].items()})
    curves = study.curves
    test = list(study.predictions["test"].values())
    hard = hard_images(test, study.evaluation.test_ids, HARD_IMAGE_SHARE)
    worst, best = _extreme_classes(study.predictions["val"][selection.recommended])
    elsewhere = study.elsewhere
    controlled, against_controls = _controls(study)
    decided = decided_statements(study, selection, _risks(study, selection, against_controls))
    comparisons = decided.comparisons
    failed = failed_runs(study.evaluation.conditions)
    failed_conditions = {run.condition for run in failed}
    planned = plans(
        comparisons,
        study.predictions["test"],
        study.spreads["accuracy"],
        study.settings.target_difference,
        error_rate(study.settings.confidence),
        _seconds(study),
    )
    return Evidence(
        facts=_facts(study, selection, decided, planned, failed, against_controls, len(hard)),
        conditions=condition_facts(study.conditions, study.histories, curves, failed, study.weights),
        run_counts=run_counts(study.tables, study.histories),
        compared_groups=compared_groups(
            study.tables,
            comparisons,
            {key: metrics["accuracy"].value for key, metrics in estimates["test"].items()},
            failed_conditions,
            {str(one.key) for one in study.conditions if study.weights_by_model[one.model].source == "random"},
            not_above_controls(against_controls),
        ),
        changed_curves=changed_curves(study.tables, decided.curve_comparisons, failed_conditions),
        selection=selection,
        tables=study.tables,
        estimates=estimates,
        curves=curves,
        calibration={one.condition: calibration_bins(one, study.settings.calibration_bins) for one in test},
        measurements=_measurements(study, best, worst),
        controls=controlled,
        control_comparisons=against_controls,
        failed_runs=failed,
        hard_images=hard,
        size_curves=_size_curves(study),
        cross_validated=_cross_validated(study),
        external=external_summaries(
            study.evaluation.external, elsewhere, comparisons, decided.external_drops, study.settings.confidence
        ),
        external_scores=external_scores(elsewhere, study.settings),
        **vars(decided),
        plans=planned,
        tunings=list(study.tunings),
        published=list(study.published),
        latencies=list(study.latencies),
    )


def _facts(
    study: AnalysisInputs,
    selection: Selection,
    decided: Statements,
    planned: Sequence[QuestionPlan],
    failed: Sequence[FailedRun],
    against_controls: Sequence[ControlComparison],
    hard: int,
) -> StudyFacts:
    settings, comparisons = study.settings, decided.comparisons
    seeds = [len(one.runs) for one in study.evaluation.conditions]
    images = {split: sum(counts) for split, counts in study.description.counts.items()}
    undetected = [shift.features for shift in decided.shifts if shift.verdict == "inconclusive"]
    unbeaten = unbeaten_controls(against_controls, decided.levels)
    validated = study.predictions["val"][selection.recommended]
    worst, best = _extreme_classes(validated)
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
        missing_weights=[one.model for one in study.weights if one.is_missing],
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


def decided_statements(study: AnalysisInputs, selection: Selection, risks: Sequence[LevelTest]) -> Statements:
    """Return all that the report may state, decided together.

    Args:
        study: what is tested.
        selection: what validation chose.
        risks: tests of predicted risks.
    """
    worst, best = _extreme_classes(study.predictions["val"][selection.recommended])
    return decide(
        Statements(
            comparisons=_comparisons(study, _pairs(study, selection)),
            curve_comparisons=_curve_comparisons(study, study.curves),
            drops=[
                drop(study.predictions["val"][key], on_test, study.settings.confidence)
                for key, on_test in study.predictions["test"].items()
            ],
            subgroups=subgroups(
                study.predictions["test"][selection.recommended], study.characteristics, study.settings.confidence
            ),
            external_drops=external_drops(study.elsewhere, study.settings.confidence),
            shifts=list(study.shifts),
            reported=_reported(study),
            levels=[*_levels(study, study.curves, selection.recommended, (best, worst)), *risks],
        ),
        error_rate(study.settings.confidence),
    )


def _cross_validated(study: AnalysisInputs) -> list[CrossValidated]:
    folds = study.evaluation.folds
    if folds is None:
        return []
    return cross_validated(study.folds, np.array(folds.labels), np.array(folds.codes), study.settings.confidence)


def _size_curves(study: AnalysisInputs) -> list[SizeCurve]:
    found = []
    for key in dict.fromkeys(one.condition for one in study.evaluation.fractions):
        images = {one.fraction: one.images for one in study.evaluation.fractions if one.condition == key}
        runs = {fraction: study.predicted(key, "test", study.fractions[key, fraction]) for fraction in images}
        runs[1.0], images[1.0] = study.predictions["test"][key], float(len(study.train_labels))
        found.append(size_curve(runs, images, study.settings.confidence))
    return found


def _seconds(study: AnalysisInputs) -> dict[str, float]:
    """Return the seconds that one more run of each condition takes, where its model was timed."""
    steps = {latency.model: latency.step for latency in study.latencies if latency.step}
    images: dict[Split, int] = {"train": len(study.train_labels)}
    images |= {split: len(labels) for split, labels in study.labels.items()}
    return {
        key: run_seconds(condition, steps[condition.model], images)
        for key, condition in study.conditions_by_key.items()
        if condition.model in steps
    }


def _estimates(study: AnalysisInputs) -> dict[Split, dict[str, dict[Metric, Estimate]]]:
    """Every metric of every condition on every split."""
    return {
        split: {key: _every_metric(study, one) for key, one in by_condition.items()}
        for split, by_condition in study.predictions.items()
    }


def _every_metric(study: AnalysisInputs, one: Predictions) -> dict[Metric, Estimate]:
    return {
        metric: estimate(metric, one, study.settings.confidence, study.settings.calibration_bins)
        for metric in ESTIMATED
    }


def _controls(study: AnalysisInputs) -> tuple[list[Control], list[ControlComparison]]:
    """How the controls score, and every condition against those that it has to beat."""
    scored, on_test = [], {}
    made = controls(
        np.asarray(study.train_labels),
        study.labels["val"],
        len(study.labels["test"]),
        study.statistics,
        study.features,
        study.settings.seed,
    )
    for one in made:
        predicted = {split: study.predicted(one.name, split, array[None]) for split, array in one.probabilities.items()}
        of_splits = {split: _every_metric(study, predictions) for split, predictions in predicted.items()}
        if one.name == MAJORITY_CLASS:  # it ranks no image, so that its AUROC is 0.5 on any images
            for metrics in of_splits.values():
                metrics["auroc"] = metrics["auroc"].model_copy(update={"low": 0.5, "high": 0.5, "standard_error": 0.0})
        scored.append(Control(name=one.name, neighbours=one.neighbours, estimates=of_splits))
        on_test[one.name] = predicted["test"]
    return scored, compare_with_controls(study.predictions["test"], on_test, study.settings.confidence)


def selection_of(study: AnalysisInputs, accuracies: dict[str, Estimate]) -> Selection:
    """Return the selection by validation accuracy, overall and in each table."""
    trained = {key: runs[0].trained_parameters for key, runs in study.histories.items()}
    return Selection(
        best=best_by_validation(accuracies),
        recommended=recommended(accuracies, trained),
        best_of_table={
            table.number: best_by_validation({key: accuracies[key] for key in table.conditions})
            for table in study.tables
        },
    )


def _pairs(study: AnalysisInputs, selection: Selection) -> list[Pair]:
    """The planned comparisons, and those that only a claim asks for."""
    planned = planned_pairs(study.tables, selection.best_of_table)
    planned += pretraining_pairs(study.tables, study.as_set_by_key, study.weights_by_model)
    planned += weights_pairs(study.tables, study.as_set_by_key, study.weights_by_model)
    planned += network_pairs(study.tables, study.weights_by_model)
    return planned + claimed_pairs([pair for claim in study.claims for pair in compared_conditions(claim)], planned)


def _comparisons(study: AnalysisInputs, pairs: Sequence[Pair]) -> list[Comparison]:
    """Every pair in every tested metric; main questions are asked of accuracy."""
    settings, test = study.settings, study.predictions["test"]
    compared = []
    for metric in TESTED:
        for pair in pairs:
            main = metric == "accuracy" and pair.central and question_of(pair.topic) in settings.main_questions
            question = Question(
                metric=metric,
                family=pair.family,
                role="main" if main else "exploratory",
                topic=pair.topic,
                margin=settings.equivalence_margin,
                confidence=settings.confidence,
                resamples=settings.resamples,
                seed=settings.seed,
            )
            compared.append(uncorrected(test[pair.reference], test[pair.treatment], question, study.spreads[metric]))
    return compared


def _spreads(study: AnalysisInputs, metric: Metric) -> dict[str, SeedSpread]:
    """How the seeds of each condition vary, each table's moderated together."""
    spreads: dict[str, SeedSpread] = {}
    for table in study.tables:
        values = {key: components(metric, study.predictions["test"][key]).values for key in table.conditions}
        spreads |= seed_spreads(within_table(table), values)
    return spreads


def _curves(study: AnalysisInputs) -> list[CurveEvidence]:
    """Every measure of every condition; the level to reach is one for a table."""
    found = []
    for table in study.tables:
        level = level_to_reach([study.histories[key] for key in table.conditions])
        for key in table.conditions:
            found += curve_evidence(key, study.histories[key], level, study.settings.confidence)
    return found


def _risks(study: AnalysisInputs, selection: Selection, against: Sequence[ControlComparison]) -> list[LevelTest]:
    """Tests of the recommended condition's risks, and of how conditions rank that do not beat the majority class."""
    val, test = (study.predictions[split][selection.recommended] for split in ("val", "test"))
    weak = [key for key, control in not_above_controls(against).items() if control == MAJORITY_CLASS]
    ranked = {key: study.predictions["test"][key] for key in weak}
    return [
        *clinical_levels(val, test, study.settings),
        *auroc_levels(ranked, study.settings.confidence, study.spreads["auroc"]),
    ]


def _curve_comparisons(study: AnalysisInputs, curves: Sequence[CurveEvidence]) -> list[CurveComparison]:
    """Compare curves of techniques with their baselines, and those that claims name; no others are tested."""
    by_key = {(one.condition, one.measure): one for one in curves}
    table_of = {key: table for table in study.tables for key in table.conditions}
    asked = [
        (within_table(table), treatment, table.baseline, measure)
        for table in study.tables
        for treatment in table.conditions[1:]
        for measure in TESTED_MEASURES
    ]
    known = {(frozenset((treatment, reference)), measure) for _, treatment, reference, measure in asked}
    for treatment, reference, measure in (one for claim in study.claims for one in compared_curves(claim)):
        together = table_of[treatment] == table_of[reference]
        pair = (frozenset((treatment, reference)), measure)
        # Between tables the level differs, and with it what the epochs count.
        if pair not in known and (together or measure != "epochs_to_level"):
            known.add(pair)
            asked.append((within_table(table_of[treatment]) if together else CLAIMS, treatment, reference, measure))
    return [
        compare_curves(by_key[reference, measure], by_key[treatment, measure], family, study.settings.confidence)
        for family, treatment, reference, measure in asked
    ]


def _levels(
    study: AnalysisInputs, curves: Sequence[CurveEvidence], recommended: str, extreme: tuple[int, int]
) -> list[LevelTest]:
    """Each baseline's gap, what claims say of curves, and two quantities of the recommended condition.

    The classes whose recalls are compared were chosen by validation of the same runs, so that a run's bias for a class
    is in both: the p-value is corrected for all pairs of classes.
    """
    of_curves = {(one.condition, one.measure): one.estimate for one in curves}
    asked: list[tuple[str, CurveMeasure, float]] = [
        (table.baseline, "gap", study.settings.equivalence_margin) for table in study.tables
    ]
    asked += [level for claim in study.claims for level in levels_claimed(claim)]
    found = [
        LevelTest(name=measure, condition=condition, level=level, estimate=known, p_value=p_of_level(known, level))
        for condition, measure, level in dict.fromkeys(asked)
        if (known := of_curves[condition, measure]) is not None
    ]
    one, confidence = study.predictions["test"][recommended], study.settings.confidence
    measured: dict[str, tuple[Components, int]] = {
        "recall_gap": (recall_gap(one, *extreme), comb(one.classes, 2)),
        "overconfidence": (overconfidence(one), 1),
    }
    for name, (parts, ways) in measured.items():
        p_value = p_of_components(parts, 0.0)
        corrected = None if p_value is None else min(1.0, ways * p_value)
        known = estimate_of(parts, confidence)
        found.append(LevelTest(name=name, condition=recommended, level=0.0, estimate=known, p_value=corrected))
    return found


def _measurements(study: AnalysisInputs, best: int, worst: int) -> list[Measurement]:
    found = []
    for key, one in study.predictions["test"].items():
        parts = {f"recall-{index}": recall(one, index) for index in range(one.classes)}
        parts |= {"recall_gap": recall_gap(one, best, worst), "overconfidence": overconfidence(one)}
        found += [
            Measurement(name=name, condition=key, estimate=estimate_of(part, study.settings.confidence))
            for name, part in parts.items()
        ]
    return found


def _extreme_classes(predictions: Predictions) -> tuple[int, int]:
    """The classes that are recognised worst and best."""
    recalls = [recall(predictions, index).value for index in range(predictions.classes)]
    worst, best = int(np.argmin(recalls)), int(np.argmax(recalls))
    return (worst, best) if worst != best else (predictions.classes - 1, 0)


def _reported(study: AnalysisInputs) -> list[ReportedResult]:
    return [
        compare_with_reported(
            study.predictions["test"][key], accuracy, study.reported.test_images, study.settings.confidence
        )
        for key, accuracy in study.reported.test_accuracy.items()
    ]
