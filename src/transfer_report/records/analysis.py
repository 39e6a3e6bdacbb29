"""Estimates, comparisons, findings and claims."""

from typing import ClassVar, Literal

from pydantic import Field

from transfer_report.records.base import Record, Split
from transfer_report.records.facts import ChangedCurves, ComparedGroup, ConditionFacts, RunCounts, StudyFacts
from transfer_report.records.models import Latency, ModelFacts
from transfer_report.records.tuning import Tuning

Metric = Literal[
    "accuracy", "balanced_accuracy", "auroc", "sensitivity", "specificity", "f1", "brier", "calibration_error"
]
Tested = Literal["accuracy", "auroc"]
"""Metrics in which conditions are compared."""
CurveMeasure = Literal[
    "gap",
    "volatility",
    "epochs_to_level",
    "overfitting_onset",
    "final_train_accuracy",
    "final_train_loss",
    "median_train_accuracy",
]
Verdict = Literal["better", "worse", "equivalent", "inconclusive"]
Role = Literal["main", "exploratory"]
"""Main questions are corrected together, and so is all else that a report states."""
Topic = Literal["pretraining", "weights", "strategy", "technique", "network", "other"]
"""Subject of a comparison: the difference between its conditions; `other` where only a claim needs it."""
Scope = Literal["conditions", "runs"]
"""Scope of inference: conditions (other images, other seeds) or these runs (other images, these seeds)."""


class Estimate(Record):
    """A value with its interval. An estimate always has one; where none can be computed, its ends are None."""

    value: float
    low: float | None
    high: float | None
    standard_error: float | None
    df: float | None
    """Satterthwaite's degrees of freedom of the standard error."""
    confidence: float
    scope: Scope
    images: int
    clusters: int
    seeds: int


class FixedSeedTest(Record):
    """Test of whether these runs differ: seeds fixed, images random."""

    method: Literal["mcnemar", "permutation"]
    p_value: float


class Comparison(Record):
    """Two conditions on the same images; `difference` is treatment minus reference, positive is better."""

    KEY: ClassVar[tuple[str, ...]] = ("family", "treatment", "reference", "metric")

    reference: str
    treatment: str
    split: Split
    metric: Metric
    family: str
    """The comparisons that stand in one table."""
    role: Role
    topic: Topic
    difference: Estimate
    p_value: float | None
    p_adjusted: float | None
    """Of main questions by Benjamini and Hochberg's method, of exploratory ones by Hommel's; so for all that follow."""
    equivalence: Estimate
    """The difference with the interval that decides equivalence, whose error is that of each side."""
    equivalence_p: float | None
    equivalence_p_adjusted: float | None
    margin: float
    verdict: Verdict
    minimum_detectable_difference: float | None
    """The true difference that a study of this size finds with 80 % probability at the first step of its correction,
    which divides the error by the number of main questions, or of exploratory tests."""
    probability_better: float | None = None
    """Of a true difference above the margin, by the t distribution of the interval; None also in older records."""
    probability_worse: float | None = None
    """Of a true difference below minus the margin."""
    gained: int
    """Images that the treatment gets right by more than half of its seeds, and the reference does not."""
    lost: int
    fixed_seed_test: FixedSeedTest


class CurveEvidence(Record):
    """One measure of the learning curves of one condition."""

    KEY: ClassVar[tuple[str, ...]] = ("condition", "measure")

    condition: str
    measure: CurveMeasure
    per_seed: list[float | None]
    """None where a run has no such value (a level that is never reached)."""
    estimate: Estimate | None
    """None where a run has no value."""


class CurveComparison(Record):
    """One measure of the learning curves, treatment minus reference, over seeds."""

    KEY: ClassVar[tuple[str, ...]] = ("family", "treatment", "reference", "measure")

    reference: str
    treatment: str
    measure: CurveMeasure
    family: str
    difference: Estimate | None
    p_value: float | None
    p_adjusted: float | None
    verdict: Literal["higher", "lower", "inconclusive"]


class Subgroup(Record):
    """A part of the test images that share a characteristic, and how one condition does there."""

    KEY: ClassVar[tuple[str, ...]] = ("characteristic", "level")

    characteristic: str
    level: str
    """The value that they share, or the range of it."""
    condition: str
    accuracy: Estimate
    auroc: Estimate | None
    """None where the part lacks a class."""
    difference: Estimate | None
    """Accuracy of the part minus that of all other test images; None where there are no others."""
    p_value: float | None = None
    """None also in older records."""
    p_adjusted: float | None
    """With all that is exploratory."""
    verdict: Literal["higher", "lower", "inconclusive"]
    """Verdict: accuracy is lower or higher here than in the other images."""


class StudyTable(Record):
    """One table of the report: the conditions of one strategy and one model, in the order of the plan."""

    KEY: ClassVar[tuple[str, ...]] = ("strategy", "model")

    number: int
    strategy: str
    model: str
    conditions: list[str]
    baseline: str
    """The first of them, which sets nothing of its own or stands in for that."""
    techniques: dict[str, dict[str, str | float | int | None]]
    """Per condition, the settings in which it departs from the baseline, with their values."""


class ReportedResult(Record):
    """A reported number, compared with ours."""

    KEY: ClassVar[tuple[str, ...]] = ("condition",)

    condition: str
    accuracy: float
    """As reported, 0…1."""
    images: int
    low: float
    high: float
    """Wilson's interval for one run on that many images."""
    difference: Estimate | None
    """Ours minus theirs."""
    p_value: float | None
    p_adjusted: float | None
    verdict: Literal["higher", "lower", "inconclusive"]


class Measurement(Record):
    """A quantity of one condition's test predictions that is no metric of the tables."""

    KEY: ClassVar[tuple[str, ...]] = ("name", "condition")

    name: str
    """`recall-<class index>`, `recall_gap` (best minus worst class), `overconfidence` (confidence minus accuracy)."""
    condition: str
    estimate: Estimate


class LevelTest(Record):
    """Test of whether a quantity of one condition lies above or below a level."""

    KEY: ClassVar[tuple[str, ...]] = ("name", "condition", "level")

    name: str
    """A measure of the learning curves; `recall_gap`, `overconfidence`, `auroc`; or of the risks of the recommended
    condition `sensitivity`, `specificity`, `cost_of_argmax`, `calibration_slope`, `temperature`,
    `net_benefit-<threshold>`."""
    condition: str
    level: float
    estimate: Estimate
    p_value: float | None
    p_adjusted: float | None = None
    verdict: Literal["above", "below", "inconclusive"] = "inconclusive"


class Promise(Record):
    """How many statements of one role the report makes, and how many of them may be false."""

    KEY: ClassVar[tuple[str, ...]] = ("role",)

    role: Role
    tests: int
    stated: int
    """Tests with another verdict than `inconclusive`."""
    error: float
    """Of main findings: the share that may be false, and of studies without differences that state one. Of
    exploratory ones: the share of reports that hold any false one."""


class QuestionPlan(Record):
    """Detectable difference of a main question, and the seeds and images that the target difference needs."""

    KEY: ClassVar[tuple[str, ...]] = ("treatment", "reference")

    treatment: str
    reference: str
    detectable: float
    """With 80 % power as the study is; above 1, no possible difference."""
    error: float
    """Of this question: that of all main questions over their number."""
    limit: Literal["seeds", "images"]
    """Seeds or images: more of them would help most."""
    seeds: int
    images: int
    """Patients, where images of one stand together."""
    target: float
    seeds_needed: int | None
    """With the images that there are; None where no number is enough."""
    images_needed: int | None
    """With the seeds that there are."""
    seconds: float | None = None
    """Computing time of the missing seeds, one run after another on this machine; None where it is not known."""


class Drop(Record):
    """The drop of a condition's accuracy from validation to test; `difference` is validation minus test."""

    KEY: ClassVar[tuple[str, ...]] = ("condition",)

    condition: str
    difference: Estimate
    p_value: float | None
    p_adjusted: float | None
    verdict: Literal["dropped", "rose", "inconclusive"]


class ExternalDrop(Drop):
    """The drop of a condition's accuracy from the study's test images to those of an external set, by the same runs."""

    KEY: ClassVar[tuple[str, ...]] = ("external", "condition")

    external: str
    """Name of the set."""


ExternalMetric = Literal["accuracy", "auroc", "sensitivity", "specificity", "calibration_error"]


class ExternalScores(Record):
    """How the kept runs of a condition score on an external set, and the same runs on the study's test images."""

    KEY: ClassVar[tuple[str, ...]] = ("external", "condition")

    external: str
    condition: str
    test: dict[ExternalMetric, Estimate]
    there: dict[ExternalMetric, Estimate]


class SizePoint(Record):
    """Test accuracy of a condition that trained on so many images."""

    fraction: float
    images: float
    """Mean over seeds."""
    accuracy: Estimate


class SizeCurve(Record):
    """Test accuracy of a condition by the number of training images, and the power law through it."""

    KEY: ClassVar[tuple[str, ...]] = ("condition",)

    condition: str
    points: list[SizePoint]
    """From few images to all."""
    fit: Literal["power_law", "too_few", "no_errors", "bent"]
    """`power_law`, or why there is none: less than three sizes, a size without errors, or errors that clearly do not
    fall as a power of the images."""
    exponent: Estimate | None = None
    """Errors fall as images to the power of minus this."""
    images_ahead: float | None = None
    """Twice the training images; nothing is said beyond."""
    accuracy_ahead: Estimate | None = None
    """By the power law, at so many images."""
    gain_ahead: Estimate | None = None
    """From all images to so many, both by the power law."""


class CrossValidated(Record):
    """Accuracy of a condition over folds of training and validation images."""

    KEY: ClassVar[tuple[str, ...]] = ("condition",)

    condition: str
    folds: int
    repeats: int
    images: int
    accuracy: Estimate
    difference: Estimate | None
    """Minus that of the first condition that is cross-validated, on the same folds; None for that one."""


class ExternalSummary(Record):
    """An external set in numbers: its images, drops that are shown, and what becomes of the study's findings there."""

    KEY: ClassVar[tuple[str, ...]] = ("external",)

    external: str
    images: int
    patients: int
    most_seeds: int
    """Kept runs of a condition, at most."""
    left_out_classes: int
    """Images of classes that the study lacks."""
    left_out_copies: int
    """Images that are also among the study's."""
    conditions: int
    dropped: int
    rose: int
    compared: int
    """Differences of test accuracy that the study states."""
    same: int
    """Of these, the differences with the same sign on the external images."""
    same_shown: int
    """Of these, those whose interval excludes zero, not corrected."""
    opposite: int
    opposite_shown: int


class ShiftTest(Record):
    """Test of whether two splits differ in one set of image features."""

    KEY: ClassVar[tuple[str, ...]] = ("features",)

    features: str
    """`image_statistics`, or `backbone:<model>`."""
    splits: tuple[Split, Split]
    method: str
    effect: float
    """Discrimination of the splits by the features: AUROC of a cross-validated classifier; 0.5 is none."""
    low: float
    high: float
    p_value: float
    p_adjusted: float | None
    equivalence_p: float | None
    """That the effect is not negligible: of the larger side."""
    verdict: Literal["shifted", "equivalent", "inconclusive"]

    @property
    def model(self) -> str:
        """The model whose features they are; empty for others."""
        return self.features.partition(":")[2]


MAJORITY_CLASS, IMAGE_STATISTICS = "majority_class", "image_statistics"
"""Names of two controls; the third is `nearest_neighbours:<model>`."""


class Control(Record):
    """How a classifier without training cost scores."""

    KEY: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    """`majority_class`, `image_statistics` (a logistic regression on them), `nearest_neighbours:<model>`."""
    neighbours: int | None
    """As validation chose; None for other controls."""
    estimates: dict[Split, dict[Metric, Estimate]]
    """By split (val, test); over images, since a control has no seeds."""


class ControlComparison(Record):
    """Test accuracy of a condition minus that of a control on the same images."""

    KEY: ClassVar[tuple[str, ...]] = ("condition", "control")

    condition: str
    control: str
    difference: Estimate
    p_value: float | None
    p_adjusted: float | None
    """By Holm's method, for all conditions against this control."""
    verdict: Literal["better", "worse", "inconclusive"]


FailureReason = Literal["one_class", "loss"]
"""Nearly every test image got one class; or the test loss is many times the training loss."""


class FailedRun(Record):
    """A run that scores as if it had not been trained, whatever its condition does with other seeds."""

    KEY: ClassVar[tuple[str, ...]] = ("condition", "seed")

    condition: str
    seed: int
    reason: FailureReason
    """`one_class` where both apply."""
    class_share: float
    """Share of the test images that got the class that it predicts most often."""
    train_loss: float
    """Training loss in the epoch that the run keeps."""
    test_loss: float


class HardImage(Record):
    """A test image that most conditions get wrong."""

    row: int
    """In the test split."""
    id: str
    label: int
    incorrect: int
    """Conditions whose majority of seeds is wrong."""
    conditions: int


class CalibrationBin(Record):
    """Predictions of similar confidence, all seeds of a condition together."""

    confidence: float
    accuracy: float
    count: int


class Finding(Record):
    """Something that may be said: chosen by a rule, worded by `report/wording/`."""

    kind: str
    section: str
    """Where it stands: `summary`, `table:<strategy>:<model>`, `comparison`, `test`, …"""
    about: tuple[str, ...]
    """Conditions or models that identify it among its kind in its section; empty for the only one."""
    verdict: str
    refs: dict[str, str] = Field(default_factory=dict)
    """Addresses of the records that the sentence is about, by the names that its text has for them. Two say more than
    the text: `failed_treatment` and `failed_reference`, conditions of a pair with failed runs, and `decided`, counts of
    decided comparisons."""
    exploratory: bool = False
    """True if it states something other than an answer to a main question."""


class ClaimEvidence(Record):
    """Evidence that decided one part of a claim; `wording` names a sentence of the wording file."""

    wording: str
    verdict: Literal["holds", "contradicted", "inconclusive"]
    refs: dict[str, str] = Field(default_factory=dict)
    """Addresses of the records that the sentence is about, as in `Finding`."""
    own: dict[str, bool | float | int | str] = Field(default_factory=dict)
    """What the claim itself says."""


class ClaimResult(Record):
    """A claim held against the evidence."""

    KEY: ClassVar[tuple[str, ...]] = ("id",)

    id: str
    text: str
    reads_as: str
    """How the sentence was made testable; empty where that is plain."""
    verdict: Literal["holds", "contradicted", "inconclusive"]
    evidence: list[ClaimEvidence]


class Selection(Record):
    """Choice by the rule of the recommendation, from validation alone."""

    best: str
    """The condition with the highest validation accuracy."""
    recommended: str
    """The one that trains the fewest parameters within one standard error of it."""
    best_of_table: dict[int, str]


class Evidence(Record):
    """Everything that was measured and tested: what sentences and claims are chosen from."""

    WITHOUT_ADDRESS: ClassVar[tuple[str, ...]] = ("calibration", "hard_images", "findings", "claims")

    facts: StudyFacts
    conditions: list[ConditionFacts]
    run_counts: list[RunCounts]
    compared_groups: list[ComparedGroup]
    changed_curves: list[ChangedCurves]
    selection: Selection
    tables: list[StudyTable]
    estimates: dict[Split, dict[str, dict[Metric, Estimate]]]
    """By split (val, test), condition and metric."""
    comparisons: list[Comparison]
    curves: list[CurveEvidence]
    curve_comparisons: list[CurveComparison]
    calibration: dict[str, list[CalibrationBin]]
    measurements: list[Measurement]
    levels: list[LevelTest]
    promises: list[Promise]
    plans: list[QuestionPlan] = Field(default_factory=list)
    drops: list[Drop]
    shifts: list[ShiftTest]
    controls: list[Control]
    control_comparisons: list[ControlComparison]
    failed_runs: list[FailedRun]
    """In the order of conditions and seeds."""
    hard_images: list[HardImage]
    subgroups: list[Subgroup] = Field(default_factory=list)
    size_curves: list[SizeCurve] = Field(default_factory=list)
    cross_validated: list[CrossValidated] = Field(default_factory=list)
    external: list[ExternalSummary] = Field(default_factory=list)
    external_scores: list[ExternalScores] = Field(default_factory=list)
    external_drops: list[ExternalDrop] = Field(default_factory=list)
    reported: list[ReportedResult]
    tunings: list[Tuning] = Field(default_factory=list)
    published: list[ModelFacts]
    latencies: list[Latency]

    @property
    def addressed(self) -> dict[str, object]:
        """The fields that have addresses, by name."""
        names = (name for name in type(self).model_fields if name not in self.WITHOUT_ADDRESS)
        return {name: getattr(self, name) for name in names}

    @property
    def failed_conditions(self) -> set[str]:
        """Conditions with failed runs."""
        return {run.condition for run in self.failed_runs}


class Analysis(Evidence):
    """The evidence and what may be said from it: figures, HTML, PDF and Markdown are made from this one record."""

    findings: list[Finding]
    claims: list[ClaimResult]
