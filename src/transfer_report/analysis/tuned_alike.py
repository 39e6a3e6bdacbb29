"""What the report says of tuning: how much was tried, and where conditions were not tuned alike."""

from collections import Counter
from collections.abc import Sequence

from transfer_report.planning import Condition
from transfer_report.records.facts import TuningFacts
from transfer_report.records.tuning import Tuning


def tuning_facts(tunings: Sequence[Tuning], conditions: Sequence[Condition]) -> TuningFacts | None:
    """Return the size of the tuning; None where nothing was tuned.

    Args:
        tunings: of the conditions that were tuned.
        conditions: all of them, with the values to choose from.
    """
    if not tunings:
        return None
    budgets = [len(one.tried) for one in tunings]
    edge, unlike = [one.condition for one in tunings if one.at_edge], not_tuned_alike(conditions)
    return TuningFacts(
        conditions=len(tunings),
        fewest=min(budgets),
        most=max(budgets),
        seeds=len(tunings[0].seeds),
        runs=sum(budgets) * len(tunings[0].seeds),
        diverged=sum(tried.val_accuracy is None for one in tunings for tried in one.tried),
        edge_count=len(edge),
        edge=edge,
        unlike_count=len(unlike),
        unlike=unlike,
    )


def not_tuned_alike(conditions: Sequence[Condition]) -> list[str]:
    """Return the conditions that had other values to choose from than most, or none."""
    grids = {str(one.key): repr(sorted(one.grid.items())) for one in conditions}
    usual = Counter(grids[str(one.key)] for one in conditions if one.grid).most_common(1)[0][0]
    return [key for key, grid in grids.items() if grid != usual]
