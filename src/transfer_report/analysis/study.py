"""The whole analysis: from predictions and histories to what may be said."""

from collections.abc import Sequence
from math import comb
from typing import get_args

import numpy as np

from transfer_report.analysis.calibration import calibration_bins
from transfer_report.analysis.claims.predicates import (
    compared_conditions,
    compared_curves,
    levels_claimed,
)
from transfer_report.analysis.clinical.levels import clinical_levels
from transfer_report.analysis.comparisons import Question, error_rate, uncorrected
from transfer_report.analysis.components import Components, overconfidence, recall, recall_gap
from transfer_report.analysis.controls import (
    auroc_levels,
    compare_with_controls,
    controls,
    not_above_controls,
)
from transfer_report.analysis.cost import run_seconds
from transfer_report.analysis.cross_validation import cross_validated
from transfer_report.analysis.curves import (
    compare_curves,
)
from transfer_report.analysis.decisions import Statements, decide
from transfer_report.analysis.drops import drop
from transfer_report.analysis.estimates import estimate, estimate_of, p_of_components
from transfer_report.analysis.external import (
    external_drops,
    external_scores,
    external_summaries,
)
from transfer_report.analysis.facts import (
    changed_curves,
    compared_groups,
    condition_facts,
    run_counts,
    study_facts,
)
from transfer_report.analysis.failures import failed_runs
from transfer_report.analysis.families import (
    CLAIMS,
    Pair,
    claimed_pairs,
    network_pairs,
    planned_pairs,
    pretraining_pairs,
    question_of,
    weights_pairs,
    within_table,
)
from transfer_report.analysis.hard_images import hard_images
from transfer_report.analysis.inputs import TESTED, AnalysisInputs
from transfer_report.analysis.power import plans
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.reported_comparison import compare_with_reported
from transfer_report.analysis.rules import HARD_IMAGE_SHARE
from transfer_report.analysis.selection import best_by_validation, recommended
from transfer_report.analysis.size_curves import size_curve
from transfer_report.analysis.subgroups import subgroups
from transfer_report.analysis.t_interval import p_of_level
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
    LevelTest,
    Measurement,
    Metric,
    ReportedResult,
    Selection,
    SizeCurve,
)
from transfer_report.records.base import Split

TESTED_MEASURES: tuple[CurveMeasure, ...] = ("gap", "volatility")
"""Measures of the learning curves that are tested for each technique."""

ESTIMATED: tuple[Metric, ...] = get_args(Metric)


def gather_evidence(study: AnalysisInputs) -> Evidence:
    """Estimate, compare and test everything that a sentence or a claim may use."""
    estimates = _estimates(study)
    selection = selection_of(study, {key: metrics["accuracy"] for key, metrics in estimates["val"].items()})
    curves = study.curves
    test = list(study.predictions["test"].values())
    hard = hard_images(test, study.evaluation.test_ids, HARD_IMAGE_SHARE)
    worst, best = study.extreme_classes(selection.recommended)
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
        facts=study_facts(study, selection, decided, planned, failed, against_controls, len(hard)),
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


def decided_statements(study: AnalysisInputs, selection: Selection, risks: Sequence[LevelTest]) -> Statements:
    """Return all that the report may state, decided together.

    Args:
        study: what is tested.
        selection: what validation chose.
        risks: tests of predicted risks.
    """
    worst, best = study.extreme_classes(selection.recommended)
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


def _reported(study: AnalysisInputs) -> list[ReportedResult]:
    return [
        compare_with_reported(
            study.predictions["test"][key], accuracy, study.reported.test_images, study.settings.confidence
        )
        for key, accuracy in study.reported.test_accuracy.items()
    ]
