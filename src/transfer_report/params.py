"""The settings of a study: `params.yaml`, read once, checked, and resolved into one record per condition."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import regex
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from transfer_report.errors import UserError, did_you_mean
from transfer_report.yaml_files import problems, read_yaml

PARAMS_FILE = Path("params.yaml")

# DVC's run cache does not see a change of settings with these names and hands out old results (treeverse/dvc#10296).
INVISIBLE_TO_DVC = frozenset({"size", "nfiles"})

Group = Literal["fine_tuning", "fixed_features", "probe_then_tune"]
GROUPS: tuple[Group, ...] = ("fine_tuning", "fixed_features", "probe_then_tune")


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


Name = Annotated[str, AfterValidator(_checked_name)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Threads = Literal["auto"] | Count
Fraction = Annotated[float, Field(gt=0, lt=1)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
"""What every generator of random numbers here takes: NumPy's, PyTorch's and scikit-learn's."""

SMALL_BELOW_PX = 64
"""Below this image side, the layers of a CPU's convolutions are so small that threads wait for each other more than
they compute, and that rearranging weights to `channels_last` costs more than it saves."""


class Settings(BaseModel):
    """Base of all settings: frozen; an unknown key or another type is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class NamedWithArguments(Settings):
    """Something of a library by its name there, with its arguments: `{name: StepLR, step_size: 10}`."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
    name: str

    @model_validator(mode="before")
    @classmethod
    def _has_a_name(cls, given: Any) -> Any:
        if not isinstance(given, dict | cls):
            raise ValueError("a name with its arguments, such as {name: SGD, momentum: 0.9}, is expected")
        return given

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments beside the name."""
        return dict(self.model_extra or {})


class TrainingSettings(Settings):
    """What decides a training run besides images, start weights and seed. Set for the study; a condition overrides."""

    lr: Positive
    epochs: Count
    head_epochs: Annotated[int, Field(ge=0)]
    """Epochs of the head alone, on fixed features, before the whole network trains for `epochs`; 0: none."""
    batch_size: Count
    optimizer: NamedWithArguments
    """Of `torch.optim`; `lr` and `weight_decay` come from the settings of those names."""
    scheduler: NamedWithArguments | Literal["none"]
    """Of `torch.optim.lr_scheduler`, stepped once an epoch."""
    weight_decay: NotNegative
    dropout: Annotated[float, Field(ge=0, lt=1)]
    """Probability with which an input of the head is dropped in training."""
    augmentation: list[Literal["horizontal_flip", "vertical_flip", "rotation", "crop", "brightness"]]
    class_weights: Literal["none", "balanced"]
    early_stopping_patience: Annotated[int, Field(ge=0)]
    """Epochs without a better validation result after which training stops; 0: never."""
    select_by: Literal["accuracy", "loss"]
    """The validation figure that chooses the epoch to keep (ties: the other figure, then the earlier epoch)."""


class ConditionOverrides(Settings):
    """One entry under `conditions.<group>`: its model, and the training settings that it sets itself."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
    model: str

    @model_validator(mode="before")
    @classmethod
    def _drop_what_inherits(cls, entry: Any) -> Any:
        if not isinstance(entry, dict):
            raise ValueError("a condition is a mapping with at least a `model`")
        for key in entry:
            if key != "model" and key not in TrainingSettings.model_fields:
                hint = did_you_mean(str(key), [*TrainingSettings.model_fields, "model"])
                raise ValueError(f"a condition has no setting {key!r}; {hint}")
        return {key: value for key, value in entry.items() if value is not None}


class ModelSettings(Settings):
    """One entry under `models`; what is empty follows the entry's name and the study's `weights`."""

    architecture: str | None = None
    """A name of torchvision's classification models; empty: the entry's own name."""
    weights: Literal["imagenet", "random"] | None = None


class PhantomSettings(Settings):
    """The simulated radiographs: how many, and how hard."""

    train: Count
    """Images for training and validation together."""
    test: Count
    contrast: Annotated[float, Field(gt=0, le=1)]
    """Share of the air in a consolidated region that fluid replaces; near 0 it cannot be seen."""
    photons: Annotated[float, Field(gt=0, le=1e12)]
    """Mean count per detector pixel in the open beam; fewer is noisier."""


class DataSettings(Settings):
    """Which images the study runs on, and how they are split and read."""

    source: Literal["phantom", "course", "folder", "medmnist"]
    path: Annotated[str, AfterValidator(_checked_path)]
    """The folder or file that is read; DVC watches it."""
    image_px: Annotated[int, Field(ge=8, le=2048)]
    """Side of the square images that the models see, in pixels."""
    fit: Literal["crop", "pad", "squash"]
    """How an image that is not square becomes square."""
    group_pattern: str
    """Regular expression whose first group, found in a file name, is the patient; empty: every image is its own."""
    val_fraction: Fraction
    test_fraction: Fraction
    """Used only where the source brings no test split."""
    limit_per_class: Annotated[int, Field(ge=0)]
    """At most so many images of each class, in each split that the source brings, drawn by `seed`; 0: all."""
    duplicates: Literal["fail", "drop_from_train"]
    """What happens where the source brings the same image in two splits: stop and name them, or leave out the copy
    on the side of training (in train rather than val, in val rather than test) and report it."""
    seed: Seed
    download: bool
    """Whether `course` and `medmnist` may fetch what `path` lacks (verified by hash)."""
    medmnist: str
    """Which set `medmnist` reads where `path` is a folder: `<path>/<name>.npz`, such as `pneumoniamnist_64`."""
    phantom: PhantomSettings

    @model_validator(mode="after")
    def _pattern_names_a_group(self) -> "DataSettings":
        try:
            groups = regex.compile(self.group_pattern).groups
        except regex.error as error:
            raise ValueError(f"group_pattern is not a regular expression: {error}") from error
        if self.group_pattern and not groups:
            raise ValueError("group_pattern needs parentheses around the part that names the patient")
        return self


class WeightsSettings(Settings):
    """Where the start weights come from."""

    source: Literal["imagenet", "random"]
    path: Annotated[str, AfterValidator(_checked_path)]
    """A folder that is searched for weight files first; DVC watches it."""
    if_unavailable: Literal["random", "fail"]
    """What happens where ImageNet's weights cannot be had."""
    download: bool
    seed: Seed
    """Draws random weights: one draw for all seeds of the study, as one file of pretrained weights would be."""


class AnalysisSettings(Settings):
    """How differences are judged."""

    confidence: Annotated[float, Field(gt=0.5, le=0.9999)]
    equivalence_margin: Annotated[float, Field(gt=0, lt=0.5)]
    """A difference of accuracy or AUROC, and a gap, below this (0.02: two points) is one that does not matter."""
    resamples: Annotated[int, Field(ge=100)]
    """Of the permutation tests of two conditions' runs."""
    seed: Seed
    calibration_bins: Annotated[int, Field(ge=2, le=100)]


class ReportSettings(Settings):
    """What the title page says, and how strict the build is."""

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
    """Whether a contradicted claim fails the build."""


class Params(TrainingSettings):
    """All of `params.yaml`."""

    seeds: Annotated[list[Seed], Field(min_length=1)]
    precision: Literal["auto", "float32", "bfloat16"]
    device: str
    """`auto`, or a name that PyTorch knows: `cpu`, `cuda`, `cuda:1`, `mps`."""
    threads: Threads
    """Of the arithmetic of one training process; its results depend on it in their last digits."""
    keep_models: Literal["none", "first_seed", "all"]
    """Which trained weights are kept beside predictions and curves."""
    data: DataSettings
    weights: WeightsSettings
    models: dict[Name, ModelSettings | None]
    conditions: dict[Group, dict[Name, ConditionOverrides]]
    analysis: AnalysisSettings
    report: ReportSettings

    @property
    def study_settings(self) -> dict[str, Any]:
        """The training settings that hold where a condition sets none, as plain values."""
        return self.model_dump(include=set(TrainingSettings.model_fields))


class Model(Settings):
    """A model of the study, resolved."""

    name: str
    architecture: str
    weights: Literal["imagenet", "random"]


class PlannedModel(Model):
    """A model of the study with everything else that decides its features, but the images themselves."""

    image_px: int
    precision: Literal["auto", "float32", "bfloat16"]
    device: str
    threads: Threads
    start_weights_sha256: str


class Condition(Settings):
    """One condition of the study, resolved: everything that decides its runs but the images and the seed."""

    group: Group
    name: str
    model: str
    training: TrainingSettings
    image_px: int
    precision: Literal["auto", "float32", "bfloat16"]
    device: str
    threads: Threads
    keep_models: Literal["none", "first_seed", "all"]
    first_seed: int | None = None
    """The seed whose weights are kept where `keep_models` is `first_seed`; None elsewhere."""
    start_weights_sha256: str

    @property
    def key(self) -> str:
        """The condition's name among all: `fine_tuning/resnet50-baseline`."""
        return f"{self.group}/{self.name}"


def load_params(path: Path = PARAMS_FILE) -> Params:
    """Read and check `params.yaml`.

    Raises:
        UserError: naming the key, the value and what is allowed.
    """
    tree = read_yaml(path)
    _refuse_invisible_keys(path, tree, ())
    groups = tree.get("conditions")
    for group, members in groups.items() if isinstance(groups, dict) else ():
        if members is None:
            raise UserError(
                f"{path}: conditions.{group}: is empty; where there is no such condition, write `{group}: {{}}`"
            )
    try:
        params = Params.model_validate(tree)
    except ValidationError as error:
        raise UserError(problems(path, error, _keys_at)) from None
    _check_references(path, params)
    for group, name in condition_keys(params):
        training_settings(params, group, name, path)
    return params


def check_data_path(params: Params, path: Path = PARAMS_FILE) -> None:
    """Refuse images that are not there: DVC would name the folder, but not the setting.

    Raises:
        UserError: naming the setting.
    """
    if params.data.source != "phantom" and not Path(params.data.path).exists():
        kept = Path(f"{params.data.path}.dvc").exists()
        help_ = "`dvc checkout` or `dvc pull` brings it" if kept else "name the one that the images are in"
        raise UserError(f"{path}: data.path: {params.data.path}: no such folder or file; {help_}")


def condition_keys(params: Params) -> Iterator[tuple[Group, str]]:
    """Group and name of every condition, in the order of `GROUPS` and of the file."""
    for group in GROUPS:
        for name in params.conditions[group]:
            yield group, name


def models(params: Params) -> list[Model]:
    """The models of the study, in the order of the file."""
    entries = {name: entry or ModelSettings() for name, entry in params.models.items()}
    return [
        Model(name=name, architecture=entry.architecture or name, weights=entry.weights or params.weights.source)
        for name, entry in entries.items()
    ]


def training_settings(params: Params, group: Group, name: str, path: Path = PARAMS_FILE) -> TrainingSettings:
    """The study's settings with those of one condition over them."""
    own = params.conditions[group][name].model_extra or {}
    try:
        settings = TrainingSettings.model_validate(params.study_settings | own)
    except ValidationError as error:
        raise UserError(problems(path, error, _keys_at, prefix=("conditions", group, name))) from None
    key = setting_key(params, group, name, "head_epochs")
    _check_head_epochs(settings.head_epochs, group, f"{path}: {key}")
    if group == "fixed_features":
        if "augmentation" in own:
            raise UserError(
                f"{path}: conditions.{group}.{name}.augmentation: has no effect in {group}, whose features are "
                "computed once, from the images as they are; remove it"
            )
        settings = settings.model_copy(update={"augmentation": []})
    return settings


def setting_key(params: Params, group: Group, name: str, setting: str) -> str:
    """Where a setting of a condition stands in the file: at the condition, or at the top."""
    own = setting in (params.conditions[group][name].model_extra or {})
    return f"conditions.{group}.{name}.{setting}" if own else setting


def _check_head_epochs(head_epochs: int, group: Group, where: str) -> None:
    """A condition in two steps has a first one; where the head alone trains, there is no second."""
    if group == "probe_then_tune" and head_epochs == 0:
        raise UserError(f"{where}: 0, but the conditions of {group} train their head first; set it to 1 or more")
    if group == "fixed_features" and head_epochs > 0:
        raise UserError(f"{where}: {head_epochs}, but in {group} the head trains alone, for `epochs`; set it to 0")


def _refuse_invisible_keys(path: Path, tree: Any, where: tuple[str, ...]) -> None:
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key in INVISIBLE_TO_DVC:
                raise UserError(
                    f"{path}: {'.'.join((*where, key))}: no setting may be called {key!r}, "
                    "since DVC does not notice when it changes; give it another name"
                )
            _refuse_invisible_keys(path, value, (*where, str(key)))


def _check_references(path: Path, params: Params) -> None:
    if len(set(params.seeds)) < len(params.seeds):
        raise UserError(f"{path}: seeds: a seed is listed twice: {params.seeds}")
    for group in GROUPS:
        if group not in params.conditions:
            raise UserError(
                f"{path}: conditions.{group}: missing; where there is no such condition, write `{group}: {{}}`"
            )
    if not any(params.conditions.values()):
        raise UserError(f"{path}: conditions: the study has no condition")
    for group, name in condition_keys(params):
        model = params.conditions[group][name].model
        if model not in params.models:
            hint = did_you_mean(model, params.models)
            raise UserError(
                f"{path}: conditions.{group}.{name}.model: {model!r} is not listed under `models`; {hint} "
                "(or add it there)"
            )


def _keys_at(steps: list[str]) -> list[str]:
    """The settings that exist at a place in the file."""
    sections: dict[str, type[BaseModel]] = {
        "": Params,
        "data": DataSettings,
        "data.phantom": PhantomSettings,
        "weights": WeightsSettings,
        "analysis": AnalysisSettings,
        "report": ReportSettings,
    }
    if steps[:1] == ["models"]:
        return list(ModelSettings.model_fields)
    known = sections.get(".".join(steps))
    return list(known.model_fields) if known else list(GROUPS)
