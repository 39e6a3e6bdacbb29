"""Records of the models before any training: weights, sizes and times."""

from typing import ClassVar, Literal

from transfer_report.records.base import Record


class StudyOrder(Record):
    """In which order the settings name what the study has: the first condition of a table is its baseline.

    Read by no code: when the order changes, DVC sees another plan and evaluates again.
    """

    conditions: list[str]
    models: list[str]


class Match(Record):
    """Tensors of a file of weights that went into a network."""

    tensors: int
    """Tensors of the network; the file has all of them."""
    prefix: str
    """Prefix of the file's names before the network's; empty where they are the same."""
    left_out: list[str]
    """Names in the file that the network has no place for, such as those of another head."""
    grey: bool
    """True if the first layer took grey images, so its weights were spread over three equal channels."""


Origin = Literal["imagenet", "file", "random"]


class InitialWeights(Record):
    """The weights that a model starts from."""

    model: str
    architecture: str
    requested: Origin
    source: Origin
    name: str = ""
    """torchvision's name of other ImageNet weights than its first, timm's name, or a file's source by the settings."""
    licence: str = ""
    """Of a file, or as timm names it; empty where it is torchvision's."""
    trained_px: int | None = None
    """Side of the images that timm's weights were trained on; None of others."""
    match: Match | None = None
    """Of a file; a published one is that of the network, with nothing left over but its head."""
    reason: str
    """Why the source is not the requested one; empty where it is."""
    origin: str
    """torchvision's name of the weights and the file they came from; or how they were drawn."""
    sha256: str
    """SHA-256 of the file in `results/weights`."""
    mean: list[float]
    std: list[float]
    """Per channel, of images scaled to 0…1, as the weights want their input."""
    parameters: int
    """Number of parameters of the backbone, without a head."""
    feature_count: int
    """Inputs of the head."""

    @property
    def kind(self) -> tuple[str, str]:
        """Kind that weights of the same origin share."""
        return self.source, self.name

    @property
    def is_missing(self) -> bool:
        """True if these are not the weights that the settings request."""
        return self.source != self.requested


class ModelFacts(Record):
    """Published figures of an architecture's ImageNet weights."""

    KEY: ClassVar[tuple[str, ...]] = ("architecture",)

    architecture: str
    weights: str
    parameters: int
    gflops: float
    """Multiply-adds of one image at the size that the weights were scored at, in 10⁹; as published."""
    file_mb: float
    top1: float
    """Per cent, ImageNet validation."""
    top5: float | None
    """None where it is not published."""
    source: str
    """Address of the publication."""


class StepTime(Record):
    """Time of one image in training on this machine, as the study trains: without it no cost of more runs is known."""

    image_px: int
    batch: int
    threads: int
    training_milliseconds: float
    """Of one image in an update of all weights."""
    scoring_milliseconds: float
    """Of one image in a forward pass without gradients."""


class Latency(Record):
    """Time of one forward pass on this machine."""

    KEY: ClassVar[tuple[str, ...]] = ("model",)

    model: str
    image_px: int
    batch: int
    device: str
    threads: int
    milliseconds_per_image: float
    """Shortest of the repeats: what other processes do on the machine only adds."""
    median: float
    busy: bool
    """True if the repeats differ so much that the machine had other work."""
    step: StepTime | None = None
    """None in results from before it was measured."""


class ModelCosts(Record):
    """Costs of models: measured here for ours, published for these and all of torchvision's."""

    latencies: list[Latency]
    """In the order of the study's models."""
    facts: list[ModelFacts]
