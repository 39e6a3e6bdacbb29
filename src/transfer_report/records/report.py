"""Records of how a report was made."""

from transfer_report.records.base import Record


class Draft(Record):
    """Finished part of the plan, from which a draft is made."""

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
    """Commit of the project's code; empty outside of a git checkout."""
    edited: bool
    """True if code or settings of the checkout differ from the commit's."""
    date: str
    """Of that commit, ISO 8601."""
    python: str
    packages: dict[str, str]
    """Versions of what the project depends on."""


class ChangedQuestions(Record):
    """Main questions that differ from those that the first results answered."""

    commit: str
    """The first that holds results."""
    date: str
    """Of that commit, ISO 8601."""
    before: list[str]
    """Empty where the first results were made without main questions."""
    now: list[str]
