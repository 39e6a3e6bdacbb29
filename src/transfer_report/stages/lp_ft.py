"""Stage `lp_ft`: trains the head alone, then every layer, of one condition's network by one seed."""

from transfer_report.conditions import ConditionKey
from transfer_report.stages.fine_tune import train_condition


def main(name: str, seed: int) -> None:
    """Train one run of the two-step condition of that name and write its history and predictions."""
    train_condition(ConditionKey("lp_ft", name), seed)
