import pytest

from transfer_report.records.training import Epoch
from transfer_report.training.selection import is_better, is_finished


def epoch(accuracy, loss):
    return Epoch(epoch=1, lr=0.1, train_loss=1.0, train_accuracy=0.5, val_loss=loss, val_accuracy=accuracy)


@pytest.mark.parametrize(
    ("candidate", "by_accuracy", "by_loss"),
    [
        ((0.8, 0.5), False, False),  # equal in both: the earlier stays
        ((0.9, 0.6), True, False),
        ((0.7, 0.4), False, True),
        ((0.8, 0.4), True, True),
        ((0.9, 0.5), True, True),
    ],
)
def test_which_epoch_is_better(candidate, by_accuracy, by_loss):
    best = epoch(0.8, 0.5)
    assert is_better(epoch(*candidate), best, "accuracy") is by_accuracy
    assert is_better(epoch(*candidate), best, "loss") is by_loss


@pytest.mark.parametrize(
    ("done", "best", "patience", "expected"),
    [(3, 1, 0, False), (4, 1, 0, True), (2, 1, 2, False), (3, 1, 2, True), (3, 2, 2, False)],
)
def test_when_training_stops(settings, done, best, patience, expected):
    epochs = [epoch(0.5, 1.0).model_copy(update={"epoch": number + 1}) for number in range(done)]
    assert is_finished(epochs, best, settings(early_stopping_patience=patience)) is expected
