"""Inputs of the analysis, and what several of its parts are computed from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from transfer_report.analysis.claims.predicates import (
    Claim,
)
from transfer_report.analysis.components import components, recall
from transfer_report.analysis.controls import (
    SplitFeatures,
)
from transfer_report.analysis.curves import (
    curve_evidence,
    level_to_reach,
)
from transfer_report.analysis.external import (
    ExternalPredictions,
    paired_predictions,
)
from transfer_report.analysis.families import (
    within_table,
)
from transfer_report.analysis.moderation import SeedSpread, seed_spreads
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.reported import Reported
from transfer_report.analysis.tables import study_tables
from transfer_report.evaluation.metrics import Floats
from transfer_report.planning import Condition
from transfer_report.records.analysis import (
    CurveEvidence,
    Metric,
    ShiftTest,
    StudyTable,
    Tested,
)
from transfer_report.records.base import Split
from transfer_report.records.data import DataDescription
from transfer_report.records.evaluation import Evaluation
from transfer_report.records.models import InitialWeights, Latency, ModelFacts
from transfer_report.records.training import History
from transfer_report.records.tuning import Tuning
from transfer_report.settings import AnalysisSettings

TESTED: tuple[Tested, ...] = get_args(Tested)
"""The metrics in which conditions are compared."""


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

    def extreme_classes(self, condition: str) -> tuple[int, int]:
        """The classes that a condition recognises worst and best in validation."""
        validated = self.predictions["val"][condition]
        recalls = [recall(validated, index).value for index in range(validated.classes)]
        worst, best = int(np.argmin(recalls)), int(np.argmax(recalls))
        return (worst, best) if worst != best else (validated.classes - 1, 0)


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
