"""The settings of a study: what `params.yaml` may hold."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import regex
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from transfer_report.conditions import STRATEGIES, Strategy
from transfer_report.errors import did_you_mean


def _checked_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise ValueError("a name has lower-case letters, digits, '-' and '_' only, and begins with a letter or digit")
    return name


def _checked_path(path: str) -> str:
    """Of what DVC watches: it takes no other, or ends in a message of its own."""
    if not path:
        raise ValueError("name a folder or file")
    if path.startswith("~"):
        raise ValueError("write the path out: ~ stands for no folder here")
    if Path("results").absolute().is_relative_to(Path(path).resolve()):
        raise ValueError("name a folder of its own: the results lie in this one")
    return path


def _checked_trainable(text: str) -> str:
    if not re.fullmatch(r"all|head|last block|last [1-9]\d* blocks|from \S+", text):
        raise ValueError("write all, head, last block, last 2 blocks, or from NAME, a block of the network")
    return text


Trainable = Annotated[str, AfterValidator(_checked_trainable)]
BatchNorm = Literal["running", "recomputed", "frozen"]
Name = Annotated[str, AfterValidator(_checked_name)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Threads = Literal["auto"] | Count
Fraction = Annotated[float, Field(gt=0, lt=1)]
LayerDecay = Annotated[float, Field(gt=0, le=1)]
Dropout = Annotated[float, Field(ge=0, lt=1)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
"""Seed that all random generators here take: NumPy's, PyTorch's and scikit-learn's."""


class Settings(BaseModel):
    """Base of all settings: frozen; an unknown key or another type is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class NamedWithArguments(Settings):
    """Something of a library by its name there, with its arguments: `{name: StepLR, step_size: 10}`."""

    model_config = ConfigDict(extra="allow")
    name: str

    @model_validator(mode="before")
    @classmethod
    def _has_a_name(cls, given: Any) -> Any:
        if not isinstance(given, dict | cls):
            raise ValueError("a name with its arguments, such as {name: SGD, momentum: 0.9}, is expected")
        return given

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments besides the name."""
        return dict(self.model_extra or {})


class TrainingSettings(Settings):
    """Settings of a training run, besides images, weights and seed. Set for the study; a condition overrides."""

    lr: Positive
    epochs: Count
    head_epochs: Annotated[int, Field(ge=0)]
    """Epochs of the head alone, on fixed features, before the whole network trains for `epochs`; 0: none."""
    head_lr: Positive
    """Learning rate of these epochs; `lr` is that of the epochs in which the whole network trains."""
    head: Literal["trained", "solved"]
    """How a head on fixed features is fitted: by epochs of the optimizer, or solved by L-BFGS with a penalty that
    validation chooses. No condition that trains other layers is concerned."""
    trainable: Trainable
    """Layers that train besides the head: `all`, nothing more (`head`), `last block`, `last 2 blocks`, or the blocks
    `from` a name that the network has. All other layers are in evaluation mode."""
    unfreeze_every: Annotated[int, Field(ge=0)] = 0
    """Epochs after which one more block trains, from the last one to the first that `trainable` allows; before them
    the head alone; 0: all train from the first epoch."""
    layer_decay: LayerDecay
    """Factor of the learning rate from each block to the one before; the head has `lr`."""
    batch_norm: BatchNorm
    """Statistics that batch norm is scored with. `running`: averages of PyTorch, which lag behind the weights by
    1 / momentum updates. `recomputed`: from training images before each scoring. `frozen`: those of the initial
    weights, in training, too. No condition without batch norm, and no head on fixed features, is concerned."""
    batch_size: Count
    optimizer: NamedWithArguments
    """Of `torch.optim`; `lr` and `weight_decay` come from the settings of those names."""
    scheduler: NamedWithArguments | Literal["none"]
    """Of `torch.optim.lr_scheduler`, stepped once an epoch."""
    weight_decay: NotNegative
    dropout: Dropout
    """Probability with which an input of the head is dropped in training."""
    augmentation: list[Literal["horizontal_flip", "vertical_flip", "rotation", "crop", "brightness"]]
    class_weights: Literal["none", "balanced"]
    early_stopping_patience: Annotated[int, Field(ge=0)]
    """Epochs without a better validation result after which training stops; 0: never."""
    select_by: Literal["accuracy", "loss"]
    """The validation figure that chooses the epoch to keep (ties: the other figure, then the earlier epoch)."""


Number = TypeVar("Number", bound=float)


def _checked_grid(values: list[Number]) -> list[Number]:
    """Refuse a list that leaves no choice."""
    if len(values) < 2:
        raise ValueError("list two values or more, of which validation chooses; without a value it is not tuned")
    if len(set(values)) < len(values):
        raise ValueError("a value is listed twice")
    return values


Grid = Annotated[list[Number], AfterValidator(_checked_grid)]


class TuningSettings(Settings):
    """Values of training settings of which validation chooses, as a grid of all combinations."""

    lr: Grid[Positive] | None = None
    head_lr: Grid[Positive] | None = None
    weight_decay: Grid[NotNegative] | None = None
    dropout: Grid[Dropout] | None = None
    layer_decay: Grid[LayerDecay] | None = None
    batch_size: Grid[Count] | None = None
    epochs: Grid[Count] | None = None

    @property
    def grid(self) -> dict[str, list[int | float]]:
        """The settings that have values to choose from, with these."""
        return self.model_dump(exclude_none=True)


class ConditionOverrides(Settings):
    """One entry under `conditions.<strategy>`: its model, and the training settings that it sets itself."""

    model_config = ConfigDict(extra="allow")
    model: str
    tuning: TuningSettings | None = None
    """In place of the study's; `{}`: nothing of this condition is tuned."""

    @model_validator(mode="before")
    @classmethod
    def _drop_what_inherits(cls, entry: Any) -> Any:
        if not isinstance(entry, dict):
            raise ValueError("a condition is a mapping with at least a `model`")
        for key in entry:
            if key not in cls.model_fields and key not in TrainingSettings.model_fields:
                hint = did_you_mean(str(key), [*TrainingSettings.model_fields, *cls.model_fields])
                raise ValueError(f"a condition has no setting {key!r}; {hint}")
        return {key: value for key, value in entry.items() if value is not None}


class WeightsFileSettings(Settings):
    """Weights of any origin, in a file: its hash decides what a network starts from, not its name."""

    path: Annotated[str, Field(min_length=1)]
    """A `.safetensors` file, or a checkpoint of PyTorch that holds tensors alone."""
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    """Where it is downloaded from if `path` is not there; empty: it has to be there."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of the file, as `sha256sum` prints it."""
    source: Annotated[str, Field(min_length=1)]
    """Where they come from, as the report names them: `RadImageNet`."""
    licence: Annotated[str, Field(min_length=1)]
    mean: Annotated[list[float], Field(min_length=3, max_length=3)] | None = None
    std: Annotated[list[Positive], Field(min_length=3, max_length=3)] | None = None
    """Per channel, of images scaled to 0…1, as the weights want their input; empty: as ImageNet's of the network."""


_NO_WEIGHTS = (
    "write imagenet, random, a name that torchvision has for the network such as IMAGENET1K_V2, or a file: "
    "{path: weights/NAME.pth, sha256: …, source: …, licence: …}"
)


def _checked_weights(given: Any) -> Any:
    """Refuse what names no weights with one message, where the union would give one for each of its members."""
    named = isinstance(given, str) and re.fullmatch("imagenet|random|[A-Z][A-Z0-9_]+", given)
    if not named and not isinstance(given, dict | WeightsFileSettings):
        raise ValueError(_NO_WEIGHTS)
    return given


ModelWeights = Annotated[
    Annotated[str, Tag("name")] | Annotated[WeightsFileSettings, Tag("WeightsFileSettings")],
    Discriminator(lambda given: "name" if isinstance(given, str) else "WeightsFileSettings"),
    BeforeValidator(_checked_weights),
]
"""`imagenet`, `random`, torchvision's name of some weights, or a file."""


class ModelSettings(Settings):
    """One entry under `models`; what is empty follows the entry's name and the study's `weights`."""

    architecture: str | None = None
    """A name of torchvision's classification models, or `timm:NAME`; empty: the entry's own name."""
    weights: ModelWeights | None = None


class PhantomSettings(Settings):
    """The simulated radiographs: how many, and how hard."""

    train: Count
    """Images for training and validation together."""
    test: Count
    contrast: Annotated[float, Field(gt=0, le=1)]
    """Share of the air in a consolidated region that fluid replaces; near 0 it cannot be seen."""
    photons: Annotated[float, Field(gt=0, le=1e12)]
    """Mean count per detector pixel in the open beam; fewer is noisier."""


class WindowSettings(Settings):
    """A window of grey values in DICOM files: what lies below is black, what lies above white."""

    center: Annotated[float, Field(allow_inf_nan=False)]
    """After the modality LUT: in Hounsfield units, of CT."""
    width: Annotated[float, Field(ge=1, allow_inf_nan=False)]


Window = Literal["full", "header"] | WindowSettings
Frame = Literal["refuse", "first", "middle"] | Annotated[int, Field(ge=0)]


class TableSettings(Settings):
    """A table of images, their labels and what else is known of them: names of its columns."""

    file: str = "labels.csv"
    """Name of the table, relative to `data.path`: CSV, TSV or Parquet."""
    folder: str = ""
    """Folder of the images, relative to `data.path`, where the table leaves it out; `*` stands for several folders."""
    ending: str = ""
    """Ending of file names that the table leaves out, such as `.png`."""
    image: str = "image"
    """Column of the images' paths."""
    label: str = "label"
    split: str = ""
    """Column of train, val and test; empty: splits are cut."""
    patient: str = ""
    characteristics: list[str] = []
    """Columns such as age, sex or site, which the report describes by split."""

    def columns(self) -> Iterator[tuple[str, str]]:
        """Yield the columns that are read, each after the setting that names it."""
        for setting in ("image", "label", "split", "patient"):
            if column := getattr(self, setting):
                yield setting, column
        yield from (("characteristics", column) for column in self.characteristics)


def _checked_pattern(pattern: str) -> str:
    """Refuse what is no regular expression, or names no patient."""
    try:
        parentheses = regex.compile(pattern).groups
    except regex.error as error:
        raise ValueError(f"patient_pattern is not a regular expression: {error}") from error
    if pattern and not parentheses:
        raise ValueError("patient_pattern needs parentheses around the part that names the patient")
    return pattern


class ExternalSettings(Settings):
    """Images from elsewhere, on which the trained networks are scored.

    What else decides how they are read (`image_px`, `fit`, `window`, `frame`) is that of the study's own images.
    """

    source: Literal["course", "folder", "table", "medmnist"]
    path: Annotated[str, AfterValidator(_checked_path)]
    """The folder or file that is read; DVC watches it."""
    classes: dict[str, str | None] = {}
    """The study's class for each class here that is called otherwise; empty: its images are left out."""
    patient_pattern: Annotated[str, AfterValidator(_checked_pattern)] = ""
    table: TableSettings = TableSettings()
    medmnist: str = ""
    """Set that `medmnist` reads where `path` is a folder."""


class DataSettings(Settings):
    """Settings of the images: source, splits and reading."""

    source: Literal["phantom", "course", "folder", "table", "medmnist"]
    path: Annotated[str, AfterValidator(_checked_path)]
    """The folder or file that is read; DVC watches it."""
    image_px: Annotated[int, Field(ge=8, le=2048)]
    """Side of the square images that the models see, in pixels."""
    fit: Literal["crop", "pad", "squash"]
    """How an image that is not square becomes square."""
    window: Window = "full"
    """Grey values of DICOM that become 0…255: all that the stored bits can hold, the file's own window, or this one."""
    frame: Frame = "refuse"
    """Image of a file that holds several (frames, pages, channels), counted from 0; or refuse such files."""
    patient_pattern: str
    """Regular expression whose first parentheses find the patient in a file name or, where the pattern has a slash, in
    the path below `path`; empty: every image is its own."""
    val_fraction: Fraction
    test_fraction: Fraction
    """Used only where the source brings no test split."""
    limit_per_class: Annotated[int, Field(ge=0)]
    """At most so many images of each class, in each split that the source brings, drawn by `seed`; 0: all."""
    duplicates: Literal["fail", "drop_from_train"]
    """Handling of the same image in two splits of the source: stop and name them, or leave out the copy
    on the side of training (in train rather than val, in val rather than test) and report it."""
    pseudonyms: bool = False
    """True if results name images and patients by pseudonyms instead of their file names and numbers."""
    positive_class: str = ""
    """Of two classes, the one of the disease: the class of sensitivity, specificity, F1 and precision. Empty: guessed
    by usual names of the other, such as normal or healthy; else the second by name."""
    shared_patients: Literal["keep", "drop_from_train", "move_to_train"] = "keep"
    """Handling of a patient's images in two splits of the source: keep and list them, leave out those on
    the side of training, or move all of the patient's images to that side."""
    recut_val: bool = False
    """True if validation images of the source join training, and `val_fraction` is cut from all of them."""
    seed: Seed
    download: bool
    """True if `course` and `medmnist` may download what `path` lacks (verified by hash)."""
    medmnist: str
    """Set that `medmnist` reads where `path` is a folder: `<path>/<name>.npz`, such as `pneumoniamnist_64`."""
    phantom: PhantomSettings
    table: TableSettings = TableSettings()
    external: dict[Name, ExternalSettings] = {}
    """Sets of images from elsewhere, by name: trained networks are scored on them, and nothing else."""

    @model_validator(mode="after")
    def _pattern_names_a_patient(self) -> "DataSettings":
        _checked_pattern(self.patient_pattern)
        return self


class WeightsSettings(Settings):
    """Where the initial weights come from."""

    source: Literal["imagenet", "random"]
    path: Annotated[str, AfterValidator(_checked_path)]
    """A folder that is searched for weight files first; DVC watches it."""
    if_unavailable: Literal["random", "fail"]
    """Handling of missing ImageNet weights."""
    download: bool
    seed: Seed
    """Draws random weights: one draw for all seeds of the study, as one file of pretrained weights would be."""


class SensitivityTarget(Settings):
    """`{sensitivity: 0.95}`: the highest specificity that leaves so much sensitivity in validation."""

    sensitivity: Fraction

    def __str__(self) -> str:
        return f"sensitivity {self.sensitivity:g}"


class SpecificityTarget(Settings):
    """`{specificity: 0.9}`: the highest sensitivity that leaves so much specificity in validation."""

    specificity: Fraction

    def __str__(self) -> str:
        return f"specificity {self.specificity:g}"


class FixedThreshold(Settings):
    """`{threshold: 0.3}`: a risk that was chosen beforehand."""

    threshold: Fraction

    def __str__(self) -> str:
        return f"threshold {self.threshold:g}"


OperatingPointRule = Literal["argmax", "youden"] | SensitivityTarget | SpecificityTarget | FixedThreshold
"""`argmax` calls the most probable class; `youden` maximises sensitivity + specificity in validation."""


def _checked_rule(given: Any) -> Any:
    """Refuse what is no rule with one message, where the union would give one for each of its members."""
    kinds: dict[str, type[Settings]] = {
        "sensitivity": SensitivityTarget, "specificity": SpecificityTarget, "threshold": FixedThreshold
    }  # fmt: skip
    if isinstance(given, Settings) or given in ("argmax", "youden"):
        return given
    if isinstance(given, dict) and len(given) == 1 and (key := next(iter(given))) in kinds:
        value = given[key]
        if isinstance(value, float) and 0 < value < 1:
            return kinds[key](**given)
    raise ValueError(
        "write argmax, youden, {sensitivity: 0.95}, {specificity: 0.95} or {threshold: 0.3}, "
        "where numbers are above 0 and below 1"
    )


class ClinicalSettings(Settings):
    """Settings of the report's clinical numbers."""

    operating_point: Annotated[OperatingPointRule, BeforeValidator(_checked_rule)] = "argmax"
    prevalence: Fraction | None = None
    """Share of patients with the positive class where the network would be used; empty: that of the test images."""
    patient_score: Literal["mean", "max"] = "mean"
    """How the images of a patient make one score."""


class AnalysisSettings(Settings):
    """How differences are judged."""

    main_questions: list[Literal["technique", "strategy", "pretraining", "network"]]
    """The comparisons that the study is about: of each technique with its baseline, of each strategy's baseline with
    the fine-tuned one of its network, of a network's initial weights with each other, of the networks' fine-tuned
    baselines. They are corrected together, apart from all that is exploratory."""
    target_difference: Annotated[float, Field(gt=0, lt=1)]
    """The difference of accuracy that the study should be able to detect; planning says what that takes."""
    confidence: Annotated[float, Field(gt=0.5, le=0.9999)]
    equivalence_margin: Annotated[float, Field(gt=0, lt=0.5)]
    """A difference of accuracy or AUROC, and a gap, below this (0.02: two points) is one that does not matter."""
    resamples: Annotated[int, Field(ge=100)]
    """Number of resamples of the permutation tests of two conditions' runs."""
    seed: Seed
    calibration_bins: Annotated[int, Field(ge=2, le=100)]
    clinical: ClinicalSettings = ClinicalSettings()


class TrainFractions(Settings):
    """Conditions that train on parts of the training images, too, for accuracy against their number."""

    conditions: list[str] = []
    """Keys such as `linear_probe/resnet50-baseline`; empty: none."""
    values: list[Fraction] = []
    """Shares of the training images, besides all of them."""


class CrossValidation(Settings):
    """Conditions that are also trained and tested on splits of all images but those of the test split."""

    conditions: list[str] = []
    """Keys such as `linear_probe/resnet50-baseline`; empty: none."""
    folds: Annotated[int, Field(ge=3, le=20)] = 5
    """Parts of whole patients; each is tested once in a repeat, by a run on the others."""
    repeats: Count = 2
    """How often the folds are drawn anew."""


class ReportSettings(Settings):
    """Settings of the title page and of the build's strictness."""

    title: str
    author: str
    student_id: str
    course: str
    institution: str
    date: str
    """Shown as it stands; empty: the date of the commit."""
    language: Name
    """A file of `report/wording/`."""
    strict: bool
    """True if a contradicted claim fails the build."""
    images: Literal["all", "none"] = "all"
    """Images, file names and patients in report, exports and comparison pages: `all` or `none`."""


class Params(TrainingSettings):
    """All of `params.yaml`."""

    seeds: dict[Strategy, Annotated[list[Seed], Field(min_length=1)]]
    """One run of each condition for each seed of its strategy."""
    tuning: TuningSettings = TuningSettings()
    """Of every condition that has none of its own; a setting that a condition sets itself is not tuned in it."""
    tuning_seeds: list[Seed] = []
    """Seeds of the runs that values are tried by; no run of the study has one of them."""
    precision: Literal["auto", "float32", "bfloat16"]
    device: str
    """`auto`, or a name that PyTorch knows: `cpu`, `cuda`, `cuda:1`, `mps`."""
    threads: Threads
    """Threads of the arithmetic of one training process, on which the last digits of results depend. `auto` is 1:
    parallel runs use all cores, and on a busy machine several threads mostly wait for each other."""
    keep_models: Literal["none", "first_seed", "all"]
    """Trained weights that are kept besides predictions and curves."""
    data: DataSettings
    weights: WeightsSettings
    models: dict[Name, ModelSettings | None]
    conditions: dict[Strategy, dict[Name, ConditionOverrides]]
    train_fractions: TrainFractions = TrainFractions()
    cross_validation: CrossValidation = CrossValidation()
    analysis: AnalysisSettings
    report: ReportSettings

    @property
    def study_settings(self) -> dict[str, Any]:
        """The training settings that hold where a condition sets none, as plain values."""
        return self.model_dump(include=set(TrainingSettings.model_fields))


def keys_at(steps: list[str]) -> list[str]:
    """The settings that exist at a place in the file."""
    sections: dict[str, type[BaseModel]] = {
        "": Params,
        "data": DataSettings,
        "data.phantom": PhantomSettings,
        "data.table": TableSettings,
        "weights": WeightsSettings,
        "train_fractions": TrainFractions,
        "cross_validation": CrossValidation,
        "analysis": AnalysisSettings,
        "analysis.clinical": ClinicalSettings,
        "tuning": TuningSettings,
        "report": ReportSettings,
    }
    if steps[:1] == ["conditions"] and steps[3:] == ["tuning"]:
        return list(TuningSettings.model_fields)
    if steps[:1] == ["models"]:
        return list((WeightsFileSettings if "weights" in steps[2:] else ModelSettings).model_fields)
    if steps[:2] == ["data", "external"] and len(steps) > 2:
        return list((TableSettings if steps[3:] == ["table"] else ExternalSettings).model_fields)
    known = sections.get(".".join(steps))
    return list(known.model_fields) if known else list(STRATEGIES)
