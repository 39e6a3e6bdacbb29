"""Records of the clinical numbers: what figures, tables and sentences are made from."""

from typing import ClassVar, Literal

from transfer_report.records.analysis import Estimate
from transfer_report.records.base import Record

CurveKind = Literal["roc", "precision_recall"]
ScaledMetric = Literal["calibration_error", "brier", "loss", "intercept", "slope"]
PatientScore = Literal["mean", "max"]


class Band(Record):
    """A curve with its pointwise intervals; an end is None where there is no interval."""

    WITHOUT_ADDRESS: ClassVar[tuple[str, ...]] = ("x", "value", "low", "high")

    x: list[float]
    value: list[float]
    low: list[float | None]
    high: list[float | None]


class Curve(Record):
    """A ROC curve (sensitivity over false positive rate) or a precision–recall curve (precision over recall)."""

    KEY: ClassVar[tuple[str, ...]] = ("kind", "condition", "positive")

    kind: CurveKind
    condition: str
    positive: int | None
    """The class that is held against the rest; None for the macro average over classes."""
    band: Band
    area: Estimate
    """AUROC, or average precision."""
    chance: float
    """The area of a network that knows nothing: 0.5, or the prevalence."""


class BandDifference(Record):
    """Two curves on the same images, treatment minus reference."""

    KEY: ClassVar[tuple[str, ...]] = ("kind", "treatment", "reference", "positive")

    kind: CurveKind
    reference: str
    treatment: str
    positive: int | None
    band: Band
    area: Estimate


class CarryOver(Record):
    """How one number of an operating point went from validation, which chose the point, to test."""

    KEY: ClassVar[tuple[str, ...]] = ("quantity",)

    quantity: Literal["sensitivity", "specificity"]
    validation: Estimate
    change: Estimate
    """Test minus validation."""
    target: float | None
    """Value that the point was chosen for; None where it was not chosen for this number."""


class AtPrevalence(Record):
    """Predictive values in a population where so many are ill, from sensitivity and specificity of the test images."""

    prevalence: float
    ppv: Estimate | None
    npv: Estimate | None


class Cost(Record):
    """Cost of calling the most probable class, against the operating point: positive is a loss."""

    KEY: ClassVar[tuple[str, ...]] = ("metric",)

    metric: Literal["accuracy", "balanced_accuracy"]
    argmax: Estimate
    operating_point: Estimate
    difference: Estimate
    """Operating point minus argmax, in the same runs."""


class OperatingPoint(Record):
    """Performance of a condition that calls images positive from a threshold on."""

    KEY: ClassVar[tuple[str, ...]] = ("condition", "positive")

    condition: str
    positive: int
    rule: str
    """As set: `argmax`, `youden`, `sensitivity 0.95`, …"""
    target: float | None = None
    """The number in the rule; None also in older records."""
    thresholds: list[float] | None
    """Of each run, chosen on validation alone; None for the most probable of more than two classes."""
    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate | None
    """None where no run calls an image positive."""
    npv: Estimate | None
    lr_positive: Estimate | None
    """None where it is infinite: no run calls a negative image positive."""
    lr_negative: Estimate | None
    prevalence: float
    """Share of positive test images, to which `ppv` and `npv` belong."""
    at_prevalence: AtPrevalence | None
    confusion: list[list[int]]
    """Mean counts of a run, whole numbers whose rows add up: true (negative, positive) by called."""
    carry_over: list[CarryOver]
    costs: list[Cost]
    """Of argmax against this point; empty where they are the same."""

    @property
    def kind(self) -> str:
        """The rule without its number."""
        return self.rule.split()[0]


class ChanceLevel(Record):
    """Simulated calibration error of perfectly calibrated probabilities."""

    mean: float
    high: float
    """The quantile at the study's confidence, one-sided."""
    p_value: float
    """Share of the simulated errors that are as large as the one found."""


class RiskCalibration(Record):
    """Calibration of the risks of the positive class."""

    KEY: ClassVar[tuple[str, ...]] = ("condition", "positive")

    condition: str
    positive: int
    curve: Band | None
    """Observed share over predicted risk; None where a run separates the classes."""
    intercept: Estimate
    """Log odds by which risks are too low (above 0) or too high (below 0)."""
    slope: Estimate | None
    """1 where risks are as extreme as they should be; below, they are too extreme."""
    brier: Estimate
    brier_chance: float
    """Brier score of a constant risk, the prevalence of these images."""
    scaled_brier: Estimate
    """1 minus Brier score over its chance level: 1 is perfect, 0 knows the prevalence alone."""
    error: Estimate
    """Expected calibration error."""
    error_chance: ChanceLevel


class BeforeAfter(Record):
    """One number before and after temperature scaling."""

    KEY: ClassVar[tuple[str, ...]] = ("metric",)

    metric: ScaledMetric
    before: Estimate
    after: Estimate
    change: Estimate
    """After minus before, in the same runs."""


class TemperatureScaling(Record):
    """Effect on test predictions of dividing logits by one number per run, fitted on validation."""

    KEY: ClassVar[tuple[str, ...]] = ("condition",)

    condition: str
    temperatures: list[float]
    """Of each run; above 1, the network was overconfident in validation."""
    changes: list[BeforeAfter]


class DecisionCurve(Record):
    """Net benefit over the threshold probability, in true positives per image."""

    KEY: ClassVar[tuple[str, ...]] = ("condition", "positive")
    WITHOUT_ADDRESS: ClassVar[tuple[str, ...]] = ("treat_all",)

    condition: str
    positive: int
    prevalence: float
    net_benefit: Band
    treat_all: list[float]
    """Treating none has 0."""
    over_treat_all: Band
    """Net benefit minus that of treating all."""
    useful: list[tuple[float, float]] | None = None
    """Ranges of thresholds where the net benefit is shown to exceed both treating all and treating none, decided with
    all that is exploratory; None of rivals, which are not tested."""


class DecisionDifference(Record):
    """Net benefit of two conditions on the same images, treatment minus reference."""

    KEY: ClassVar[tuple[str, ...]] = ("treatment", "reference", "positive")

    reference: str
    treatment: str
    positive: int
    band: Band


class RiskDistribution(Record):
    """Histogram of the risks by true class, runs averaged."""

    KEY: ClassVar[tuple[str, ...]] = ("condition", "positive")
    WITHOUT_ADDRESS: ClassVar[tuple[str, ...]] = ("edges", "negative_share", "positive_share")

    condition: str
    positive: int
    edges: list[float]
    """Edges of the bins, one more than there are bins."""
    negative_share: list[float]
    positive_share: list[float]
    """Shares of the images of each class, per bin; each adds up to 1."""


class ClassScores(Record):
    """How one class is recognised, or the macro average over all."""

    KEY: ClassVar[tuple[str, ...]] = ("index",)

    condition: str
    index: int | None
    """Index of the class; None for the macro average."""
    support: int
    """Test images of the class."""
    recall: Estimate
    precision: Estimate | None
    """None where no run predicts the class."""
    f1: Estimate
    auroc: Estimate
    average_precision: Estimate


class ConfusedPair(Record):
    """Images of one class that are taken for another."""

    KEY: ClassVar[tuple[str, ...]] = ("true", "predicted")

    condition: str
    true: int
    predicted: int
    count: float
    """Mean over the runs."""
    share: Estimate
    """Share of the images of the true class."""


class ClassTable(Record):
    """One condition class by class."""

    KEY: ClassVar[tuple[str, ...]] = ("condition",)

    condition: str
    scores: list[ClassScores]
    """Class by class, then the macro average."""
    confusion: list[list[int]]
    """Mean counts of a run, whole numbers whose rows add up to the images of the class."""
    confused: list[ConfusedPair]
    """Most frequent first."""


class ClinicalEvidence(Record):
    """All clinical numbers of the study, of images or of patients."""

    unit: Literal["image", "patient"]
    patient_score: PatientScore | None
    """How the images of a patient make one score; None where images count one by one."""
    confidence: float
    positives: list[int]
    """Classes that are held against the rest."""
    curves: list[Curve]
    curve_differences: list[BandDifference]
    operating_points: list[OperatingPoint]
    calibrations: list[RiskCalibration]
    temperatures: list[TemperatureScaling]
    decision_curves: list[DecisionCurve]
    decision_differences: list[DecisionDifference]
    risks: list[RiskDistribution]
    classes: list[ClassTable]


class Clinical(Record):
    """The clinical numbers of a study."""

    conditions: list[str]
    """The recommended one, then its rivals."""
    images: ClinicalEvidence
    patients: ClinicalEvidence | None
    """One score a patient; None where no patient has several images, or some have images of several of many classes."""
    youden: OperatingPoint | None
    """Youden's point of the recommended condition, compared with calling the more probable of two classes."""
