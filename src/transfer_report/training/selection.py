"""Which epoch is kept, and when training stops."""

from collections.abc import Sequence
from typing import Literal

from transfer_report.params import TrainingSettings
from transfer_report.records import Epoch


def is_better(candidate: Epoch, best: Epoch, select_by: Literal["accuracy", "loss"]) -> bool:
    """Whether a later epoch takes the place of the best so far: by validation, a tie going to the other figure.

    With both equal the earlier stays.
    """

    def rank(epoch: Epoch) -> tuple[float, float]:
        figures = (epoch.val_accuracy, -epoch.val_loss)
        return figures if select_by == "accuracy" else (figures[1], figures[0])

    return rank(candidate) > rank(best)


def is_finished(epochs: Sequence[Epoch], best_epoch: int, settings: TrainingSettings) -> bool:
    """Whether a run ends here: all epochs done, or none better for as long as its patience lasts."""
    patience = settings.early_stopping_patience
    return len(epochs) >= settings.epochs or bool(patience and len(epochs) - best_epoch >= patience)
