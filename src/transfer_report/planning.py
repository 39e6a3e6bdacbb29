"""Resolves the settings of a study into one record per model and condition."""

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from transfer_report.conditions import STRATEGIES, ConditionKey, Strategy
from transfer_report.errors import UserError
from transfer_report.layout import PARAMS_FILE
from transfer_report.settings import ModelSettings, ModelWeights, Params, Settings, Threads, TrainingSettings, keys_at
from transfer_report.yaml_files import problems


class ComputeSettings(Settings):
    """How a network computes, and on images of what size."""

    image_px: int
    precision: Literal["auto", "float32", "bfloat16"]
    device: str
    threads: Threads


class Model(Settings):
    """A model of the study, resolved."""

    name: str
    architecture: str
    weights: ModelWeights


class PlannedModel(Model):
    """A model of the study with everything else that decides its features, but the images themselves."""

    compute: ComputeSettings
    initial_weights_sha256: str


Values = Mapping[str, float]
"""Values of some training settings, by name."""


class Condition(Settings):
    """One condition of the study, resolved: everything that decides its runs but the images and the seed."""

    strategy: Strategy
    name: str
    model: str
    training: TrainingSettings
    compute: ComputeSettings
    keep_models: Literal["none", "first_seed", "all"]
    first_seed: int | None = None
    """The seed whose weights are kept where `keep_models` is `first_seed`; None elsewhere."""
    initial_weights_sha256: str
    grid: dict[str, list[int | float]] = Field(default_factory=dict)
    """Values to choose from, by setting; empty where nothing is tuned, and once validation has chosen."""

    @property
    def key(self) -> ConditionKey:
        """Key of this condition."""
        return ConditionKey(self.strategy, self.name)

    @property
    def as_set(self) -> dict[str, Any]:
        """Its training settings as plain values; a tuned one is the list of its values."""
        return self.training.model_dump() | self.grid

    def combinations(self) -> list[Values]:
        """Return every combination of the values to choose from, the first setting changing slowest."""
        return [dict(zip(self.grid, values, strict=True)) for values in product(*self.grid.values())]

    def with_values(self, values: Values) -> "Condition":
        """Return this condition with values in place of its grid."""
        return self.model_copy(update={"training": self.training.model_copy(update=dict(values)), "grid": {}})


def condition_keys(params: Params) -> Iterator[ConditionKey]:
    """Yield the key of every condition, in the order of `STRATEGIES` and of the file."""
    for strategy in STRATEGIES:
        for name in params.conditions[strategy]:
            yield ConditionKey(strategy, name)


def train_fractions(params: Params, key: ConditionKey) -> list[float]:
    """Return the fractions of the training images that a condition trains on besides all, from small to large."""
    asked = params.train_fractions
    return sorted(asked.values) if str(key) in asked.conditions else []


def models(params: Params) -> list[Model]:
    """Return the models of the study, in the order of the file."""
    entries = {name: entry or ModelSettings() for name, entry in params.models.items()}
    return [
        Model(name=name, architecture=entry.architecture or name, weights=entry.weights or params.weights.source)
        for name, entry in entries.items()
    ]


def plan_models(params: Params, weights_sha256: Mapping[str, str]) -> list[PlannedModel]:
    """Return the study's models with all that decides their features.

    Args:
        params: of the study.
        weights_sha256: of each model's initial weights, by its name.
    """
    return [
        PlannedModel(**model.model_dump(), compute=_compute(params), initial_weights_sha256=weights_sha256[model.name])
        for model in models(params)
    ]


def plan_conditions(params: Params, weights_sha256: Mapping[str, str]) -> list[Condition]:
    """Return the study's conditions with all that decides their runs, in the order of `condition_keys`."""
    planned = []
    for key in condition_keys(params):
        model = params.conditions[key.strategy][key.name].model
        planned.append(
            Condition(
                strategy=key.strategy,
                name=key.name,
                model=model,
                training=training_settings(params, key),
                compute=_compute(params),
                keep_models=params.keep_models,
                first_seed=params.seeds[key.strategy][0] if params.keep_models == "first_seed" else None,
                initial_weights_sha256=weights_sha256[model],
                grid=tuned_settings(params, key),
            )
        )
    return planned


def _compute(params: Params) -> ComputeSettings:
    return ComputeSettings(
        image_px=params.data.image_px, precision=params.precision, device=params.device, threads=params.threads
    )


def training_settings(params: Params, key: ConditionKey, path: Path = PARAMS_FILE) -> TrainingSettings:
    """Return the study's settings with those of one condition over them.

    Raises:
        UserError: naming the setting of the condition that is not allowed.
    """
    own = params.conditions[key.strategy][key.name].model_extra or {}
    try:
        settings = TrainingSettings.model_validate(params.study_settings | own)
    except ValidationError as error:
        raise UserError(problems(path, error, keys_at, prefix=("conditions", *key))) from None
    _check_head_epochs(settings.head_epochs, key.strategy, f"{path}: {setting_place(params, key, 'head_epochs')}")
    if "head_lr" in own and not settings.head_epochs:
        raise UserError(
            f"{path}: {setting_place(params, key, 'head_lr')}: has no effect without `head_epochs`; remove it, or set "
            "these"
        )
    if settings.head == "solved":
        if "head" in own and key.strategy != "linear_probe":
            raise UserError(
                f"{path}: {setting_place(params, key, 'head')}: solved, but in {key.strategy} other layers train, too; "
                "set it in conditions of linear_probe"
            )
        solved = key.strategy == "linear_probe"
        settings = settings.model_copy(update={"epochs": 1} if solved else {"head": "trained"})
    if key.strategy == "linear_probe":
        for setting in ("augmentation", "batch_norm", "trainable", "unfreeze_every", "layer_decay"):
            if setting in own:
                raise UserError(
                    f"{path}: {setting_place(params, key, setting)}: has no effect in {key.strategy}, whose features "
                    "are computed once, by the network and from the images as they are; remove it"
                )
        probe = {"augmentation": [], "trainable": "head", "unfreeze_every": 0, "layer_decay": 1.0}
        settings = settings.model_copy(update=probe)
    return settings


def tuned_settings(params: Params, key: ConditionKey, path: Path = PARAMS_FILE) -> dict[str, list[int | float]]:
    """Return the settings of a condition that are tuned, with the values to choose from.

    Of the study's grid, a condition has those settings that it does not set itself and that have an effect in it.

    Raises:
        UserError: a grid of the condition's own has a setting without effect, or one that the condition also sets.
    """
    entry = params.conditions[key.strategy][key.name]
    own, training = entry.model_extra or {}, training_settings(params, key, path)
    if entry.tuning is None:
        return {
            name: values
            for name, values in params.tuning.grid.items()
            if name not in own and has_effect(name, key.strategy, training)
        }
    for name in entry.tuning.grid:
        where = f"{path}: {'.'.join(('conditions', *key))}.tuning.{name}"
        if name in own:
            raise UserError(f"{where}: the condition also sets `{name}`; remove one of them")
        if not has_effect(name, key.strategy, training):
            raise UserError(f"{where}: `{name}` has no effect in this condition; remove it")
    return entry.tuning.grid


def has_effect(setting: str, strategy: Strategy, training: TrainingSettings) -> bool:
    """Return whether a setting that can be tuned decides anything of a condition."""
    if training.head == "solved":
        return False
    if setting == "layer_decay":
        return strategy != "linear_probe" and training.trainable != "head"
    return setting != "head_lr" or training.head_epochs > 0


def setting_place(params: Params, key: ConditionKey, setting: str) -> str:
    """Return where a setting of a condition stands in the file: at the condition, or at the top."""
    own = setting in (params.conditions[key.strategy][key.name].model_extra or {})
    return ".".join(("conditions", *key, setting)) if own else setting


def _check_head_epochs(head_epochs: int, strategy: Strategy, where: str) -> None:
    """LP-FT trains its head first; where the head alone trains, nothing comes first."""
    if strategy == "lp_ft" and head_epochs == 0:
        raise UserError(f"{where}: 0, but the conditions of {strategy} train their head first; set it to 1 or more")
    if strategy == "linear_probe" and head_epochs > 0:
        raise UserError(f"{where}: {head_epochs}, but in {strategy} the head trains alone, for `epochs`; set it to 0")
