"""The whole analysis: from predictions and histories to what may be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

import numpy as np

from transfer_report.analysis.calibration import calibration_bins
from transfer_report.analysis.comparisons import Question, adjust_families, uncorrected
from transfer_report.analysis.components import overconfidence, recall, recall_gap
from transfer_report.analysis.curves import (
    MEASURES,
    adjust_curve_families,
    compare_curves,
    curve_evidence,
    level_to_reach,
)
from transfer_report.analysis.estimates import estimate, estimate_of
from transfer_report.analysis.facts import (
    comparison_facts,
    confounding_facts,
    constant_facts,
    missing_weights,
    run_facts,
    study_facts,
)
from transfer_report.analysis.falls import falls
from transfer_report.analysis.families import (
    Pair,
    claimed_pairs,
    planned_pairs,
    pretraining_pairs,
    within_table,
)
from transfer_report.analysis.hard_images import hard_images
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.reference import adjust_references, compare_with_reported
from transfer_report.analysis.reported import Reported
from transfer_report.analysis.rules import HARD_IMAGE_SHARE
from transfer_report.analysis.selection import best_by_validation, recommended
from transfer_report.analysis.tables import study_tables
from transfer_report.evaluation.metrics import Floats
from transfer_report.params import AnalysisSettings, Condition
from transfer_report.records import (
    Comparison,
    CurveComparison,
    CurveEvidence,
    DataDescription,
    Estimate,
    Evaluation,
    Evidence,
    History,
    Latency,
    Measurement,
    Metric,
    ModelFacts,
    ReferenceResult,
    Selection,
    ShiftTest,
    Split,
    StartWeights,
    StudyTable,
    Tested,
)

TESTED: tuple[Tested, ...] = get_args(Tested)
"""The metrics in which conditions are compared."""

ESTIMATED: tuple[Metric, ...] = get_args(Metric)


@dataclass(frozen=True)
class Study:
    """What the analysis reads."""

    conditions: Sequence[Condition]
    weights: Sequence[StartWeights]
    evaluation: Evaluation
    probabilities: Mapping[Split, Mapping[str, Floats]]
    """By split (val, test) and condition: (seeds, images, classes)."""
    description: DataDescription
    shifts: Sequence[ShiftTest]
    published: Sequence[ModelFacts]
    latencies: Sequence[Latency]
    reported: Reported
    claimed_pairs: Sequence[tuple[str, str]]
    """(treatment, reference) of the claims, to be compared where no table does."""
    settings: AnalysisSettings

    @cached_property
    def tables(self) -> list[StudyTable]:
        """The study's tables."""
        return study_tables(list(self.conditions))

    @cached_property
    def predictions(self) -> dict[Split, dict[str, Predictions]]:
        """Predictions of every condition, held against the labels."""
        truth: dict[Split, tuple[list[int], list[str]]] = {
            "val": (self.evaluation.val_labels, self.evaluation.val_groups),
            "test": (self.evaluation.test_labels, self.evaluation.test_groups),
        }
        return {
            split: {
                key: Predictions(key, split, array, np.asarray(truth[split][0]), np.asarray(truth[split][1]))
                for key, array in arrays.items()
            }
            for split, arrays in self.probabilities.items()
        }

    @cached_property
    def histories(self) -> dict[str, list[History]]:
        """The runs of every condition, in the order of the seeds."""
        return {one.condition: [run.history for run in one.runs] for one in self.evaluation.conditions}


def gather_evidence(study: Study) -> Evidence:
    """Estimate, compare and test everything that a sentence or a claim may speak of."""
    estimates = _estimates(study)
    selection = _selection(study, {key: metrics["accuracy"] for key, metrics in estimates["val"].items()})
    pairs = _pairs(study, selection)
    comparisons = _comparisons(study, pairs)
    curves = _curves(study)
    found_falls = falls(
        [(study.predictions["val"][key], test) for key, test in study.predictions["test"].items()],
        study.settings.confidence,
    )
    test = list(study.predictions["test"].values())
    hard = hard_images(test, study.evaluation.test_ids, HARD_IMAGE_SHARE)
    validated = study.predictions["val"][selection.recommended]
    worst, best = _extreme_classes(validated)
    return Evidence(
        facts=study_facts(study.conditions, len(study.evaluation.seeds), study.description, study.settings)
        | confounding_facts(study.conditions, comparisons)
        | run_facts(study.tables, study.histories, curves)
        | comparison_facts(study.tables, comparisons, found_falls)
        | constant_facts(study.predictions["test"])
        | {"reported_source": study.reported.source}
        | missing_weights(study.conditions, study.weights)
        | {
            "hard_images": len(hard),
            "worst_class": study.description.classes[worst],
            "best_class": study.description.classes[best],
            "worst_class_index": worst,
            "best_class_index": best,
            "worst_class_validated": recall(validated, worst).value,
            "best_class_validated": recall(validated, best).value,
        },
        selection=selection,
        tables=study.tables,
        estimates=estimates,
        comparisons=comparisons,
        curves=curves,
        curve_comparisons=_curve_comparisons(study, pairs, curves),
        calibration={one.condition: calibration_bins(one, study.settings.calibration_bins) for one in test},
        measurements=_measurements(study, best, worst),
        falls=found_falls,
        shifts=list(study.shifts),
        hard_images=hard,
        references=_references(study),
        published=list(study.published),
        latencies=list(study.latencies),
    )


def _estimates(study: Study) -> dict[Split, dict[str, dict[Metric, Estimate]]]:
    """Every metric of every condition on every split."""
    return {
        split: {
            key: {
                metric: estimate(metric, one, study.settings.confidence, study.settings.calibration_bins)
                for metric in ESTIMATED
            }
            for key, one in by_condition.items()
        }
        for split, by_condition in study.predictions.items()
    }


def _selection(study: Study, accuracies: dict[str, Estimate]) -> Selection:
    """What validation accuracy selects, of all and of each table."""
    trained = {key: runs[0].trained_parameters for key, runs in study.histories.items()}
    return Selection(
        best=best_by_validation(accuracies),
        recommended=recommended(accuracies, trained),
        best_of_table={
            table.number: best_by_validation({key: accuracies[key] for key in table.conditions})
            for table in study.tables
        },
    )


def _pairs(study: Study, selection: Selection) -> list[Pair]:
    """The planned comparisons, and those that only a claim asks for."""
    planned = planned_pairs(study.tables, selection.best_of_table)
    planned += pretraining_pairs(
        study.tables,
        {condition.key: condition for condition in study.conditions},
        {weights.model: weights for weights in study.weights},
    )
    return planned + claimed_pairs(study.claimed_pairs, planned)


def _comparisons(study: Study, pairs: Sequence[Pair]) -> list[Comparison]:
    """Every pair in every tested metric; each metric is corrected by itself within its family."""
    settings, test = study.settings, study.predictions["test"]
    compared = []
    for metric in TESTED:
        of_metric = []
        for family, treatment, reference in pairs:
            question = Question(
                metric=metric,
                family=family,
                margin=settings.equivalence_margin,
                confidence=settings.confidence,
                resamples=settings.resamples,
                seed=settings.seed,
            )
            of_metric.append(uncorrected(test[reference], test[treatment], question))
        compared += adjust_families(of_metric)
    return compared


def _curves(study: Study) -> list[CurveEvidence]:
    """Every measure of every condition; the level to reach is one for a table."""
    found = []
    for table in study.tables:
        level = level_to_reach([study.histories[key] for key in table.conditions])
        for key in table.conditions:
            found += curve_evidence(key, study.histories[key], level, study.settings.confidence)
    return found


def _curve_comparisons(study: Study, pairs: Sequence[Pair], curves: Sequence[CurveEvidence]) -> list[CurveComparison]:
    by_key = {(one.condition, one.measure): one for one in curves}
    tables = {within_table(table) for table in study.tables}
    compared = [
        compare_curves(by_key[reference, measure], by_key[treatment, measure], family, study.settings.confidence)
        for family, treatment, reference in pairs
        for measure in MEASURES
        # Between tables the level differs, and with it what the epochs count.
        if family in tables or measure != "epochs_to_level"
    ]
    return adjust_curve_families(compared, study.settings.confidence)


def _measurements(study: Study, best: int, worst: int) -> list[Measurement]:
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


def _references(study: Study) -> list[ReferenceResult]:
    return adjust_references(
        [
            compare_with_reported(
                study.predictions["test"][key], accuracy, study.reported.test_images, study.settings.confidence
            )
            for key, accuracy in study.reported.test_accuracy.items()
        ]
    )
