"""A small evaluation, made by hand."""

import numpy as np
import pytest

from transfer_report.evaluation.conditions import evaluate_condition
from transfer_report.records.evaluation import Evaluation
from transfer_report.records.training import Epoch, History

LABELS = np.array([0, 0, 1, 1])


def history(condition: str, seed: int) -> History:
    epochs = [
        Epoch(epoch=e, lr=0.1, train_loss=1 / e, train_accuracy=0.5, val_loss=0.7, val_accuracy=0.75) for e in (1, 2)
    ]
    return History(
        condition=condition, seed=seed, epochs=epochs, best_epoch=1, stopped_early=False, trained_parameters=10,
        precision="float32",
    )  # fmt: skip


@pytest.fixture
def evaluation() -> Evaluation:
    keys = ["fine_tuning/a", "fine_tuning/b", "linear_probe/a"]
    correct = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.2, 0.8]])
    once_incorrect = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.2, 0.8]])
    stacked = np.stack([correct, once_incorrect])
    return Evaluation(
        classes=["normal", "pneumonia"],
        val_labels=LABELS.tolist(), val_patients=list("abcd"),
        test_labels=LABELS.tolist(), test_patients=list("efgh"), test_ids=list("efgh"),
        conditions=[
            evaluate_condition(key, [history(key, 0), history(key, 7)], stacked, stacked, LABELS, LABELS, bins=10)
            for key in keys
        ],
    )  # fmt: skip
