"""A run from its first epoch to its last: train, validate, keep the best, go on where it was interrupted."""

from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import torch
from torch import Generator, Tensor, nn

from transfer_report.errors import UserError
from transfer_report.interruption import Postponement
from transfer_report.models.devices import Precision
from transfer_report.params import TrainingSettings
from transfer_report.records import Epoch
from transfer_report.training.checkpoints import Checkpoint
from transfer_report.training.epoch import Figures, batches, evaluate, predict, train_one_epoch
from transfer_report.training.examples import Examples, class_weights
from transfer_report.training.progress import Progress
from transfer_report.training.schedule import build_optimizer, build_scheduler, step_scheduler
from transfer_report.training.seeding import stream_seed
from transfer_report.training.selection import is_better, is_finished


@dataclass
class Fit:
    """What a run has come to."""

    epochs: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0
    """Counted from 1; 0 before the first."""
    best_weights: dict[str, Tensor] = field(default_factory=dict)
    best_val_logits: Tensor = field(default_factory=lambda: torch.empty(0))
    """Of the validation images by the best epoch, (images, classes)."""


class Training:
    """All that changes during a run: network, optimizer, schedule, random numbers, and what it has come to."""

    def __init__(self, network: nn.Module, settings: TrainingSettings, seed: int, device: torch.device) -> None:
        self.network = network
        self.device = device
        self.optimizer = build_optimizer(settings, network.parameters(), device)
        self.scheduler = build_scheduler(settings, self.optimizer)
        self.shuffle = Generator().manual_seed(stream_seed(seed, "shuffle"))
        torch.manual_seed(stream_seed(seed, "layers"))
        self.fit = Fit()

    def state(self) -> dict[str, Any]:
        """Everything that the next epochs depend on, as tensors, numbers and texts."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict() if self.scheduler else None,
            "shuffle": self.shuffle.get_state(),
            "layers": torch.get_rng_state(),
            "layers_cuda": torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else None,
            "epochs": [epoch.model_dump() for epoch in self.fit.epochs],
            "best_epoch": self.fit.best_epoch,
            "best_weights": self.fit.best_weights,
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
            best_weights=state["best_weights"],
            best_val_logits=state["best_val_logits"],
        )

    def record(self, train: Figures, val: Figures, val_logits: Tensor, settings: TrainingSettings) -> Epoch:
        """Note an epoch, and keep its weights where it is the best so far."""
        epoch = Epoch(
            epoch=len(self.fit.epochs) + 1,
            lr=float(self.optimizer.param_groups[0]["lr"]),
            train_loss=train.loss,
            train_accuracy=train.accuracy,
            val_loss=val.loss,
            val_accuracy=val.accuracy,
        )
        self.fit.epochs.append(epoch)
        if epoch.epoch == 1 or is_better(epoch, self.fit.epochs[self.fit.best_epoch - 1], settings.select_by):
            self.fit.best_epoch = epoch.epoch
            self.fit.best_weights = {name: value.clone() for name, value in self.network.state_dict().items()}
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
) -> Fit:
    """Train a network, and leave it with the weights of its best epoch.

    Args:
        network: inputs → logits, on the device of the labels.
        train: what is learned.
        val: what the best epoch is chosen by.
        settings: of the condition.
        name: of the run, for progress and errors: `fine_tuning/resnet50-baseline, seed 0`.
        seed: of order, dropout and augmentation.
        class_count: number of classes.
        precision: of the forward pass.
        checkpoint: where the run goes on from after an interruption.

    Raises:
        UserError: the loss is no longer a finite number.
        KeyboardInterrupt: someone stopped it; says how many epochs are kept.
    """
    device = train.labels.device
    counted = settings.class_weights == "balanced"
    weights = class_weights(train.labels, class_count) if counted else torch.ones(class_count, device=device)
    training = Training(network, settings, seed, device)
    batches_per_epoch = len(batches(len(train.inputs), settings.batch_size))

    def is_unsaved() -> bool:
        return checkpoint.epochs < len(training.fit.epochs)

    def kept() -> str:
        return f"{name}: {checkpoint.epochs} of {settings.epochs} epochs are kept."

    with Progress(name, settings.epochs, batches_per_epoch) as progress, Postponement(name, is_unsaved, kept) as stop:
        if state := checkpoint.load():
            training.restore(state)
            progress.resume(len(training.fit.epochs))
        while not is_finished(training.fit.epochs, training.fit.best_epoch, settings):
            order = torch.randperm(len(train.inputs), generator=training.shuffle)
            rows = batches(len(order), settings.batch_size, order)
            figures = train_one_epoch(network, train, rows, training.optimizer, weights, precision, progress.batch)
            val_logits = predict(network, val.inputs, precision, device)
            val_figures = evaluate(val_logits, val.labels.cpu(), weights.cpu())
            if not (isfinite(figures.loss) and isfinite(val_figures.loss)):
                checkpoint.remove()
                raise UserError(_diverged(name, len(training.fit.epochs) + 1, settings))
            progress.epoch(training.record(figures, val_figures, val_logits, settings))
            step_scheduler(training.scheduler, val_figures.loss)
            if checkpoint.is_due() or stop.requested:
                checkpoint.save(training.state())
            stop.stop_if_requested()
    network.load_state_dict(training.fit.best_weights)
    return training.fit


def _diverged(name: str, epoch: int, settings: TrainingSettings) -> str:
    return (
        f"{name}, epoch {epoch}: the loss is no longer a finite number. Try a lower `lr` than {settings.lr:g}, "
        "`precision: float32`, or another optimizer for this condition"
    )
