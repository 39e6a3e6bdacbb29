"""Stage `probe_then_tune`: trains the head alone, then every layer, of one condition's network by one seed."""

from transfer_report.stages.fine_tune import tune
from transfer_report.stages.run import run_stage


def main(name: str, seed: int) -> None:
    """Train one run of the two-step condition of that name and write its history and predictions."""
    tune("probe_then_tune", name, seed)


if __name__ == "__main__":
    run_stage(main)
