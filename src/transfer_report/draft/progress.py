"""Which conditions are finished, by DVC's own record, and which runs have begun."""

from transfer_report import storage
from transfer_report.errors import UserError
from transfer_report.params import Condition, Group, Params, condition_keys
from transfer_report.records import DataDescription, Draft
from transfer_report.revisions.lock import Lock
from transfer_report.stages.training_files import has_checkpoint


def read_progress(params: Params) -> Draft:
    """What a draft can be made from.

    A run counts where `dvc.lock` has it made from the plan and the images of now: what lies in `results/runs` alone may
    be left from other settings. Conditions with all seeds are taken; before there is one, those with the most. The
    first condition of a model and task is the baseline of the others, which wait for it: without it, another would
    take its name.

    Raises:
        UserError: no baseline is finished.
    """
    lock = Lock() if storage.LOCK.is_file() else None
    finished = {
        (group, name): [seed for seed in params.seeds if lock and _is_finished(lock, group, name, seed)]
        for group, name in condition_keys(params)
        if _has_features(params, group, name)
    }
    baselines = _baselines(params)
    seeds = max((finished.get(key, []) for key in baselines.values()), key=len, default=[])
    if not seeds:
        raise UserError(
            "no condition that others are compared with, the first of a model and task, is finished yet; "
            "`dvc repro` trains them, and after the first there can be a draft"
        )
    done = [key for key in finished if all(set(seeds) <= set(finished.get(one, [])) for one in (key, baselines[key]))]
    return Draft(
        conditions=[f"{group}/{name}" for group, name in done],
        planned=len(list(condition_keys(params))),
        seeds=seeds,
        planned_seeds=len(params.seeds),
        begun=_begun(params, finished),
    )


def _baselines(params: Params) -> dict[tuple[Group, str], tuple[Group, str]]:
    """The first condition of the same group and model, of each."""
    first: dict[tuple[Group, str], tuple[Group, str]] = {}
    return {
        (group, name): first.setdefault((group, params.conditions[group][name].model), (group, name))
        for group, name in condition_keys(params)
    }


def _is_finished(lock: Lock, group: Group, name: str, seed: int) -> bool:
    heads = group == "fixed_features"
    prefix = {"fine_tuning": "fine_tune", "probe_then_tune": "probe_then_tune", "fixed_features": "train_head"}[group]
    stage = f"{prefix}@{name}" if heads else f"{prefix}@{name}-{seed}"
    plan, images = storage.condition_file(group, name), storage.DATA.as_posix()
    if not (plan.is_file() and storage.history_file(group, name, seed).is_file()):
        return False
    made_from = lock.dependency(stage, plan.as_posix()), lock.dependency(stage, images)
    return made_from == (storage.md5(plan), lock.output("prepare", images))


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
