"""Choice of the values of a condition's settings, by validation alone, and the memory of what was tried."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import fmean

from transfer_report.errors import UserError
from transfer_report.files import read_record, write_record
from transfer_report.layout import HERE, PARAMS_FILE
from transfer_report.planning import Condition
from transfer_report.records.tuning import Trials, TriedValues, Tuning

NOTHING_BEYOND = {"weight_decay": 0.0, "dropout": 0.0, "layer_decay": 1.0, "batch_size": 1, "epochs": 1}
"""Values that no smaller one, or of a decay no larger one, could replace: at the edge of a grid, they hide nothing."""


def choose(condition: Condition, by_seed: Sequence[Trials]) -> Tuning:
    """Return the values that validate best in the mean over seeds.

    As an epoch is chosen: by accuracy or loss (`select_by`), a tie going to the other, then to what was listed first.

    Args:
        condition: with a grid.
        by_seed: its trials, those of each seed in the order of the grid.

    Raises:
        UserError: no combination trained to the end.
    """
    tried = list(_means(by_seed))
    finite = [one for one in tried if one.val_accuracy is not None]
    if not finite:
        raise UserError(
            f"{PARAMS_FILE}: tuning: {condition.key}: with each value the loss was no longer finite; list lower "
            "learning rates"
        )
    by_accuracy = condition.training.select_by == "accuracy"

    def rank(one: TriedValues) -> tuple[float, float]:
        figures = (one.val_accuracy or 0.0, -(one.val_loss or 0.0))
        return figures if by_accuracy else (figures[1], figures[0])

    chosen = max(finite, key=rank).values  # the first of equals
    return Tuning(
        condition=str(condition.key),
        grid=condition.grid,
        seeds=[one.seed for one in by_seed],
        tried=tried,
        chosen=chosen,
        at_edge=[name for name, values in condition.grid.items() if _is_at_edge(name, chosen[name], values)],
    )


def remember_trials(records: Iterable[Path]) -> None:
    """Note the trials of an earlier run, which may have come from elsewhere: a colleague, a copy, another machine."""
    for path in records:
        try:
            trials = read_record(path, Trials).trials
        except UserError:  # of another version of the program, whose trials are no use to this one
            continue
        for trial in trials:
            if not HERE.trial_file(trial.fingerprint).is_file():
                write_record(HERE.trial_file(trial.fingerprint), trial)


def _means(by_seed: Sequence[Trials]) -> Iterator[TriedValues]:
    for runs in zip(*(one.trials for one in by_seed), strict=True):
        accuracies = [run.val_accuracy for run in runs if run.val_accuracy is not None]
        losses = [run.val_loss for run in runs if run.val_loss is not None]
        whole = len(accuracies) == len(runs)
        yield TriedValues(
            values=runs[0].values,
            val_accuracy=fmean(accuracies) if whole else None,
            val_loss=fmean(losses) if whole else None,
        )


def _is_at_edge(setting: str, chosen: float, values: Sequence[float]) -> bool:
    return chosen in (min(values), max(values)) and chosen != NOTHING_BEYOND.get(setting)
