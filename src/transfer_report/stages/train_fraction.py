"""Stage `train_fraction`: trains a condition on part of the training images, all seeds in one process."""

from collections.abc import Iterator, Mapping

from transfer_report.conditions import ConditionKey
from transfer_report.files import read_record
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.planning import Condition
from transfer_report.stages.fine_tune import train_network
from transfer_report.stages.linear_probe import probed
from transfer_report.training.run import Run, train_run
from transfer_report.training.run_files import read_fraction, write_predictions
from transfer_report.training.subsets import Subset


def main(key: str, fraction: float) -> None:
    """Train the condition of that key and write the histories and predictions of its runs."""
    condition = read_record(HERE.condition_file(ConditionKey.parse(key)), Condition)
    seeds = load_params().seeds[condition.strategy]
    for seed, run in runs_on(condition, {seed: read_fraction(fraction, seed) for seed in seeds}):
        write_predictions(HERE.fraction_folder(condition.key, fraction, seed), run)


def runs_on(condition: Condition, subsets: Mapping[int, Subset]) -> Iterator[tuple[int, Run]]:
    """Yield the runs of a condition on subsets of the images, with their seeds."""
    if condition.strategy == "linear_probe":
        yield from ((seed, run) for seed, run, _ in probed(condition, subsets))
    else:
        for seed, subset in subsets.items():
            yield seed, train_network(condition, seed, train_run, subset)[0]
