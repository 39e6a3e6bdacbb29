"""How far a run is: a bar on a terminal, now and then a line elsewhere."""

import sys
from time import monotonic
from types import TracebackType

from tqdm import tqdm

from transfer_report.records.training import Epoch

LINE_SECONDS = 10.0
"""Least time between two lines in a log."""


class Progress:
    """Shows batches done and time left of one run, on standard error."""

    def __init__(self, name: str, epochs: int, batches_per_epoch: int) -> None:
        self.name = name
        self.epochs = epochs
        self.batches_per_epoch = batches_per_epoch
        self.started = self.told = monotonic()
        self.first_epoch = 0
        on_terminal = sys.stderr.isatty()
        self.bar = tqdm(
            total=epochs * batches_per_epoch, desc=name, unit="batch", disable=not on_terminal, dynamic_ncols=True
        )

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.bar.close()

    def resume(self, epoch: int) -> None:
        """Begin after that many epochs, which an earlier start has done."""
        self.first_epoch = epoch
        self.bar.update(epoch * self.batches_per_epoch)
        sys.stderr.write(f"{self.name}: goes on after epoch {epoch} of {self.epochs}\n")

    def batch(self) -> None:
        """One more batch is done."""
        self.bar.update()

    def epoch(self, epoch: Epoch) -> None:
        """One more epoch is done."""
        figures = f"loss {epoch.train_loss:.3f}, validation {epoch.val_loss:.3f}, accuracy {epoch.val_accuracy:.3f}"
        self.bar.set_postfix_str(figures)
        now = monotonic()
        if self.bar.disable and now - self.told >= LINE_SECONDS:
            self.told = now
            left = (now - self.started) / (epoch.epoch - self.first_epoch) * (self.epochs - epoch.epoch)
            sys.stderr.write(f"{self.name}: epoch {epoch.epoch} of {self.epochs}: {figures}; {left:.0f} s left\n")
