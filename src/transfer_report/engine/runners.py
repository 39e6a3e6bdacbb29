"""Where commands run: as processes of this machine, or (in `cluster.py`) as tasks of others."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Protocol

from transfer_report.engine.children import STOP_SECONDS, Child
from transfer_report.engine.pipeline import Command, RunCacheEntry, Stage

POLL_SECONDS = 0.05
"""Between two looks at what runs."""


@dataclass(frozen=True)
class Started:
    """A stage's command began."""

    name: str
    where: str
    """A graphics card or a machine, where there are several; else empty."""


@dataclass(frozen=True)
class Line:
    """A stage wrote a line."""

    name: str
    text: str


@dataclass(frozen=True)
class Ended:
    """A stage's command ended."""

    name: str
    seconds: float
    failure: str | None
    """Why it failed; None where it did not."""


@dataclass(frozen=True)
class Delivered:
    """Another machine ran a stage and brought its result to the remote."""

    name: str
    seconds: float
    entry: RunCacheEntry


@dataclass(frozen=True)
class Notice:
    """A message not tied to a stage."""

    text: str


Event = Started | Line | Ended | Delivered | Notice


class Runner(Protocol):
    """Runs commands, several at once."""

    def start(self, stage: Stage, command: Command) -> None:
        """Begin a stage's command, now or when there is a place for it."""

    def events(self) -> list[Event]:
        """Return the events since the last call, without waiting."""

    def stop(self) -> None:
        """End all that runs."""


class LocalRunner:
    """Runs commands as processes of this machine, each on a graphics card of its own where there are several."""

    def __init__(self, logs: Path, cards: Sequence[str] = ()) -> None:
        self.logs = logs
        self.cards = cards
        self._children: dict[str, Child] = {}
        self._cards_used: dict[str, str] = {}
        self._events: list[Event] = []

    def start(self, stage: Stage, command: Command) -> None:
        """Begin a stage's command now."""
        extra = {}
        where = ""
        if len(self.cards) > 1 and not stage.alone:
            used = list(self._cards_used.values())
            card = min(self.cards, key=used.count)
            self._cards_used[stage.name] = card
            extra["CUDA_VISIBLE_DEVICES"] = card
            where = f"card {self.cards.index(card)}"
        self._children[stage.name] = Child(command, self.logs / f"{stage.name}.log", extra)
        self._events.append(Started(stage.name, where))

    def events(self) -> list[Event]:
        """Return the output of the processes, and those that ended."""
        events, self._events = self._events, []
        for name, child in list(self._children.items()):
            code = child.exit_code()
            events += [Line(name, line) for line in child.new_lines()]
            if code is not None:
                del self._children[name]
                self._cards_used.pop(name, None)
                # What it may have left running writes to files that the next run of the stage removes.
                child.stop(patience=0)
                events.append(Ended(name, child.seconds(), child.why_it_failed() if code else None))
        return events

    def stop(self) -> None:
        """End all processes: all are asked, then all are waited for."""
        for child in self._children.values():
            child.ask_to_stop()
        deadline = monotonic() + STOP_SECONDS
        for child in self._children.values():
            child.stop(max(0, deadline - monotonic()))
        self._children.clear()
