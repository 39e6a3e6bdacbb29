"""Which comparisons are made, and which are corrected together."""

from itertools import combinations

from transfer_report.records import StudyTable

Pair = tuple[str, str, str]
"""Family, treatment, reference."""

BETWEEN_TASKS = "between-tasks"


def within_table(table: StudyTable) -> str:
    """The family of a table's comparisons."""
    return f"table-{table.number}"


def planned_pairs(tables: list[StudyTable], selected: dict[int, str]) -> list[Pair]:
    """All comparisons of the study.

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
