"""Progress of a run: batches on a terminal's bar, epochs in lines elsewhere."""

import sys

from tqdm import tqdm

from transfer_report.log import log
from transfer_report.progress import CountedProgress
from transfer_report.records.training import Epoch


class Progress(CountedProgress):
    """Shows batches done and time left of one run, on standard error."""

    def __init__(self, name: str, epochs: int, batches_per_epoch: int) -> None:
        on_terminal = sys.stderr.isatty()
        bar = tqdm(
            total=epochs * batches_per_epoch, desc=name, unit="batch", disable=not on_terminal, dynamic_ncols=True
        )
        super().__init__(name, "epoch", epochs, bar)
        self.batches_per_epoch = batches_per_epoch

    def resume(self, epoch: int) -> None:
        """Begin after that many epochs, which an earlier start has done."""
        self.begun = epoch
        self.bar.update(epoch * self.batches_per_epoch)
        log.info("%s: goes on after epoch %d of %d", self.name, epoch, self.total)

    def batch(self) -> None:
        """One more batch is done."""
        self.bar.update()

    def epoch(self, epoch: Epoch) -> None:
        """One more epoch is done."""
        figures = f"loss {epoch.train_loss:.3f}, validation {epoch.val_loss:.3f}, accuracy {epoch.val_accuracy:.3f}"
        self.bar.set_postfix_str(figures)
        self.print_if_due(epoch.epoch, figures)
