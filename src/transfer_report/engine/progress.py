"""How long the rest of a run will take."""

from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import NamedTuple

from transfer_report.engine.pipeline import Stage


class Running(NamedTuple):
    """How far a stage is that runs."""

    seconds: float
    """Since its start."""
    left: float | None
    """As its training has it; None where it does not say."""


class Left(NamedTuple):
    """How long all will take."""

    seconds: float
    whole: bool
    """True if that is all; False while some kind of training has not been timed yet."""


class Durations:
    """How long stages took that ran, and what that says of those that wait."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def add(self, stage: Stage, seconds: float) -> None:
        """A stage ran so long."""
        self.seconds.setdefault(stage.kind, []).append(seconds)

    def left(self, waiting: Iterable[Stage], running: Mapping[Stage, Running], places: int) -> Left:
        """How long until all is done, by the mean of those of a kind that ran or say how far they are.

        Args:
            waiting: what has not started.
            running: what has.
            places: how many run at once.
        """
        waiting = list(waiting)
        known = {kind: list(seconds) for kind, seconds in self.seconds.items()}
        for stage, one in running.items():
            if one.left is not None and stage.kind not in self.seconds:
                known.setdefault(stage.kind, []).append(one.seconds + one.left)

        def expected(stage: Stage) -> float:
            # A stage that there is one of is short compared with the trainings; until it ran, its time is unknown.
            return fmean(known.get(stage.kind, [0.0]))

        side_by_side = [expected(stage) for stage in waiting if stage.repeated]
        side_by_side += [
            max(0.0, expected(stage) - one.seconds) if one.left is None else one.left for stage, one in running.items()
        ]
        in_turn = [expected(stage) for stage in waiting if not stage.repeated]
        return Left(
            max(sum(side_by_side) / places, max(side_by_side, default=0.0)) + sum(in_turn),
            whole=all(stage.kind in known for stage in (*waiting, *running) if stage.repeated),
        )


def clock(seconds: float) -> str:
    """A duration for people: `42 s`, `3 min 05 s`, `2 h 10 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
