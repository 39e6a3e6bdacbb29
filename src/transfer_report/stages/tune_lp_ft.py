"""Stage `tune_lp_ft`: tries values of one LP-FT condition's settings by one seed."""

from transfer_report.conditions import ConditionKey
from transfer_report.stages.tune_fine_tuning import tune


def main(name: str, seed: int) -> None:
    """Write how the values of the condition of that name validate."""
    tune(ConditionKey("lp_ft", name), seed)
