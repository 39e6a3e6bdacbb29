"""Progress of a study by DVC's own record: finished conditions and begun runs."""

from transfer_report.conditions import STRATEGIES, ConditionKey, Strategy
from transfer_report.errors import UserError
from transfer_report.files import md5_of_file, read_record
from transfer_report.layout import HERE
from transfer_report.planning import Condition, condition_keys
from transfer_report.records.data import DataDescription
from transfer_report.records.report import Draft
from transfer_report.revisions.lock import Lock
from transfer_report.settings import Params
from transfer_report.training.checkpoints import has_checkpoint


def read_progress(params: Params) -> Draft:
    """Return what a draft can be made from.

    A run counts where `dvc.lock` has it made from the plan and the images of now: what lies in `results/runs` alone may
    be left from other settings. Conditions with all seeds of their strategy are taken; before there is one, those with
    the most. The first condition of a model and strategy is the baseline of the others, which wait for it: without it,
    another would take its name.

    Raises:
        UserError: no baseline is finished.
    """
    lock = Lock() if HERE.lock.is_file() else None
    finished = {
        key: [seed for seed in params.seeds[key.strategy] if lock and _is_finished(lock, key, seed)]
        for key in condition_keys(params)
        if _has_features(params, key)
    }
    baselines = _baselines(params)
    seeds = {
        strategy: max(
            (finished.get(key, []) for key in baselines.values() if key.strategy == strategy), key=len, default=[]
        )
        for strategy in STRATEGIES
    }
    if not any(seeds.values()):
        raise UserError(
            "no condition that others are compared with, the first of a model and strategy, is finished yet; "
            "`dvc repro` trains them, and after the first there can be a draft"
        )
    done = [
        key
        for key in finished
        if seeds[key.strategy]
        and all(set(seeds[key.strategy]) <= set(finished.get(one, [])) for one in (key, baselines[key]))
    ]
    return Draft(
        conditions=list(map(str, done)),
        planned=len(baselines),
        seeds={strategy: seeds[strategy] or params.seeds[strategy] for strategy in STRATEGIES},
        runs=sum(len(seeds[key.strategy]) for key in done),
        planned_runs=sum(len(params.seeds[key.strategy]) for key in baselines),
        begun=_begun(params, finished),
    )


def _baselines(params: Params) -> dict[ConditionKey, ConditionKey]:
    """The first condition of the same strategy and model, of each."""
    first: dict[tuple[Strategy, str], ConditionKey] = {}
    return {key: first.setdefault((key.strategy, _model(params, key)), key) for key in condition_keys(params)}


def _model(params: Params, key: ConditionKey) -> str:
    return params.conditions[key.strategy][key.name].model


def _is_finished(lock: Lock, key: ConditionKey, seed: int) -> bool:
    stage, plan, images = key.stage_name(seed), HERE.condition_file(key), HERE.data.as_posix()
    if not (plan.is_file() and HERE.history_file(key, seed).is_file()):
        return False
    made_from = lock.dependency(stage, plan.as_posix()), lock.dependency(stage, images)
    return made_from == (md5_of_file(plan), lock.output("prepare", images))


def _has_features(params: Params, key: ConditionKey) -> bool:
    """The test for a shift between splits asks for the features of every model."""
    return HERE.features_file(_model(params, key), "test").is_file()


def _begun(params: Params, finished: dict[ConditionKey, list[int]]) -> list[str]:
    """Runs that have a checkpoint, which they have from their fifth second on."""
    content = read_record(HERE.data_description_file(), DataDescription).content_sha256
    found = []
    for key in condition_keys(params):
        condition = read_record(HERE.condition_file(key), Condition)
        open_seeds = (seed for seed in params.seeds[key.strategy] if seed not in finished.get(key, []))
        found += [f"{key}, seed {seed}" for seed in open_seeds if has_checkpoint(condition, seed, content)]
    return found
