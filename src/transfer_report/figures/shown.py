"""Selection of conditions and comparisons for studies with more than a page holds."""

from collections.abc import Mapping, Sequence

from transfer_report.records.analysis import Comparison, Estimate, StudyTable

MOST_PANELS = 42
"""Small panels in one figure, six rows of seven."""
MOST_AT_A_GLANCE = 30
"""Rows of the first page's figure, which the bullets share the page with."""
MOST_MATRICES = 14
"""Confusion matrices side by side; the table of the figure and the gallery have the others."""
MOST_CURVES = 7
"""Conditions side by side whose curves can still be read."""
MOST_PAIRS = 45
"""Comparisons in one figure or table: a page of them."""


def tables_shown(tables: Sequence[StudyTable], accuracies: Mapping[str, Estimate], most: int) -> list[StudyTable]:
    """The tables with at most so many conditions in all; of each the baseline and those that validate best.

    The choice rests on validation alone, so that it says nothing of the test set, and keeps the order of the study.

    Args:
        tables: All tables of the study.
        accuracies: Validation accuracy by condition.
        most: Conditions that can be shown.
    """
    if sum(len(table.conditions) for table in tables) <= most:
        return list(tables)
    each = max(1, most // len(tables))
    reduced = []
    for table in tables[:most]:
        ranked = sorted(
            table.conditions, key=lambda key: (key != table.baseline, -accuracies[key].value)
        )  # stable: the first of the study among equals
        kept = set(ranked[:each])
        reduced.append(table.model_copy(update={"conditions": [key for key in table.conditions if key in kept]}))
    return reduced


def pairs_shown(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """At most `MOST_PAIRS` comparisons, those with the smallest p-values, in the order that they came in."""

    def p_value(index: int) -> float:
        found = comparisons[index].p_value
        return 1.0 if found is None else found

    ranked = sorted(range(len(comparisons)), key=p_value)
    return [comparisons[index] for index in sorted(ranked[:MOST_PAIRS])]
