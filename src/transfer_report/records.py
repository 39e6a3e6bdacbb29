"""What crosses the borders between stages: small frozen records, each with a JSON form, and the arrays beside them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")


class Record(BaseModel):
    """Base of all records: frozen, unknown fields refused, never NaN or infinite (JSON knows neither)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


# --- data ---


class ImageTable(Record):
    """The images of one split, row by row beside its array."""

    ids: list[str]
    """Where each image came from, relative to the source; unique."""
    groups: list[str]
    """The patient of each image; an image of its own where nothing is known."""
    labels: list[int] | None
    """Index of the class. None in the test split: its labels are a file of their own, which no training stage reads."""


class TestLabels(Record):
    """Labels of the test split, in the order of its table."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    labels: list[int]


class CheckResult(Record):
    """What one check of the data found."""

    check: str
    """Name of the check: a key of the wording file."""
    passed: bool
    count: int
    """How many images, groups or pairs are concerned."""
    examples: list[str]
    """Some of them, by id; at most ten."""


class DataDescription(Record):
    """The data set as prepared, for the report."""

    source: str
    simulated: bool
    verified: bool | None
    """Whether the contents are the published ones; None where nothing is published to compare with."""
    classes: list[str]
    counts: dict[Split, list[int]]
    """Images per class, in the order of `classes`."""
    group_counts: dict[Split, int]
    grouped: bool
    """Whether groups are more than single images."""
    limit_per_class: int = 0
    """So many of each class at most were drawn from each split that the source brings; 0, as in older records: all."""
    image_px: int
    channels: int
    original_sizes: list[str]
    """Widths and heights that were read, `256 × 256`, most frequent first; at most five."""
    content_sha256: str
    """Of arrays, labels and ids together."""
    checks: list[CheckResult]
    notes: dict[str, str | float | int]
    """What else the source tells: physical parameters of a simulation, addresses, licence."""


# --- models ---


class StudyOrder(Record):
    """In which order the settings name what the study has: the first condition of a table is its baseline."""

    conditions: list[str]
    models: list[str]


class StartWeights(Record):
    """The weights that a model starts from."""

    model: str
    architecture: str
    requested: Literal["imagenet", "random"]
    source: Literal["imagenet", "random"]
    reason: str
    """Why the source is not the requested one; empty where it is."""
    origin: str
    """torchvision's name of the weights and the file they came from; or how they were drawn."""
    sha256: str
    """Of the file in `results/weights`."""
    mean: list[float]
    std: list[float]
    """Per channel, of images scaled to 0…1, as the weights want their input."""
    parameters: int
    """Of the backbone, which has no head yet."""
    head_parameters: int
    """Of the study's head, per class."""
    feature_count: int
    """Inputs of the head."""


class ModelFacts(Record):
    """What torchvision records of an architecture's ImageNet weights."""

    architecture: str
    weights: str
    parameters: int
    gflops: float
    """Multiply-adds of one image at the size that the weights were scored at, in 10⁹; torchvision's operations."""
    file_mb: float
    top1: float
    """Per cent, ImageNet validation."""
    top5: float
    source: str
    """Address of torchvision's recipe."""


class Latency(Record):
    """Time of one forward pass on this machine."""

    model: str
    image_px: int
    batch: int
    device: str
    threads: int
    milliseconds_per_image: float
    """Median over the repeats."""
    low: float
    high: float
    """Smallest and largest."""


class ModelCosts(Record):
    """What models cost: ours, measured here, and all of torchvision's, by its own record."""

    latencies: list[Latency]
    """In the order of the study's models."""
    facts: list[ModelFacts]


# --- training ---


class Epoch(Record):
    """One epoch of one run. Training figures are taken during the updates, validation figures after them."""

    epoch: int
    lr: float
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float


class History(Record):
    """One run of a condition."""

    condition: str
    seed: int
    epochs: list[Epoch]
    best_epoch: int
    """Counted from 1; its weights make the predictions."""
    stopped_early: bool
    trained_parameters: int
    precision: Literal["float32", "bfloat16"]


# --- evaluation ---


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


class Evaluation(Record):
    """All conditions of the plan, in its order, with the labels that the predictions are held against."""

    seeds: list[int]
    classes: list[str]
    val_labels: list[int]
    val_groups: list[str]
    val_ids: list[str]
    test_labels: list[int]
    test_groups: list[str]
    test_ids: list[str]
    conditions: list[ConditionEvaluation]


# --- analysis ---

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
Verdict = Literal["better", "worse", "equivalent", "cannot_tell"]
Scope = Literal["conditions", "runs"]
"""What a number speaks of: conditions (other images, other seeds) or these runs (other images, these seeds)."""


class Estimate(Record):
    """A value with its interval. An estimate never travels without one; where none can be had, its ends are None."""

    value: float
    low: float | None
    high: float | None
    standard_error: float | None
    df: float | None
    """Satterthwaite's degrees of freedom of the standard error."""
    confidence: float
    scope: Scope
    images: int
    groups: int
    seeds: int


class RunsTest(Record):
    """Whether these very runs differ on these images: seeds fixed, images vary."""

    method: Literal["mcnemar", "permutation"]
    p_value: float


class Comparison(Record):
    """Two conditions on the same images; `difference` is treatment minus reference, positive is better."""

    reference: str
    treatment: str
    split: Split
    metric: Metric
    family: str
    """The comparisons that are corrected together."""
    difference: Estimate
    p_value: float | None
    p_adjusted: float | None
    equivalence_p: float | None
    margin: float
    verdict: Verdict
    detectable: float | None
    """The true difference that a study of this size finds with 80 % probability at the first step of its correction."""
    gained: int
    """Images that the treatment gets right by more than half of its seeds, and the reference does not."""
    lost: int
    runs_test: RunsTest


class CurveEvidence(Record):
    """One measure of the learning curves of one condition."""

    condition: str
    measure: CurveMeasure
    per_seed: list[float | None]
    """None where a run has no such value (a level that is never reached)."""
    estimate: Estimate | None
    """None where a run has no value."""


class CurveComparison(Record):
    """One measure of the learning curves, treatment minus reference, over seeds."""

    reference: str
    treatment: str
    measure: CurveMeasure
    family: str
    difference: Estimate | None
    p_value: float | None
    p_adjusted: float | None
    verdict: Literal["higher", "lower", "cannot_tell"]


class StudyTable(Record):
    """One table of the report: the conditions of one group and one model, in the order of the plan."""

    number: int
    group: str
    model: str
    conditions: list[str]
    baseline: str
    """The first of them, which sets nothing of its own or stands in for that."""
    techniques: dict[str, dict[str, str | float | int | None]]
    """Per condition, the settings in which it departs from the baseline, with their values."""


class ReferenceResult(Record):
    """A number that someone else reported, beside ours."""

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
    """By Holm's method, for all numbers that were reported."""
    verdict: Literal["higher", "lower", "cannot_tell"]


class Measurement(Record):
    """A quantity of one condition's test predictions that is no metric of the tables."""

    name: str
    """`recall-<class index>`, `recall_gap` (best minus worst class), `overconfidence` (confidence minus accuracy)."""
    condition: str
    estimate: Estimate


class Fall(Record):
    """What became of a condition's accuracy from validation to test; `difference` is validation minus test."""

    condition: str
    difference: Estimate
    p_value: float | None
    p_adjusted: float | None
    verdict: Literal["fell", "rose", "cannot_tell"]


class ShiftTest(Record):
    """Whether two splits look alike to one set of image features."""

    features: str
    """`image_statistics`, or `backbone:<model>`."""
    splits: tuple[Split, Split]
    method: str
    effect: float
    """Discrimination of the splits by the features: AUROC of a cross-validated classifier; 0.5 is none."""
    low: float
    high: float
    p_value: float
    p_adjusted: float
    verdict: Literal["shifted", "equivalent", "cannot_tell"]


class HardImage(Record):
    """A test image that most conditions get wrong."""

    row: int
    """In the test split."""
    id: str
    label: int
    wrong: int
    """Conditions whose majority of seeds is wrong."""
    conditions: int


class CalibrationBin(Record):
    """Predictions of similar confidence, all seeds of a condition together."""

    confidence: float
    accuracy: float
    count: int


class Value(Record):
    """One value of a sentence, with how it is printed and where it came from."""

    value: float | int | str | None
    format: str
    """A format of `wording/formats.py`."""
    source: str
    """Path into the report's data: `comparisons.…`, `estimates.…`; empty for what the claim itself says."""


class Finding(Record):
    """Something that may be said: chosen by a rule, worded by `report/wording/`."""

    kind: str
    section: str
    """Where it stands: `summary`, `table:<group>:<model>`, `comparison`, `test`, …"""
    about: tuple[str, ...]
    """The conditions or models that tell it apart from others of its kind in its section; empty for the only one."""
    verdict: str
    values: dict[str, Value]


class ClaimEvidence(Record):
    """What decided one part of a claim; `wording` names a sentence of the wording file."""

    wording: str
    verdict: Literal["holds", "contradicted", "cannot_tell"]
    values: dict[str, Value]


class ClaimResult(Record):
    """A claim held against the evidence."""

    id: str
    text: str
    reads_as: str
    """How the sentence was made testable; empty where that is plain."""
    verdict: Literal["holds", "contradicted", "cannot_tell"]
    evidence: list[ClaimEvidence]


class Selection(Record):
    """What the rule of the recommendation chose, from validation alone."""

    best: str
    """The condition with the highest validation accuracy."""
    recommended: str
    """The one that trains the fewest parameters within one standard error of it."""
    best_of_table: dict[int, str]


class Evidence(Record):
    """Everything that was measured and tested: what sentences and claims are chosen from."""

    facts: dict[str, float | int | str]
    """Plain facts and counts of the study, by name."""
    selection: Selection
    tables: list[StudyTable]
    estimates: dict[Split, dict[str, dict[Metric, Estimate]]]
    """By split (val, test), condition and metric."""
    comparisons: list[Comparison]
    curves: list[CurveEvidence]
    curve_comparisons: list[CurveComparison]
    calibration: dict[str, list[CalibrationBin]]
    measurements: list[Measurement]
    falls: list[Fall]
    shifts: list[ShiftTest]
    hard_images: list[HardImage]
    references: list[ReferenceResult]
    published: list[ModelFacts]
    latencies: list[Latency]


class Analysis(Evidence):
    """The evidence and what may be said from it: figures, HTML, PDF and Markdown are made from this one record."""

    findings: list[Finding]
    claims: list[ClaimResult]


# --- attention ---


AttentionKind = Literal["right", "wrong", "hard"]
"""Why an image was chosen: the run is sure and right, sure and wrong, or most conditions are wrong."""


class AttentionImage(Record):
    """A test image with maps for its true class and for the predicted one."""

    row: int
    id: str
    label: int
    predicted: int
    kind: AttentionKind


class Attention(Record):
    """Whose attention maps there are, and what stands against reading much into them."""

    condition: str
    seed: int
    missing: Literal["", "not_kept", "no_maps", "draft"]
    """Why there are none; empty where there are."""
    layer: str
    side: int
    """Cells of a map, a side."""
    images: list[AttentionImage]
    likeness: float | None
    """Median rank correlation with the maps of the same network with random weights."""


# --- figures ---


class Panel(Record):
    """One pair of axes of a figure, so that a reader's pointer and arrow keys find its values."""

    label: str
    condition: str
    left: float
    right: float
    top: float
    bottom: float
    """Edges in points from the figure's upper left corner."""
    x: list[float]
    places: list[float]
    """Where each `x` lies, in points from the figure's left edge."""
    series: dict[str, list[str]]
    """Values as printed, by the name of the line."""


class Tile(Record):
    """One picture of a figure that is a sheet of images."""

    file: str
    """A PNG beside the figures' record."""
    width_px: int
    height_px: int
    caption: str
    alt: str


class FigureRecord(Record):
    """One figure of the report: its drawing, what it shows in words and as a table, and what it was made from."""

    id: str
    kind: str
    """Key of its caption in the wording file."""
    file: str
    """The SVG beside this record; empty for a sheet of images."""
    tiles: list[Tile]
    width_pt: float
    height_pt: float
    title: str
    alt: str
    values: dict[str, Value]
    """Gaps of the caption."""
    columns: list[str]
    rows: list[list[str]]
    """The data that the figure shows, as printed."""
    about: list[list[str]]
    """Per row the conditions that it speaks of; empty where rows speak of none."""
    panels: list[Panel]
    inputs: dict[str, str]
    """SHA-256 of each file that it was made from."""


class GalleryImage(Record):
    """One thumbnail of the gallery."""

    id: str
    label: int


class Gallery(Record):
    """Test images as thumbnails, row by row on one sheet, with what every run takes them for."""

    file: str
    """The sheet, beside the figures' record."""
    side_px: int
    columns: int
    images: list[GalleryImage]
    total: int
    """How many test images there are; the gallery holds those that the most runs get wrong."""
    runs: dict[str, list[str]]
    """By condition, for every seed one character per image: `0` for the first class, then in the order of Unicode."""


class FigureList(Record):
    """All figures, in the order of the report, and the gallery."""

    figures: list[FigureRecord]
    gallery: Gallery


# --- report ---


class Draft(Record):
    """What a draft is made from, of what is planned."""

    conditions: list[str]
    planned: int
    seeds: list[int]
    planned_seeds: int
    begun: list[str]
    """Runs under way, by condition and seed."""


class Provenance(Record):
    """Where a build of the report comes from."""

    commit: str
    """Of the project's code; empty outside of a git checkout."""
    edited: bool
    """Whether code or settings of the checkout are others than the commit's."""
    date: str
    """Of that commit, ISO 8601."""
    python: str
    packages: dict[str, str]
    """Versions of what the project depends on."""
