"""Stage `evaluate`: holds the predictions of every run against the labels; the only one that reads the test labels."""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from transfer_report.conditions import ConditionKey
from transfer_report.evaluation.conditions import checked_probabilities, evaluate_condition
from transfer_report.evaluation.metrics import Floats
from transfer_report.evaluation.summary import curves_table, metrics_tree
from transfer_report.files import open_array, read_record, remove_other_folders, write_array, write_record, write_text
from transfer_report.layout import HERE, history_in, probabilities_in, rows_of_fold_in
from transfer_report.loading import load_params
from transfer_report.planning import condition_keys, train_fractions
from transfer_report.records.base import Split
from transfer_report.records.data import DataDescription, ExternalSet, ImageTable, TestLabels
from transfer_report.records.evaluation import ConditionEvaluation, Evaluation, FoldEvaluation, FractionEvaluation
from transfer_report.records.models import InitialWeights
from transfer_report.records.training import History
from transfer_report.settings import CrossValidation, Params


def main() -> None:
    """Remove what other plans left, and evaluate the runs of this one."""
    params = load_params()
    # Of a finished study, those that are left belong to settings that were given up.
    shutil.rmtree(HERE.checkpoints, ignore_errors=True)
    remove_other_folders((HERE.runs, HERE.models, HERE.features), _result_folders(params))
    write_evaluation(params)


def write_evaluation(params: Params) -> None:
    """Write `results/evaluation`, `results/curves.tsv` and `metrics.json` from the runs of the plan's conditions."""
    shutil.rmtree(HERE.evaluation, ignore_errors=True)
    evaluation = _evaluation(params)
    weights = [read_record(HERE.weights_record_file(model), InitialWeights) for model in params.models]
    write_record(HERE.evaluation_file(), evaluation)
    write_text(HERE.curves, curves_table(evaluation.conditions))
    write_text(HERE.metrics, json.dumps(metrics_tree(evaluation, weights), indent=2) + "\n")


def _result_folders(params: Params) -> Iterator[Path]:
    """Where the study's runs, kept networks and features lie."""
    for model in params.models:
        yield HERE.features_file(model, "train").parent
    for key in condition_keys(params):
        for seed in params.seeds[key.strategy]:
            yield HERE.run_folder(key, seed)
            yield HERE.model_folder(key, seed)
            for fraction in train_fractions(params, key):
                yield HERE.fraction_folder(key, fraction, seed)
    asked = params.cross_validation
    for chosen in asked.conditions:
        for number in range(asked.folds * asked.repeats):
            yield HERE.fold_folder(ConditionKey.parse(chosen), number)
    for name in params.data.external:
        yield HERE.external_folder(name)


def _evaluation(params: Params) -> Evaluation:
    classes = read_record(HERE.data_description_file(), DataDescription).classes
    val = read_record(HERE.table_file("val"), ImageTable)
    test = read_record(HERE.table_file("test"), ImageTable)
    labels: dict[Split, list[int]] = {
        "val": val.labels or [],
        "test": read_record(HERE.test_labels, TestLabels).labels,
    }
    conditions = [_condition(key, params, labels, len(classes)) for key in condition_keys(params)]
    return Evaluation(
        classes=classes,
        val_labels=labels["val"],
        val_patients=val.patients,
        test_labels=labels["test"],
        test_patients=test.patients,
        test_ids=test.ids,
        conditions=conditions,
        external={name: _external(name, params, len(classes)) for name in params.data.external},
        fractions=[
            _fraction(key, fraction, params.seeds[key.strategy], len(test.ids), len(classes))
            for key in condition_keys(params)
            for fraction in train_fractions(params, key)
        ],
        folds=_folds(params.cross_validation, labels["val"], len(classes))
        if params.cross_validation.conditions
        else None,
    )


def _folds(asked: CrossValidation, val_labels: list[int], classes: int) -> FoldEvaluation:
    """The record of the cross-validation; of each condition, predictions of all folds are checked and put together."""
    labels = [*(read_record(HERE.table_file("train"), ImageTable).labels or []), *val_labels]
    codes = np.full((asked.repeats, len(labels)), -1)
    for chosen in asked.conditions:
        key = ConditionKey.parse(chosen)
        stacked = np.empty((asked.repeats, len(labels), classes), dtype=np.float32)
        for number in range(asked.folds * asked.repeats):
            repeat, fold = divmod(number, asked.folds)
            folder = HERE.fold_folder(key, number)
            rows, path = cast("NDArray[np.intp]", open_array(rows_of_fold_in(folder))), probabilities_in(folder, "test")
            codes[repeat, rows] = fold
            stacked[repeat, rows] = checked_probabilities(str(path), cast(Floats, open_array(path)), len(rows), classes)
        write_array(HERE.folds_file(key), stacked)
    return FoldEvaluation(labels=labels, codes=codes.tolist(), conditions=asked.conditions)


def _fraction(
    key: ConditionKey, fraction: float, seeds: Sequence[int], images: int, classes: int
) -> FractionEvaluation:
    """The record of a condition on a fraction of the training images; its test predictions are checked and stacked."""
    folders = [HERE.fraction_folder(key, fraction, seed) for seed in seeds]
    paths = [probabilities_in(folder, "test") for folder in folders]
    runs = [checked_probabilities(str(path), cast(Floats, open_array(path)), images, classes) for path in paths]
    write_array(HERE.fraction_probabilities_file(key, fraction), np.stack(runs))
    histories = [read_record(history_in(folder), History) for folder in folders]
    trained = float(np.mean([history.train_images for history in histories]))
    return FractionEvaluation(condition=str(key), fraction=fraction, images=trained)


def _external(name: str, params: Params, classes: int) -> ExternalSet:
    """The record of an external set, whose predictions are checked and put where the analysis reads them."""
    record = read_record(HERE.external_file(name), ExternalSet)
    for key in condition_keys(params):
        path = HERE.external_predictions_file(name, key)
        runs = [
            checked_probabilities(str(path), run, len(record.labels), classes) for run in cast(Floats, open_array(path))
        ]
        write_array(HERE.external_probabilities_file(name, key), np.stack(runs))
    return record


def _condition(key: ConditionKey, params: Params, labels: dict[Split, list[int]], classes: int) -> ConditionEvaluation:
    seeds = params.seeds[key.strategy]
    histories = [read_record(HERE.history_file(key, seed), History) for seed in seeds]
    stacked: dict[Split, NDArray[np.float32]] = {}
    for split in labels:
        paths = [HERE.probabilities_file(key, seed, split) for seed in seeds]
        runs = [
            checked_probabilities(str(path), cast(Floats, open_array(path)), len(labels[split]), classes)
            for path in paths
        ]
        stacked[split] = np.stack(runs)  # (seeds, images, classes)
        write_array(HERE.stacked_probabilities_file(key, split), stacked[split])
    return evaluate_condition(
        str(key),
        histories,
        stacked["val"],
        stacked["test"],
        np.asarray(labels["val"]),
        np.asarray(labels["test"]),
        params.analysis.calibration_bins,
    )
