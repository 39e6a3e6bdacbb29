"""What DVC shows of an evaluation: the tree of `metrics.json`, and the table of curves behind `dvc plots`."""

import math
from collections.abc import Callable, Iterable

import numpy as np

from transfer_report.records import ConditionEvaluation, Evaluation, RunEvaluation, StartWeights

# Four decimals are a hundredth of a point of accuracy: finer than any image of a test split of some thousand.
DECIMALS = 4

# Few enough that `dvc metrics diff` stays readable; names sort into blocks.
METRICS: dict[str, Callable[[RunEvaluation], float]] = {
    "test_accuracy": lambda run: run.test.accuracy,
    "test_auroc": lambda run: run.test.auroc,
    "test_calibration_error": lambda run: run.test.calibration_error,
    "test_loss": lambda run: run.test.loss,
    "val_accuracy": lambda run: run.val.accuracy,
    "val_auroc": lambda run: run.val.auroc,
    "val_loss": lambda run: run.val.loss,
}

CURVE_COLUMNS = ("group", "condition", "seed", "epoch", "split", "accuracy", "loss")

MetricsTree = dict[str, dict[str, dict[str, float]]]


def metrics_tree(evaluation: Evaluation, weights: Iterable[StartWeights]) -> dict[str, object]:
    """`{metric: {group: {condition: mean over seeds}}}`, rounded, and which models began with ImageNet's weights.

    With two seeds or more, `test_accuracy_sd` is the standard deviation over them. Numbers and mappings only, since
    DVC drops all else without a word.
    """
    tree: MetricsTree = {
        name: _by_condition(evaluation, lambda values: float(np.mean(values)), metric)
        for name, metric in METRICS.items()
    }
    if len(evaluation.seeds) > 1:
        tree["test_accuracy_sd"] = _by_condition(
            evaluation, lambda values: float(np.std(values, ddof=1)), METRICS["test_accuracy"]
        )
    imagenet = {record.model: int(record.source == "imagenet") for record in weights}
    return {"starts_from_imagenet_weights": imagenet, **tree}


def curves_table(conditions: Iterable[ConditionEvaluation]) -> str:
    """One line per condition, seed, epoch and split (train, val), tab-separated below `CURVE_COLUMNS`."""
    lines = ["\t".join(CURVE_COLUMNS)]
    for condition in conditions:
        group, name = condition.condition.split("/")
        for run in condition.runs:
            for epoch in run.history.epochs:
                start = f"{group}\t{name}\t{run.history.seed}\t{epoch.epoch}"
                lines.append(f"{start}\ttrain\t{epoch.train_accuracy:.6g}\t{epoch.train_loss:.6g}")
                lines.append(f"{start}\tval\t{epoch.val_accuracy:.6g}\t{epoch.val_loss:.6g}")
    return "\n".join(lines) + "\n"


def _by_condition(
    evaluation: Evaluation, summary: Callable[[list[float]], float], metric: Callable[[RunEvaluation], float]
) -> dict[str, dict[str, float]]:
    groups: dict[str, dict[str, float]] = {}
    for condition in evaluation.conditions:
        group, name = condition.condition.split("/")
        value = summary([metric(run) for run in condition.runs])
        if not math.isfinite(value):
            raise ValueError(f"{condition.condition}: a metric is {value}, which JSON and DVC cannot hold")
        groups.setdefault(group, {})[name] = round(value, DECIMALS)
    return groups
