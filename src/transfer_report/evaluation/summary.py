"""Summary of an evaluation for DVC: the tree of `metrics.json`, and the table of curves for `dvc plots`."""

import math
from collections.abc import Callable, Iterable

import numpy as np

from transfer_report.conditions import ConditionKey
from transfer_report.records.evaluation import ConditionEvaluation, Evaluation, RunEvaluation
from transfer_report.records.models import InitialWeights

# Four decimals are a hundredth of a point of accuracy: finer than any image of a test split of some thousand.
DECIMALS = 4

# Few enough that `dvc metrics diff` stays readable; names sort into blocks.
SUMMARY_METRICS: dict[str, Callable[[RunEvaluation], float]] = {
    "test_accuracy": lambda run: run.test.accuracy,
    "test_auroc": lambda run: run.test.auroc,
    "test_calibration_error": lambda run: run.test.calibration_error,
    "test_loss": lambda run: run.test.loss,
    "val_accuracy": lambda run: run.val.accuracy,
    "val_auroc": lambda run: run.val.auroc,
    "val_loss": lambda run: run.val.loss,
}

CURVE_COLUMNS = ("strategy", "condition", "seed", "epoch", "split", "accuracy", "loss")

MetricsTree = dict[str, dict[str, dict[str, float]]]


def metrics_tree(evaluation: Evaluation, weights: Iterable[InitialWeights]) -> dict[str, object]:
    """`{metric: {strategy: {condition: mean over seeds}}}`, rounded, and which models began with ImageNet's weights.

    `test_accuracy_sd` is the standard deviation over seeds of the conditions that have two or more. Numbers and
    mappings only, since DVC drops all else without a word.
    """
    tree: MetricsTree = {
        name: _by_condition(evaluation.conditions, lambda values: float(np.mean(values)), metric)
        for name, metric in SUMMARY_METRICS.items()
    }
    repeated = [condition for condition in evaluation.conditions if len(condition.runs) > 1]
    if repeated:
        tree["test_accuracy_sd"] = _by_condition(
            repeated, lambda values: float(np.std(values, ddof=1)), SUMMARY_METRICS["test_accuracy"]
        )
    imagenet = {record.model: int(record.source == "imagenet") for record in weights}
    return {"starts_from_imagenet_weights": imagenet, **tree}


def curves_table(conditions: Iterable[ConditionEvaluation]) -> str:
    """One line per condition, seed, epoch and split (train, val), tab-separated below `CURVE_COLUMNS`."""
    lines = ["\t".join(CURVE_COLUMNS)]
    for condition in conditions:
        strategy, name = ConditionKey.parse(condition.condition)
        for run in condition.runs:
            for epoch in run.history.epochs:
                start = f"{strategy}\t{name}\t{run.history.seed}\t{epoch.epoch}"
                lines.append(f"{start}\ttrain\t{epoch.train_accuracy:.6g}\t{epoch.train_loss:.6g}")
                lines.append(f"{start}\tval\t{epoch.val_accuracy:.6g}\t{epoch.val_loss:.6g}")
    return "\n".join(lines) + "\n"


def _by_condition(
    conditions: Iterable[ConditionEvaluation],
    summary: Callable[[list[float]], float],
    metric: Callable[[RunEvaluation], float],
) -> dict[str, dict[str, float]]:
    by_strategy: dict[str, dict[str, float]] = {}
    for condition in conditions:
        strategy, name = ConditionKey.parse(condition.condition)
        value = summary([metric(run) for run in condition.runs])
        if not math.isfinite(value):
            raise ValueError(f"{condition.condition}: a metric is {value}, which JSON and DVC cannot hold")
        by_strategy.setdefault(strategy, {})[name] = round(value, DECIMALS)
    return by_strategy
