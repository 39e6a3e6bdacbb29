"""How runs score."""

from pydantic import Field

from transfer_report.records.base import Record
from transfer_report.records.data import ExternalSet
from transfer_report.records.training import History


class SplitScores(Record):
    """Metrics of one run on one split."""

    accuracy: float
    balanced_accuracy: float
    auroc: float
    sensitivity: float
    specificity: float
    f1: float
    brier: float
    calibration_error: float
    loss: float
    confusion: list[list[int]]
    """Rows: true class, columns: predicted class."""


class RunEvaluation(Record):
    """One run: its history and how it scores."""

    history: History
    val: SplitScores
    test: SplitScores


class ConditionEvaluation(Record):
    """All runs of a condition, in the order of the seeds."""

    condition: str
    runs: list[RunEvaluation]

    @property
    def seeds(self) -> list[int]:
        """Seeds of the runs, in their order."""
        return [run.history.seed for run in self.runs]


class FractionEvaluation(Record):
    """Runs of a condition on a fraction of the training images; their predictions lie in a file of their own."""

    condition: str
    fraction: float
    images: float
    """Training images, mean over seeds: each run draws its own."""


class FoldEvaluation(Record):
    """Images of the cross-validation, and which fold of each repeat tested them."""

    labels: list[int]
    codes: list[list[int]]
    """(repeats, images)."""
    conditions: list[str]
    """Those whose predictions lie in files of their own."""


class Evaluation(Record):
    """All conditions of the plan, in its order, with the labels that the predictions are compared with."""

    classes: list[str]
    val_labels: list[int]
    val_patients: list[str]
    test_labels: list[int]
    test_patients: list[str]
    test_ids: list[str]
    conditions: list[ConditionEvaluation]
    external: dict[str, ExternalSet] = Field(default_factory=dict)
    """By name; none in older records."""
    fractions: list[FractionEvaluation] = Field(default_factory=list)
    folds: FoldEvaluation | None = None
    """None where no condition is cross-validated."""
