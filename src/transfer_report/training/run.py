"""One run of a condition: train a network on a study's images or features, and predict."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from transfer_report.models.devices import Precision
from transfer_report.planning import Condition
from transfer_report.records.training import Epoch, History
from transfer_report.training.checkpoints import Checkpoint
from transfer_report.training.epoch import predict
from transfer_report.training.examples import Examples, Inputs
from transfer_report.training.fit import fit


@dataclass(frozen=True)
class StudyData:
    """Inputs of a run, without labels of the test images."""

    train: Examples
    val: Examples
    test: Inputs
    class_count: int


@dataclass(frozen=True)
class Run:
    """Results of a run, besides its network."""

    history: History
    val_probabilities: NDArray[np.float32]  # (images, classes)
    test_probabilities: NDArray[np.float32]  # (images, classes)


Trained = TypeVar("Trained", covariant=True)


class Trainer(Protocol[Trained]):
    """What trains a network as a condition says, and leaves it with the weights of its best epoch."""

    def __call__(
        self,
        network: nn.Module,
        data: StudyData,
        condition: Condition,
        seed: int,
        precision: Precision,
        checkpoint: Checkpoint,
        probed: Epoch | None = None,
    ) -> Trained:
        """Train it; `probed` is the epoch that its head was kept from, where that was trained before."""


def train_run(
    network: nn.Module,
    data: StudyData,
    condition: Condition,
    seed: int,
    precision: Precision,
    checkpoint: Checkpoint,
    probed: Epoch | None = None,
) -> Run:
    """Train a network, and predict by the weights of its best epoch (a `Trainer`).

    Raises:
        DivergenceError: the loss is no longer a finite number.
    """
    history, val_logits = train_only(network, data, condition, seed, precision, checkpoint, probed)
    test_logits = predict(network, data.test, precision, data.train.labels.device)
    checkpoint.mark_done()
    return Run(history, probabilities(val_logits), probabilities(test_logits))


def train_only(
    network: nn.Module,
    data: StudyData,
    condition: Condition,
    seed: int,
    precision: Precision,
    checkpoint: Checkpoint,
    probed: Epoch | None = None,
) -> tuple[History, Tensor]:
    """Train a network, and return its history and the logits of the validation images (a `Trainer`).

    Raises:
        DivergenceError: the loss is no longer a finite number.
    """
    settings = condition.training
    trained_parameters = sum(value.numel() for value in network.parameters() if value.requires_grad)
    result = fit(
        network,
        data.train,
        data.val,
        settings,
        name=f"{condition.key}, seed {seed}",
        seed=seed,
        class_count=data.class_count,
        precision=precision,
        checkpoint=checkpoint,
        probed=probed,
    )
    history = History(
        condition=str(condition.key),
        seed=seed,
        epochs=result.epochs,
        best_epoch=result.best_epoch,
        stopped_early=result.epochs[-1].epoch < settings.epochs,
        trained_parameters=trained_parameters,
        precision=precision,
        train_images=len(data.train.labels),
    )
    return history, result.best_val_logits


def probabilities(logits: Tensor) -> NDArray[np.float32]:
    """Softmax over the classes, computed in double precision, so that rows sum to one."""
    values: NDArray[np.float32] = torch.softmax(logits.double(), dim=1).float().numpy()
    return values
