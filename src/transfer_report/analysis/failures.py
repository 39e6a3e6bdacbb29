"""Runs that failed: they score as if nothing had been learned, or as another network than the one that trained."""

from collections import Counter
from collections.abc import Sequence
from typing import get_args

import numpy as np
from scipy.stats import entropy

from transfer_report.analysis.facts import Facts
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


def failure_facts(failed: Sequence[FailedRun], conditions: Sequence[ConditionEvaluation], confidence: float) -> Facts:
    """Count the failed runs of each condition, in all and by reason, with their seeds, and what sound ones exclude."""
    facts: Facts = {"failed_runs": len(failed), "failed_conditions": len({run.condition for run in failed})}
    runs = [len(one.runs) for one in conditions]
    facts["failures_not_excluded"] = failure_rate_limit(min(runs), confidence)
    facts["failures_not_excluded_by_most"] = failure_rate_limit(max(runs), confidence)
    of_condition = Counter(run.condition for run in failed)
    for one in conditions:
        facts[f"failed_runs.{one.condition}"] = of_condition[one.condition]
        for reason in get_args(FailureReason):
            seeds = [str(run.seed) for run in failed if (run.condition, run.reason) == (one.condition, reason)]
            facts[f"failed_{reason}.{one.condition}"] = len(seeds)
            facts[f"failed_{reason}_seeds.{one.condition}"] = ", ".join(seeds)
    return facts


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
