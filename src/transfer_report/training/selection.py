"""Choice of the epoch that is kept, and the end of training."""

from collections.abc import Sequence
from typing import Literal

from transfer_report.records.training import Epoch
from transfer_report.settings import TrainingSettings


def is_better(candidate: Epoch, best: Epoch, select_by: Literal["accuracy", "loss"]) -> bool:
    """Return whether a later epoch replaces the best so far: by validation, a tie going to the other figure.

    With both equal the earlier stays.
    """

    def rank(epoch: Epoch) -> tuple[float, float]:
        figures = (epoch.val_accuracy, -epoch.val_loss)
        return figures if select_by == "accuracy" else (figures[1], figures[0])

    return rank(candidate) > rank(best)


def is_finished(epochs: Sequence[Epoch], best_epoch: int, settings: TrainingSettings) -> bool:
    """Return whether a run ends here: all epochs done, or no improvement for `early_stopping_patience` epochs."""
    done = epochs[-1].epoch if epochs else 0
    patience = settings.early_stopping_patience
    return done >= settings.epochs or bool(patience and done - best_epoch >= patience)
