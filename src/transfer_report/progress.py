"""Progress of a stage: a bar on a terminal, now and then a line elsewhere, which `parse_progress` reads back."""

import re
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

from transfer_report.log import log

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


class CountedProgress:
    """Shows how much is done and the time left, on standard error."""

    def __init__(self, name: str, unit: str, total: int, bar: "tqdm[Any]") -> None:
        """Begin.

        Args:
            name: of what is done, before each line.
            unit: that lines count, as `parse_progress` knows it.
            total: units in all.
            bar: what a terminal shows; disabled elsewhere.
        """
        self.name, self.unit, self.total, self.bar = name, unit, total, bar
        self.begun = 0
        """Units that an earlier start has done, which take no time."""
        self.started = self.printed_at = monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.bar.close()

    def print_if_due(self, done: int, figures: str = "") -> None:
        """Print a line where no bar is shown and the last line is old enough.

        Args:
            done: units so far, earlier ones included.
            figures: of the last unit, before the time left.
        """
        now = monotonic()
        if self.bar.disable and now - self.printed_at >= LINE_SECONDS and done > self.begun:
            self.printed_at = now
            left = (now - self.started) / (done - self.begun) * (self.total - done)
            said = f"{figures}; " if figures else ""
            log.info("%s: %s %d of %d: %s%.0f s left", self.name, self.unit, done, self.total, said, left)
