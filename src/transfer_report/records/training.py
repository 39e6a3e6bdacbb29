"""Records of a run's training."""

from typing import Literal

from transfer_report.records.base import Record


class Epoch(Record):
    """One epoch of one run. Training figures are taken during the updates, validation figures after them."""

    epoch: int
    lr: float
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float


class Penalty(Record):
    """How strongly the weights of a solved head are penalised."""

    value: float
    """Half of it times the sum of squared weights of standardised features joins the mean loss."""
    tried: int
    """Values that validation chose from."""
    at_edge: bool
    """True if it is the strongest or the weakest tried, so that one beyond might be better."""


class History(Record):
    """One run of a condition."""

    condition: str
    seed: int
    epochs: list[Epoch]
    """From 1 on; where the head was trained before, from 0: the head on the network as it was."""
    best_epoch: int
    """The epoch whose weights make the predictions."""
    stopped_early: bool
    trained_parameters: int
    precision: Literal["float32", "bfloat16"]
    penalty: Penalty | None = None
    """Of a head that was solved, whose one epoch is its solution; None where it was trained."""
    train_images: int = 0
    """Number of images that it trained on; 0 in older records."""

    @property
    def kept(self) -> Epoch:
        """The epoch whose weights make the predictions."""
        return next(epoch for epoch in self.epochs if epoch.epoch == self.best_epoch)
