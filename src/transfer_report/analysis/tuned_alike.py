"""What the report says of tuning: how much was tried, and where conditions were not tuned alike."""

from collections import Counter
from collections.abc import Sequence

from transfer_report.planning import Condition
from transfer_report.records.tuning import Tuning


def tuning_facts(tunings: Sequence[Tuning], conditions: Sequence[Condition]) -> dict[str, float | int | str]:
    """Return the size of the tuning; empty where nothing was tuned.

    Args:
        tunings: of the conditions that were tuned.
        conditions: all of them, with the values to choose from.
    """
    if not tunings:
        return {}
    budgets = [len(one.tried) for one in tunings]
    edge = [one.condition for one in tunings if one.at_edge]
    unlike = not_tuned_alike(conditions)
    return {
        "tuned": len(tunings),
        "tuning_fewest": min(budgets),
        "tuning_most": max(budgets),
        "tuning_seeds": len(tunings[0].seeds),
        "tuning_runs": sum(budgets) * len(tunings[0].seeds),
        "tuning_diverged": sum(tried.val_accuracy is None for one in tunings for tried in one.tried),
        "tuning_edge": len(edge),
        "tuning_edge_conditions": ", ".join(edge),
        "tuning_unlike": len(unlike),
        "tuning_unlike_conditions": ", ".join(unlike),
    }


def not_tuned_alike(conditions: Sequence[Condition]) -> list[str]:
    """Return the conditions that had other values to choose from than most, or none."""
    grids = {str(one.key): repr(sorted(one.grid.items())) for one in conditions}
    usual = Counter(grids[str(one.key)] for one in conditions if one.grid).most_common(1)[0][0]
    return [key for key, grid in grids.items() if grid != usual]
