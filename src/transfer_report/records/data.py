"""Records of `prepare` about the images."""

from pydantic import Field

from transfer_report.records.base import Record, Split


class ImageTable(Record):
    """The images of one split, in the rows of its array."""

    ids: list[str]
    """Where each image came from, relative to the source; unique."""
    patients: list[str]
    """The patient of each image; an image of its own where nothing is known."""
    labels: list[int] | None
    """Index of the class. None in the test split: its labels are a file of their own, which no training stage reads."""


class TestLabels(Record):
    """Labels of the test split, in the order of its table."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    labels: list[int]


class TestCharacteristics(Record):
    """Characteristics of the test images by the source's table, in the order of their table."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    columns: dict[str, list[str]]
    """Values by column; empty where unknown."""


class ExternalSet(Record):
    """Images from elsewhere on which kept networks were scored."""

    labels: list[int]
    """Index of the study's class."""
    patients: list[str]
    """The patient of each image; an image of its own where nothing is known."""
    left_out: dict[str, int]
    """Images that were read and not used, by the reason: `classes` that the study lacks, `copies` of its images."""
    seeds: dict[str, list[int]]
    """Seeds of the kept runs by condition, in the order of their predictions."""


class CheckResult(Record):
    """Finding of one check of the data."""

    check: str
    """Name of the check: a key of the wording file."""
    passed: bool
    count: int
    """How many images, patients or pairs are concerned."""
    examples: list[str]
    """Some of them, by id; at most ten."""


class Level(Record):
    """One value of a characteristic."""

    name: str
    counts: dict[Split, int]
    """Images that have it."""


class Characteristic(Record):
    """Summary of a column of the source's table by split: counts of names or quartiles of numbers."""

    name: str
    missing: dict[Split, int]
    """Number of images for which it is unknown."""
    quartiles: dict[Split, list[float]] | None
    """First quartile, median, third quartile; empty where it is known of no image. None of names."""
    levels: list[Level]


class FlowStep(Record):
    """How many images were read, or left out for a reason."""

    step: str
    """A key of the wording file: `read`, or the reason."""
    images: int
    patients: int | None
    """None of images that were left out, whose patients may have others."""


class DataDescription(Record):
    """The data set as prepared, for the report."""

    source: str
    simulated: bool
    verified: bool | None
    """True if the contents are the published ones; None where nothing is published to compare with."""
    classes: list[str]
    positive_class: str | None = None
    """Of two classes, the one whose sensitivity, specificity and F1 are printed: the second."""
    characteristics: list[Characteristic] = Field(default_factory=list)
    flow: list[FlowStep] = Field(default_factory=list)
    """From what was read to what was split; empty in older records."""
    counts: dict[Split, list[int]]
    """Images per class, in the order of `classes`."""
    patient_counts: dict[Split, int]
    has_patients: bool
    """True if some patients have several images."""
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
    """Further notes on the source: physical parameters of a simulation, addresses, licence."""
