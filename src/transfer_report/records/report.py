"""What a report says of its own making."""

from transfer_report.records.base import Record


class Draft(Record):
    """What a draft is made from, of what is planned."""

    conditions: list[str]
    planned: int
    seeds: dict[str, list[int]]
    """Of each strategy, those that are counted."""
    runs: int
    planned_runs: int
    begun: list[str]
    """Runs under way, by condition and seed."""


class Provenance(Record):
    """Where a build of the report comes from."""

    commit: str
    """Of the project's code; empty outside of a git checkout."""
    edited: bool
    """Whether code or settings of the checkout are others than the commit's."""
    date: str
    """Of that commit, ISO 8601."""
    python: str
    packages: dict[str, str]
    """Versions of what the project depends on."""
