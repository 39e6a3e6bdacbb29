"""Runs that failed: they score as if nothing had been learned, or as another network than the one that trained."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import entropy

from transfer_report.analysis.rules import leaves_training_behind, predicts_one_class
from transfer_report.records.analysis import FailedRun, FailureReason
from transfer_report.records.evaluation import ConditionEvaluation, RunEvaluation


def failed_runs(conditions: Sequence[ConditionEvaluation]) -> list[FailedRun]:
    """Return the failed runs of all conditions, in their order."""
    judged = (_judged(one.condition, run) for one in conditions for run in one.runs)
    return [failed for failed in judged if failed is not None]


def failure_rate_limit(sound: int, confidence: float) -> float:
    """Return the highest rate of failures that so many runs, all of them sound, do not exclude.

    The one-sided exact limit for no event (Clopper, Pearson, Biometrika 26, 1934).
    """
    return float(1 - (1 - confidence) ** (1 / sound))


def _judged(condition: str, run: RunEvaluation) -> FailedRun | None:
    table = np.asarray(run.test.confusion)
    true, predicted = table.sum(axis=1), table.sum(axis=0)
    train_loss = run.history.kept.train_loss
    reason: FailureReason
    if predicts_one_class(true.tolist(), predicted.tolist()):
        reason = "one_class"
    elif leaves_training_behind(run.test.loss, train_loss, float(entropy(true))):
        reason = "loss"
    else:
        return None
    return FailedRun(
        condition=condition,
        seed=run.history.seed,
        reason=reason,
        class_share=float(predicted.max() / predicted.sum()),
        train_loss=train_loss,
        test_loss=run.test.loss,
    )
