"""Which conditions are finished, by DVC's own record, and which runs have begun."""

from hashlib import md5
from pathlib import Path
from typing import Any

from transfer_report import storage
from transfer_report.errors import UserError
from transfer_report.params import Condition, Group, Params, condition_keys
from transfer_report.records import DataDescription, Draft
from transfer_report.stages.training_files import has_checkpoint
from transfer_report.yaml_files import read_yaml

LOCK = Path("dvc.lock")
Stages = dict[str, dict[str, Any]]


def read_progress(params: Params) -> Draft:
    """What a draft can be made from.

    A run counts where `dvc.lock` has it made from the plan and the images of now: what lies in `results/runs` alone may
    be left from other settings. Conditions with all seeds are taken; before there is one, those with the most.

    Raises:
        UserError: nothing is finished.
    """
    stages: Stages = (read_yaml(LOCK).get("stages") or {}) if LOCK.is_file() else {}
    finished = {
        (group, name): [seed for seed in params.seeds if _is_finished(stages, group, name, seed)]
        for group, name in condition_keys(params)
        if _has_features(params, group, name)
    }
    seeds = max(finished.values(), key=len, default=[])
    if not seeds:
        raise UserError(
            "no condition is finished yet; `dvc repro` trains them, and after the first there can be a draft"
        )
    done = [key for key, own in finished.items() if set(seeds) <= set(own)]
    return Draft(
        conditions=[f"{group}/{name}" for group, name in done],
        planned=len(list(condition_keys(params))),
        seeds=seeds,
        planned_seeds=len(params.seeds),
        begun=_begun(params, finished),
    )


def _is_finished(stages: Stages, group: Group, name: str, seed: int) -> bool:
    heads = group == "fixed_features"
    prefix = {"fine_tuning": "fine_tune", "probe_then_tune": "probe_then_tune", "fixed_features": "train_head"}[group]
    made = stages.get(f"{prefix}@{name}" if heads else f"{prefix}@{name}-{seed}", {})
    plan = storage.condition_file(group, name)
    if not (made and plan.is_file() and storage.history_file(group, name, seed).is_file()):
        return False
    of_plan = md5(storage.read_bytes(plan), usedforsecurity=False).hexdigest()
    of_images = _hash(stages.get("prepare", {}).get("outs", []), storage.DATA)
    deps = made.get("deps", [])
    return _hash(deps, plan) == of_plan and _hash(deps, storage.DATA) == of_images


def _hash(entries: list[dict[str, Any]], path: Path) -> str:
    return next((str(entry.get("md5")) for entry in entries if entry["path"] == path.as_posix()), "")


def _has_features(params: Params, group: Group, name: str) -> bool:
    """The test for a shift between splits asks for the features of every model."""
    return storage.features_file(params.conditions[group][name].model, "test").is_file()


def _begun(params: Params, finished: dict[tuple[Group, str], list[int]]) -> list[str]:
    """Runs that have a checkpoint, which they have from their fifth second on."""
    content = storage.read_record(storage.data_description_file(), DataDescription).content_sha256
    found = []
    for group, name in condition_keys(params):
        condition = storage.read_record(storage.condition_file(group, name), Condition)
        open_seeds = (seed for seed in params.seeds if seed not in finished.get((group, name), []))
        found += [f"{condition.key}, seed {seed}" for seed in open_seeds if has_checkpoint(condition, seed, content)]
    return found
