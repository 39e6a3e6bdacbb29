"""How far a run is: a bar on a terminal, now and then a line elsewhere, which `parse_progress` reads back."""

import re
import sys
from dataclasses import dataclass
from time import monotonic
from types import TracebackType

from tqdm import tqdm

from transfer_report.log import log
from transfer_report.records.training import Epoch

LINE_SECONDS = 10.0
"""Least time between two lines in a log."""

_LINE = re.compile(r": (?P<unit>epoch|image) (?P<done>\d+) of (?P<total>\d+): (?:.*; )?(?P<left>\d+) s left$")


@dataclass(frozen=True)
class StageProgress:
    """How far a stage is."""

    unit: str
    """Unit that it counts: `epoch` of a training, `image` of those that are read."""
    done: int
    total: int
    seconds_left: float


def parse_progress(line: str) -> StageProgress | None:
    """Return a stage's progress from a line of its log, if the line has it."""
    match = _LINE.search(line)
    return (
        StageProgress(match["unit"], int(match["done"]), int(match["total"]), float(match["left"])) if match else None
    )


class Progress:
    """Shows batches done and time left of one run, on standard error."""

    def __init__(self, name: str, epochs: int, batches_per_epoch: int) -> None:
        self.name = name
        self.epochs = epochs
        self.batches_per_epoch = batches_per_epoch
        self.started = self.printed_at = monotonic()
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
        log.info("%s: goes on after epoch %d of %d", self.name, epoch, self.epochs)

    def batch(self) -> None:
        """One more batch is done."""
        self.bar.update()

    def epoch(self, epoch: Epoch) -> None:
        """One more epoch is done."""
        figures = f"loss {epoch.train_loss:.3f}, validation {epoch.val_loss:.3f}, accuracy {epoch.val_accuracy:.3f}"
        self.bar.set_postfix_str(figures)
        now = monotonic()
        if self.bar.disable and now - self.printed_at >= LINE_SECONDS:
            self.printed_at = now
            left = (now - self.started) / (epoch.epoch - self.first_epoch) * (self.epochs - epoch.epoch)
            log.info("%s: epoch %d of %d: %s; %.0f s left", self.name, epoch.epoch, self.epochs, figures, left)
