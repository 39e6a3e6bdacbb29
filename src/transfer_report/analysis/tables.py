"""Grouping of conditions into tables, and each condition's difference from its baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from transfer_report.conditions import STRATEGIES
from transfer_report.planning import Condition
from transfer_report.records.analysis import StudyTable
from transfer_report.settings import NamedWithArguments, TrainingSettings


def study_tables(conditions: Sequence[Condition]) -> list[StudyTable]:
    """One table per strategy and model, numbered in the order of the study.

    Conditions are taken as set: what validation chose for each is no technique.

    The baseline of a table is its first condition: the order of `params.yaml` says what is compared with what.
    """
    members: dict[tuple[str, str], list[Condition]] = {}
    for strategy in STRATEGIES:
        for condition in conditions:
            if condition.strategy == strategy:
                members.setdefault((strategy, condition.model), []).append(condition)
    return [
        StudyTable(
            number=number,
            strategy=strategy,
            model=model,
            conditions=[str(condition.key) for condition in rows],
            baseline=str(rows[0].key),
            techniques={
                str(row.key): departures(rows[0].training, row.training, rows[0].grid, row.grid) for row in rows[1:]
            },
        )
        for number, ((strategy, model), rows) in enumerate(members.items(), start=1)
    ]


@dataclass(frozen=True)
class TableGroup:
    """Study tables of one strategy that a report prints as one, so that none has a single row."""

    number: int
    tables: list[StudyTable]

    @property
    def strategy(self) -> str:
        """Strategy of all of its tables."""
        return self.tables[0].strategy

    @property
    def key(self) -> str:
        """Strategy and first model, which links point to."""
        return f"{self.strategy}-{self.tables[0].model}"

    @property
    def conditions(self) -> list[str]:
        """Keys of all conditions, table by table."""
        return [key for table in self.tables for key in table.conditions]

    def name_format(self, condition: str) -> str:
        """Return the format that names a condition in the group: its technique, or the model where it has no other."""
        alone = len(self.tables) > 1 and any(table.conditions == [condition] for table in self.tables)
        return "model_of" if alone else "technique"


def grouped(tables: Sequence[StudyTable], architectures: Mapping[str, str]) -> list[TableGroup]:
    """Group tables for print: one architecture of one strategy together, then what is still a single condition.

    Args:
        tables: In the order of the study.
        architectures: By model.
    """
    groups: list[list[StudyTable]] = []
    for _, of_strategy in groupby(tables, key=lambda table: table.strategy):
        by_architecture: dict[str, list[StudyTable]] = {}
        for table in of_strategy:
            by_architecture.setdefault(architectures.get(table.model, table.model), []).append(table)
        several = [group for group in by_architecture.values() if sum(len(one.conditions) for one in group) > 1]
        single = [table for group in by_architecture.values() if group not in several for table in group]
        if len(single) == 1 and several:
            several[-1] += single
        elif single:
            several.append(single)
        groups += several
    return [TableGroup(number, group) for number, group in enumerate(groups, start=1)]


_OF_SOLVED_HEADS = ("head", "class_weights", "select_by")
"""Settings that decide a solved head; the others serve training alone."""


ValueGrid = Mapping[str, Sequence[float]]
"""Values to choose from, by setting."""


def departures(
    baseline: TrainingSettings,
    settings: TrainingSettings,
    baseline_grid: ValueGrid = MappingProxyType({}),
    grid: ValueGrid = MappingProxyType({}),
) -> dict[str, str | float | int | None]:
    """The settings whose values differ from the baseline's, with their new values; a named thing by its name.

    A setting that validation chose is `tuned`, and differs from one that it did not, or among other values.
    """
    return {
        name: "tuned" if name in grid else plain(getattr(settings, name))
        for name in (_OF_SOLVED_HEADS if settings.head == "solved" else TrainingSettings.model_fields)
        if grid.get(name, getattr(settings, name)) != baseline_grid.get(name, getattr(baseline, name))
    }


def plain(value: str | float | list[str] | NamedWithArguments) -> str | float | int:
    """A setting's value as a number or a name: of something with arguments, its name."""
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return value.name if isinstance(value, NamedWithArguments) else value
