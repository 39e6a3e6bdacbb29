"""A run from its first epoch to its last: train, validate, keep the best, go on where it was interrupted."""

from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import torch
from torch import Generator, Tensor, nn

from transfer_report.errors import UserError
from transfer_report.interruption import Postponement
from transfer_report.models.batch_norm import recompute_statistics
from transfer_report.models.devices import Precision, autocast
from transfer_report.models.heads import Network
from transfer_report.records.training import Epoch
from transfer_report.settings import TrainingSettings
from transfer_report.training.checkpoints import Checkpoint
from transfer_report.training.epoch import (
    PREDICTION_BATCH,
    LossAndAccuracy,
    batches,
    evaluate,
    predict,
    train_one_epoch,
)
from transfer_report.training.examples import Examples, Inputs, balanced_class_weights
from transfer_report.training.progress import Progress
from transfer_report.training.schedule import build_scheduler, network_optimizer, step_scheduler
from transfer_report.training.seeding import stream_seed
from transfer_report.training.selection import is_better, is_finished
from transfer_report.training.unfreezing import unfreeze, waiting_blocks

STATISTICS_IMAGES = 1000
"""At most so many training images give batch norm its statistics: Wu and Johnson (arXiv 2105.07576, 2021) find that a
thousand suffice."""


class DivergenceError(UserError):
    """The loss of a run is no longer a finite number."""


@dataclass
class Fit:
    """State of a run."""

    epochs: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0
    """Counted from 1; 0: before the first, or of the head on the network as it was."""
    best_state_dict: dict[str, Tensor] = field(default_factory=dict)
    best_val_logits: Tensor = field(default_factory=lambda: torch.empty(0))
    """Logits of the validation images in the best epoch, (images, classes)."""


class Training:
    """All that changes during a run: network, optimizer, schedule, random numbers, and what it has come to."""

    def __init__(self, network: nn.Module, settings: TrainingSettings, seed: int, device: torch.device) -> None:
        self.network = network
        self.settings = settings
        self.device = device
        self.optimizer = network_optimizer(network, settings, device)
        self.scheduler = build_scheduler(settings, self.optimizer)
        self.waiting = waiting_blocks(network) if settings.unfreeze_every and isinstance(network, Network) else []
        self.shuffle = Generator().manual_seed(stream_seed(seed, "shuffle"))
        torch.manual_seed(stream_seed(seed, "layers"))
        self.fit = Fit()

    @property
    def done(self) -> int:
        """Number of the last epoch, 0 before the first."""
        return self.fit.epochs[-1].epoch if self.fit.epochs else 0

    def begin_epoch(self) -> None:
        """Unfreeze what trains in the next epoch."""
        if self.waiting and isinstance(self.network, Network):
            unfreeze(self.network, self.waiting, self.done // self.settings.unfreeze_every)

    def state(self) -> dict[str, Any]:
        """Return everything that the next epochs depend on, as tensors, numbers and texts."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict() if self.scheduler else None,
            "shuffle": self.shuffle.get_state(),
            "layers": torch.get_rng_state(),
            "layers_cuda": torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else None,
            "epochs": [epoch.model_dump() for epoch in self.fit.epochs],
            "best_epoch": self.fit.best_epoch,
            "best_state_dict": self.fit.best_state_dict,
            "best_val_logits": self.fit.best_val_logits,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a state."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scheduler:
            self.scheduler.load_state_dict(state["scheduler"])
        self.shuffle.set_state(state["shuffle"])
        torch.set_rng_state(state["layers"])
        if state["layers_cuda"] is not None:
            torch.cuda.set_rng_state(state["layers_cuda"], self.device)
        self.fit = Fit(
            epochs=[Epoch(**epoch) for epoch in state["epochs"]],
            best_epoch=state["best_epoch"],
            best_state_dict=state["best_state_dict"],
            best_val_logits=state["best_val_logits"],
        )

    def record(self, number: int, lr: float, train: LossAndAccuracy, val: LossAndAccuracy, val_logits: Tensor) -> Epoch:
        """Note an epoch, and keep its weights where it is the best so far."""
        epoch = Epoch(
            epoch=number,
            lr=lr,
            train_loss=train.loss,
            train_accuracy=train.accuracy,
            val_loss=val.loss,
            val_accuracy=val.accuracy,
        )
        best = next((past for past in self.fit.epochs if past.epoch == self.fit.best_epoch), None)
        self.fit.epochs.append(epoch)
        if best is None or is_better(epoch, best, self.settings.select_by):
            self.fit.best_epoch = number
            self.fit.best_state_dict = {name: value.clone() for name, value in self.network.state_dict().items()}
            self.fit.best_val_logits = val_logits
        return epoch


def fit(
    network: nn.Module,
    train: Examples,
    val: Examples,
    settings: TrainingSettings,
    *,
    name: str,
    seed: int,
    class_count: int,
    precision: Precision,
    checkpoint: Checkpoint,
    probed: Epoch | None = None,
) -> Fit:
    """Train a network, and leave it with the weights of its best epoch.

    Args:
        network: inputs → logits, on the device of the labels.
        train: what is learned.
        val: what the best epoch is chosen by.
        settings: of the condition.
        name: of the run, for progress and errors: `fine_tuning/resnet50-baseline, seed 0`.
        seed: of order, dropout, augmentation, and of the images that batch-norm statistics are recomputed from.
        class_count: number of classes.
        precision: of the forward pass.
        checkpoint: where the run goes on from after an interruption.
        probed: the epoch that the head was kept from where it was trained before; the network as it is then counts as
            epoch 0, with the statistics that its head was trained with.

    Raises:
        DivergenceError: the loss is no longer a finite number.
        KeyboardInterrupt: someone stopped it; says how many epochs are kept.
    """
    device = train.labels.device
    counted = settings.class_weights == "balanced"
    class_weights = (
        balanced_class_weights(train.labels, class_count) if counted else torch.ones(class_count, device=device)
    )
    training = Training(network, settings, seed, device)
    batches_per_epoch = len(batches(len(train.inputs), settings.batch_size))

    def score(number: int, lr: float, figures: LossAndAccuracy) -> Epoch:
        val_logits = predict(network, val.inputs, precision, device)
        val_figures = evaluate(val_logits, val.labels.cpu(), class_weights.cpu())
        if not (isfinite(figures.loss) and isfinite(val_figures.loss)):
            checkpoint.remove()
            raise DivergenceError(_diverged(name, number, settings))
        return training.record(number, lr, figures, val_figures, val_logits)

    def kept() -> str:
        return f"{name}: {checkpoint.epochs} of {settings.epochs} epochs are kept."

    with (
        Progress(name, settings.epochs, batches_per_epoch) as progress,
        Postponement(name, lambda: checkpoint.epochs < training.done, kept) as stop,
    ):
        if state := checkpoint.load():
            training.restore(state)
            progress.resume(training.done)
        elif probed:
            score(0, probed.lr, LossAndAccuracy(probed.train_loss, probed.train_accuracy))
        while not is_finished(training.fit.epochs, training.fit.best_epoch, settings):
            order = torch.randperm(len(train.inputs), generator=training.shuffle)
            rows = batches(len(order), settings.batch_size, order)
            lr = float(training.optimizer.param_groups[0]["lr"])
            training.begin_epoch()
            figures = train_one_epoch(
                network, train, rows, training.optimizer, class_weights, precision, progress.batch
            )
            if settings.batch_norm == "recomputed":
                _recompute(network, train.inputs.unaugmented(), seed, precision, device)
            epoch = score(training.done + 1, lr, figures)
            progress.epoch(epoch)
            step_scheduler(training.scheduler, epoch.val_loss)
            if checkpoint.is_due() or stop.requested:
                checkpoint.save(training.state())
            stop.stop_if_requested()
    network.load_state_dict(training.fit.best_state_dict)
    return training.fit


def _recompute(network: nn.Module, inputs: Inputs, seed: int, precision: Precision, device: torch.device) -> None:
    """Set batch-norm statistics from training images; updates do not depend on them, so training goes on as before."""
    generator = Generator().manual_seed(stream_seed(seed, "statistics"))
    rows = torch.randperm(len(inputs), generator=generator)[:STATISTICS_IMAGES].sort().values
    parts = torch.tensor_split(rows, -(-len(rows) // PREDICTION_BATCH))
    with autocast(device, precision):
        recompute_statistics(network, (inputs.batch(part) for part in parts))


def _diverged(name: str, epoch: int, settings: TrainingSettings) -> str:
    return (
        f"{name}, epoch {epoch}: the loss is no longer a finite number. Try a lower `lr` than {settings.lr:g}, "
        "`precision: float32`, or another optimizer for this condition"
    )
