"""Values that were tried, and what validation chose."""

from typing import ClassVar

from transfer_report.records.base import Record


class Trial(Record):
    """A run that tried some values of a condition, and how it validated."""

    fingerprint: str
    """Hash of everything that decides it."""
    values: dict[str, int | float]
    """By setting."""
    epoch: int | None
    """The epoch that was kept; None, as all scores, where the loss was no longer a finite number."""
    val_accuracy: float | None
    val_loss: float | None


class Trials(Record):
    """All trials of a condition by one seed, in the order of its grid; none where nothing is tuned."""

    condition: str
    seed: int
    trials: list[Trial]


class TriedValues(Record):
    """Some values, and how they validated in the mean over seeds."""

    values: dict[str, int | float]
    val_accuracy: float | None
    """None, as the loss, where the training of a seed did not stay finite."""
    val_loss: float | None


class Tuning(Record):
    """What was tried for one condition, and what was chosen."""

    KEY: ClassVar[tuple[str, ...]] = ("condition",)

    condition: str
    grid: dict[str, list[int | float]]
    seeds: list[int]
    tried: list[TriedValues]
    chosen: dict[str, int | float]
    at_edge: list[str]
    """Settings whose chosen value is the smallest or the largest that was tried, so that one beyond may be better."""


class Tunings(Record):
    """Every condition that was tuned, in the order of the study."""

    conditions: list[Tuning]
