"""Runs that try values of a condition's settings: validated, never tested, and not repeated while they are known."""

from collections.abc import Callable

from transfer_report.errors import UserError, first_line
from transfer_report.files import read_record, write_record
from transfer_report.layout import HERE
from transfer_report.log import log
from transfer_report.planning import Condition, Values
from transfer_report.records.training import History
from transfer_report.records.tuning import Trial, Trials
from transfer_report.training.checkpoints import run_name
from transfer_report.training.fit import DivergenceError


def try_values(condition: Condition, seed: int, content_sha256: str, train: Callable[[Condition], History]) -> Trials:
    """Train a condition with each combination of the values to choose from, or recall how that validated.

    Args:
        condition: with its grid; without one, nothing is tried.
        seed: of all trials.
        content_sha256: of the images.
        train: trains a condition without a grid by that seed.
    """
    trials = []
    for values in condition.combinations() if condition.grid else ():
        tried = condition.with_values(values).model_copy(update={"keep_models": "none", "first_seed": None})
        fingerprint = run_name(tried, seed, content_sha256)
        trial = _recalled(fingerprint)
        if trial is None:
            trial = _scored(fingerprint, values, tried, train)
            write_record(HERE.trial_file(fingerprint), trial)
        trials.append(trial)
    return Trials(condition=str(condition.key), seed=seed, trials=trials)


def _recalled(fingerprint: str) -> Trial | None:
    path = HERE.trial_file(fingerprint)
    try:
        return read_record(path, Trial) if path.is_file() else None
    except UserError as error:
        log.warning("%s: not readable (%s); the values are tried again", path, first_line(error))
        return None


def _scored(fingerprint: str, values: Values, tried: Condition, train: Callable[[Condition], History]) -> Trial:
    name = ", ".join(f"{setting} {value:g}" for setting, value in values.items())
    try:
        kept = train(tried).kept
    except DivergenceError as error:
        log.warning("%s; with %s it does not train", first_line(error), name)
        return Trial(fingerprint=fingerprint, values=dict(values), epoch=None, val_accuracy=None, val_loss=None)
    log.info("%s: tried %s: validation accuracy %.3f, loss %.3f", tried.key, name, kept.val_accuracy, kept.val_loss)
    return Trial(
        fingerprint=fingerprint,
        values=dict(values),
        epoch=kept.epoch,
        val_accuracy=kept.val_accuracy,
        val_loss=kept.val_loss,
    )
