"""Reads and checks `params.yaml`."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from transfer_report.before_rename import refuse_old_settings
from transfer_report.conditions import STRATEGIES
from transfer_report.errors import UserError, did_you_mean
from transfer_report.layout import PARAMS_FILE
from transfer_report.planning import condition_keys, training_settings, tuned_settings
from transfer_report.settings import Params, keys_at
from transfer_report.yaml_files import problems, read_yaml

# DVC's run cache does not see a change of settings with these names and hands out old results (treeverse/dvc#10296).
INVISIBLE_TO_DVC = frozenset({"size", "nfiles"})


def load_params(path: Path = PARAMS_FILE) -> Params:
    """Read and check `params.yaml`.

    Raises:
        UserError: naming the key, the value and what is allowed.
    """
    tree = read_yaml(path)
    refuse_old_settings(path, tree)
    _refuse_invisible_keys(path, tree, ())
    if isinstance(seeds := tree.get("seeds"), list):
        each = "".join(f"\n  {strategy}: {seeds}" for strategy in STRATEGIES)
        raise UserError(f"{path}: seeds: each strategy has its own; write\nseeds:{each}")
    strategies = tree.get("conditions")
    for strategy, members in strategies.items() if isinstance(strategies, dict) else ():
        if members is None:
            raise UserError(
                f"{path}: conditions.{strategy}: is empty; where there is no such condition, write `{strategy}: {{}}`"
            )
    try:
        params = Params.model_validate(tree)
    except ValidationError as error:
        raise UserError(problems(path, error, keys_at)) from None
    _check_references(path, params)
    for key in condition_keys(params):
        training_settings(params, key, path)
    _check_tuning(path, params)
    return params


def check_external(params: Params, path: Path = PARAMS_FILE, *, fetched: bool = True) -> None:
    """Refuse external sets that no kept network could be scored on, or that are not there.

    Args:
        params: the settings.
        path: their file.
        fetched: whether sets that DVC keeps must be in the workspace: an experiment in a copy has those alone that its
            target needs.

    Raises:
        UserError: naming the setting, and how many runs it takes to have the networks.
    """
    if params.data.external and params.keep_models == "none":
        runs = sum(len(params.seeds[key.strategy]) for key in condition_keys(params))
        raise UserError(
            f"{path}: data.external: no trained network is kept to be scored; set `keep_models: first_seed`, by which "
            f"all {runs} runs of the study train again (those of `all` seeds give narrower intervals)"
        )
    for name, entry in params.data.external.items():
        if fetched or not Path(f"{entry.path}.dvc").exists():
            _refuse_missing(f"{path}: data.external.{name}.path", entry.path)
        if Path(entry.path).resolve() == Path(params.data.path).resolve() and entry.source == params.data.source:
            raise UserError(f"{path}: data.external.{name}.path: {entry.path}: these are the study's own images")


def check_data_path(params: Params, path: Path = PARAMS_FILE) -> None:
    """Refuse images that are not there: DVC would name the folder, but not the setting.

    Raises:
        UserError: naming the setting.
    """
    if params.data.source != "phantom":
        _refuse_missing(f"{path}: data.path", params.data.path)


def _refuse_missing(setting: str, images: str) -> None:
    if not Path(images).exists():
        help_ = (
            "`dvc checkout` or `dvc pull` brings it"
            if Path(f"{images}.dvc").exists()
            else "name the one that the images are in; in a copy of the project (a clone, an experiment with --temp or "
            f"--queue) they are only after `dvc add {images}` and a commit of {images}.dvc"
        )
        raise UserError(f"{setting}: {images}: no such folder or file; {help_}")


def _refuse_invisible_keys(path: Path, tree: Any, where: tuple[str, ...]) -> None:
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key in INVISIBLE_TO_DVC:
                raise UserError(
                    f"{path}: {'.'.join((*where, key))}: no setting may be called {key!r}, "
                    "since DVC does not notice when it changes; give it another name"
                )
            _refuse_invisible_keys(path, value, (*where, str(key)))


def _check_tuning(path: Path, params: Params) -> None:
    """Refuse values that nothing is tuned by, and seeds that would make the choice and its test one thing."""
    tuned = {name for key in condition_keys(params) for name in tuned_settings(params, key, path)}
    for name in params.tuning.grid:
        if name not in tuned:
            raise UserError(
                f"{path}: tuning.{name}: no condition is tuned by it: each sets `{name}` itself, has its own `tuning`, "
                "or trains without it; remove these values"
            )
    seeds = params.tuning_seeds
    if tuned and not seeds:
        raise UserError(
            f"{path}: tuning_seeds: is empty, and {', '.join(sorted(tuned))} would be tuned; write seeds that no "
            "strategy has, such as [100, 101]"
        )
    if len(set(seeds)) < len(seeds):
        raise UserError(f"{path}: tuning_seeds: a seed is listed twice: {seeds}")
    for strategy, used in params.seeds.items():
        if shared := sorted({*seeds} & {*used}):
            raise UserError(
                f"{path}: tuning_seeds: {', '.join(map(str, shared))}: also in `seeds.{strategy}`; take others, so "
                "that no run that chose a value counts among its results"
            )


def _check_references(path: Path, params: Params) -> None:
    for strategy in STRATEGIES:
        seeds = params.seeds.get(strategy, [])
        if not seeds:
            raise UserError(f"{path}: seeds.{strategy}: missing; write `{strategy}: [0, 1, 2]`")
        if len(set(seeds)) < len(seeds):
            raise UserError(f"{path}: seeds.{strategy}: a seed is listed twice: {seeds}")
        if strategy not in params.conditions:
            raise UserError(
                f"{path}: conditions.{strategy}: missing; where there is no such condition, write `{strategy}: {{}}`"
            )
    _check_more_runs(path, params)
    if not any(params.conditions.values()):
        raise UserError(f"{path}: conditions: the study has no condition")
    for key in condition_keys(params):
        model = params.conditions[key.strategy][key.name].model
        if model not in params.models:
            hint = did_you_mean(model, params.models)
            raise UserError(
                f"{path}: conditions.{key.strategy}.{key.name}.model: {model!r} is not listed under `models`; {hint} "
                "(or add it there)"
            )


def _check_more_runs(path: Path, params: Params) -> None:
    asked = params.train_fractions
    _check_chosen(path, "train_fractions.conditions", asked.conditions, params)
    _check_chosen(path, "cross_validation.conditions", params.cross_validation.conditions, params)
    if len(set(asked.values)) < len(asked.values):
        raise UserError(f"{path}: train_fractions.values: one is listed twice: {asked.values}")
    if asked.conditions and not asked.values:
        raise UserError(f"{path}: train_fractions.values: empty; write shares such as [0.1, 0.25, 0.5]")


def _check_chosen(path: Path, place: str, chosen: list[str], params: Params) -> None:
    """Conditions that a setting lists are those of the study, each once."""
    known = list(map(str, condition_keys(params)))
    for key in chosen:
        if key not in known:
            raise UserError(f"{path}: {place}: {key!r} is no condition of this study; {did_you_mean(key, known)}")
    if len(set(chosen)) < len(chosen):
        raise UserError(f"{path}: {place}: one is listed twice: {chosen}")
