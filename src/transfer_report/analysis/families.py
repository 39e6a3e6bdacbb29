"""Which comparisons are made, and which are corrected together."""

from collections.abc import Mapping, Sequence
from itertools import combinations, permutations

from transfer_report.params import Condition
from transfer_report.records import StartWeights, StudyTable

Pair = tuple[str, str, str]
"""Family, treatment, reference."""

BETWEEN_TASKS = "between-tasks"
PRETRAINING = "pretraining"
CLAIMS = "claims"
_TABLE = "table-"


def within_table(table: StudyTable) -> str:
    """The family of a table's comparisons."""
    return f"{_TABLE}{table.number}"


def is_within_table(family: str) -> bool:
    """Whether a family's comparisons stay within one table, whose conditions are then told apart by technique."""
    return family.startswith(_TABLE)


def planned_pairs(tables: list[StudyTable], selected: dict[int, str]) -> list[Pair]:
    """The comparisons within tables and between tasks.

    Within a table every two conditions are compared, the later one of the study as the treatment; between the tasks,
    for each model, the baselines and the conditions that validation selected.

    Args:
        tables: the tables of the study.
        selected: table number → condition chosen by validation.
    """
    pairs = [
        (within_table(table), treatment, reference)
        for table in tables
        for reference, treatment in combinations(table.conditions, 2)
    ]
    for first, second in combinations(tables, 2):
        if first.model == second.model:
            chosen = (selected[first.number], selected[second.number])
            for reference, treatment in dict.fromkeys([(first.baseline, second.baseline), chosen]):
                pairs.append((BETWEEN_TASKS, treatment, reference))
    return pairs


def pretraining_pairs(
    tables: Sequence[StudyTable], conditions: Mapping[str, Condition], weights: Mapping[str, StartWeights]
) -> list[Pair]:
    """Baselines that differ in their start weights alone: ImageNet's as the treatment, random ones as the reference.

    Args:
        tables: the tables of the study.
        conditions: by key.
        weights: by model, as it really started.
    """

    def what_else(table: StudyTable) -> tuple[object, ...]:
        return table.group, weights[table.model].architecture, conditions[table.baseline].training

    return [
        (PRETRAINING, treatment.baseline, reference.baseline)
        for treatment, reference in permutations(tables, 2)
        if (weights[treatment.model].source, weights[reference.model].source) == ("imagenet", "random")
        and what_else(treatment) == what_else(reference)
    ]


def claimed_pairs(claimed: Sequence[tuple[str, str]], planned: Sequence[Pair]) -> list[Pair]:
    """The comparisons that only claims ask for, a family of their own, each once: the other way round it is the same.

    Args:
        claimed: treatment and reference, as claims name them.
        planned: what is compared anyway.
    """
    known = {frozenset(pair[1:]) for pair in planned}
    found = []
    for treatment, reference in claimed:
        if frozenset((treatment, reference)) not in known:
            known.add(frozenset((treatment, reference)))
            found.append((CLAIMS, treatment, reference))
    return found
