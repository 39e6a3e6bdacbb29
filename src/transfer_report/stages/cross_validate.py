"""Stage `cross_validate`: trains and tests a condition on folds of the training and validation images."""

from transfer_report.conditions import ConditionKey
from transfer_report.files import read_record, write_array
from transfer_report.layout import HERE, rows_of_fold_in
from transfer_report.loading import load_params
from transfer_report.planning import Condition
from transfer_report.stages.train_fraction import runs_on
from transfer_report.training.run_files import read_folds, write_predictions


def main(key: str) -> None:
    """Train the condition of that key for each fold of each repeat, and write what its runs predict for that fold."""
    params = load_params()
    condition = read_record(HERE.condition_file(ConditionKey.parse(key)), Condition)
    asked = params.cross_validation
    folds = read_folds(asked.folds, asked.repeats, params.data.val_fraction, params.data.seed)
    for number, run in runs_on(condition, dict(enumerate(folds))):
        folder = HERE.fold_folder(condition.key, number)
        write_predictions(folder, run)
        write_array(rows_of_fold_in(folder), folds[number].test)
