"""How far stages are: read from what they write, and how long the rest will take."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from transfer_report.engine.pipeline import Stage

# What `training/progress.py` writes where there is no terminal.
_LINE = re.compile(r": epoch (?P<epoch>\d+) of (?P<epochs>\d+): .*; (?P<left>\d+) s left$")


@dataclass(frozen=True)
class Progress:
    """How far a training is."""

    epoch: int
    epochs: int
    seconds_left: float


def read_progress(line: str) -> Progress | None:
    """How far a training is, where a line says so."""
    match = _LINE.search(line)
    return Progress(int(match["epoch"]), int(match["epochs"]), float(match["left"])) if match else None


class Durations:
    """How long stages took that ran, and what that says of those that wait."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def add(self, stage: Stage, seconds: float) -> None:
        """A stage ran so long."""
        self.seconds.setdefault(stage.kind, []).append(seconds)

    def left(self, waiting: Iterable[Stage], running: Mapping[Stage, float], places: int) -> float | None:
        """Seconds until all is done, by the mean of those of a kind that ran.

        None while none has ended of a kind of training that is still to come.

        Args:
            waiting: what has not started.
            running: for each that runs, the seconds since its start.
            places: how many run at once.
        """
        waiting = list(waiting)
        if any(stage.repeated and stage.kind not in self.seconds for stage in (*waiting, *running)):
            return None

        def expected(stage: Stage) -> float:
            # A stage that there is one of is short beside the trainings; until it ran, nothing is known of it.
            return fmean(self.seconds.get(stage.kind, [0.0]))

        side_by_side = [expected(stage) for stage in waiting if stage.repeated]
        side_by_side += [max(0.0, expected(stage) - since) for stage, since in running.items()]
        in_turn = [expected(stage) for stage in waiting if not stage.repeated]
        return max(sum(side_by_side) / places, max(side_by_side, default=0.0)) + sum(in_turn)


def clock(seconds: float) -> str:
    """A duration for people: `42 s`, `3 min 05 s`, `2 h 10 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
