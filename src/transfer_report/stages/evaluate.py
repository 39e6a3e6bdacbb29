"""Stage `evaluate`: holds the predictions of every run against the labels; the only one that reads the test labels."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from transfer_report import storage
from transfer_report.evaluation.conditions import checked_probabilities, evaluate_condition
from transfer_report.evaluation.metrics import Floats
from transfer_report.evaluation.summary import curves_table, metrics_tree
from transfer_report.params import Params, condition_keys, load_params
from transfer_report.records import (
    ConditionEvaluation,
    DataDescription,
    Evaluation,
    History,
    ImageTable,
    Split,
    StartWeights,
    TestLabels,
)
from transfer_report.stages.run import run_stage


def main() -> None:
    """Remove what other plans left, and evaluate the runs of this one."""
    params = load_params()
    storage.remove_checkpoints()
    storage.remove_results_of_others(_result_folders(params))
    write_evaluation(params)


def write_evaluation(params: Params) -> None:
    """Write `results/evaluation`, `results/curves.tsv` and `metrics.json` from the runs of the plan's conditions."""
    shutil.rmtree(storage.EVALUATION, ignore_errors=True)
    evaluation = _evaluation(params)
    weights = [storage.read_record(storage.weights_record_file(model), StartWeights) for model in params.models]
    storage.write_record(storage.evaluation_file(), evaluation)
    storage.write_text(storage.CURVES, curves_table(evaluation.conditions))
    storage.write_text(storage.METRICS, json.dumps(metrics_tree(evaluation, weights), indent=2) + "\n")


def _result_folders(params: Params) -> Iterator[Path]:
    """Where the study's runs, kept networks and features lie."""
    for model in params.models:
        yield storage.features_file(model, "train").parent
    for group, name in condition_keys(params):
        for seed in params.seeds:
            yield storage.run_folder(group, name, seed)
            yield storage.model_folder(group, name, seed)


def _evaluation(params: Params) -> Evaluation:
    classes = storage.read_record(storage.data_description_file(), DataDescription).classes
    val = storage.read_record(storage.table_file("val"), ImageTable)
    test = storage.read_record(storage.table_file("test"), ImageTable)
    labels: dict[Split, list[int]] = {
        "val": val.labels or [],
        "test": storage.read_record(storage.TEST_LABELS, TestLabels).labels,
    }
    conditions = [_condition(group, name, params, labels, len(classes)) for group, name in condition_keys(params)]
    return Evaluation(
        seeds=params.seeds,
        classes=classes,
        val_labels=labels["val"],
        val_groups=val.groups,
        val_ids=val.ids,
        test_labels=labels["test"],
        test_groups=test.groups,
        test_ids=test.ids,
        conditions=conditions,
    )


def _condition(
    group: str, name: str, params: Params, labels: dict[Split, list[int]], classes: int
) -> ConditionEvaluation:
    key = f"{group}/{name}"
    histories = [storage.read_record(storage.history_file(group, name, seed), History) for seed in params.seeds]
    stacked: dict[Split, NDArray[np.float32]] = {}
    for split in labels:
        paths = [storage.probabilities_file(group, name, seed, split) for seed in params.seeds]
        runs = [
            checked_probabilities(str(path), cast(Floats, storage.open_array(path)), len(labels[split]), classes)
            for path in paths
        ]
        stacked[split] = np.stack(runs)  # (seeds, images, classes)
        storage.write_array(storage.stacked_probabilities_file(key, split), stacked[split])
    return evaluate_condition(
        key,
        histories,
        stacked["val"],
        stacked["test"],
        np.asarray(labels["val"]),
        np.asarray(labels["test"]),
        params.analysis.calibration_bins,
    )


if __name__ == "__main__":
    run_stage(main)
