"""Stage `train_fraction`: trains a condition on part of the training images, all seeds in one process."""

from transfer_report.conditions import ConditionKey
from transfer_report.files import read_record
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.planning import Condition
from transfer_report.stages.fine_tune import train_network
from transfer_report.stages.linear_probe import probed
from transfer_report.training.run import train_run
from transfer_report.training.run_files import write_predictions


def main(key: str, fraction: float) -> None:
    """Train the condition of that key and write the histories and predictions of its runs."""
    condition = read_record(HERE.condition_file(ConditionKey.parse(key)), Condition)
    seeds = load_params().seeds[condition.strategy]
    if condition.strategy == "linear_probe":
        runs = ((seed, run) for seed, run, _ in probed(condition, seeds, fraction))
    else:
        runs = ((seed, train_network(condition, seed, train_run, fraction)[0]) for seed in seeds)
    for seed, run in runs:
        write_predictions(condition, seed, run, fraction)
