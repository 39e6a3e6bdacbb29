"""Learning curves as evidence: one definition of each measure, over seeds, and compared between conditions."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import fmean, median
from typing import get_args

import numpy as np

from transfer_report.analysis.bounds import CURVE_BOUNDS
from transfer_report.analysis.t_interval import p_of_zero, t_estimate
from transfer_report.analysis.variance import combine, seed_term
from transfer_report.records.analysis import CurveComparison, CurveEvidence, CurveMeasure, Estimate, Scope
from transfer_report.records.training import History

MEASURES: tuple[CurveMeasure, ...] = get_args(CurveMeasure)

LEVEL_SHARE = 0.95
"""Share of the best validation accuracy in a table; the level whose first epoch is reported."""

OVERFITTING_LOSS = 0.05
"""By which the last validation loss exceeds the lowest where a run overfits.

The generalisation loss at 5 per cent, GL₅, of Prechelt, "Early stopping – but when?", 1998.
"""


def gap(history: History) -> float:
    """Training minus validation accuracy at the last epoch.

    At the end and not at the epoch that is kept, since that one was chosen for a high validation accuracy. The
    generalisation gap of Jiang, Krishnan, Mobahi and Bengio, ICLR 2019, with validation for test images. Training
    accuracy is taken during the updates, with dropout and augmentation where there are any.
    """
    last = history.epochs[-1]
    return last.train_accuracy - last.val_accuracy


def volatility(history: History) -> float | None:
    """Median absolute change of the validation loss from one epoch to the next; None with a single epoch."""
    losses = [epoch.val_loss for epoch in history.epochs]
    return median(abs(later - earlier) for earlier, later in pairwise(losses)) if len(losses) > 1 else None


def epochs_to_level(history: History, level: float) -> float | None:
    """The first epoch with at least this validation accuracy; None where there is none.

    Time to accuracy (Coleman and others, DAWNBench, 2017), counted in epochs.
    """
    return next((float(epoch.epoch) for epoch in history.epochs if epoch.val_accuracy >= level), None)


def overfitting_onset(history: History) -> float | None:
    """The epoch of the lowest validation loss, where the last one is more than `OVERFITTING_LOSS` above it.

    From there on the validation loss stays above its lowest; of equal ones the last counts. None where the loss is
    still near its lowest at the end.
    """
    lowest = min(epoch.val_loss for epoch in history.epochs)
    if history.epochs[-1].val_loss <= (1 + OVERFITTING_LOSS) * lowest:
        return None
    return float(max(epoch.epoch for epoch in history.epochs if epoch.val_loss == lowest))


def keeps_last_epoch(history: History) -> bool:
    """Return whether validation was best in the last epoch, so that more epochs might help."""
    return history.penalty is None and history.best_epoch == history.epochs[-1].epoch


def final_train_accuracy(history: History) -> float:
    """Training accuracy at the last epoch."""
    return history.epochs[-1].train_accuracy


def final_train_loss(history: History) -> float:
    """Training loss at the last epoch."""
    return history.epochs[-1].train_loss


def median_train_accuracy(history: History) -> float:
    """Median training accuracy of the epochs: above a level, it says that most epochs are."""
    return median(epoch.train_accuracy for epoch in history.epochs)


OF_A_RUN: dict[CurveMeasure, Callable[[History], float | None]] = {
    "gap": gap,
    "volatility": volatility,
    "overfitting_onset": overfitting_onset,
    "final_train_accuracy": final_train_accuracy,
    "final_train_loss": final_train_loss,
    "median_train_accuracy": median_train_accuracy,
}


ROUNDING = 1e-9
"""Values of runs that differ by no more are one value: differences of shares are rounded in their last digits."""


def level_to_reach(runs: Sequence[Sequence[History]]) -> float:
    """`LEVEL_SHARE` of the best condition's validation accuracy: each run's highest, mean over seeds.

    Args:
        runs: of each condition that stands in one table, its histories.
    """
    return LEVEL_SHARE * max(
        fmean(max(epoch.val_accuracy for epoch in history.epochs) for history in histories) for histories in runs
    )


def curve_evidence(
    condition: str, histories: Sequence[History], level: float, confidence: float
) -> list[CurveEvidence]:
    """Every measure of a condition's runs, each with the mean over seeds and its t interval.

    There is a mean only where every run has a value: of runs that never reach a level, the others would tell too
    good a tale.
    """
    found = []
    for measure in MEASURES:
        values = [_measured(measure, history, level) for history in histories]
        found.append(
            CurveEvidence(
                condition=condition,
                measure=measure,
                per_seed=values,
                estimate=_over_seeds(values, CURVE_BOUNDS[measure], confidence),
            )
        )
    return found


def compare_curves(
    reference: CurveEvidence, treatment: CurveEvidence, family: str, confidence: float
) -> CurveComparison:
    """Treatment minus reference by Welch's (1947) t over seeds, with no verdict yet: `decide` has it.

    Without two seeds on both sides, with a run that has no value, or where neither side varies at all, the verdict is
    `inconclusive`.
    """
    difference = _welch(reference.per_seed, treatment.per_seed, CURVE_BOUNDS[reference.measure], confidence)
    return CurveComparison(
        reference=reference.condition,
        treatment=treatment.condition,
        measure=reference.measure,
        family=family,
        difference=difference,
        p_value=None if difference is None else p_of_zero(difference),
        p_adjusted=None,
        verdict="inconclusive",
    )


def _measured(measure: CurveMeasure, history: History, level: float) -> float | None:
    return epochs_to_level(history, level) if measure == "epochs_to_level" else OF_A_RUN[measure](history)


def _over_seeds(values: Sequence[float | None], bounds: tuple[float, float], confidence: float) -> Estimate | None:
    """Mean with its t interval; no interval where one run, or runs that do not differ, say nothing of others."""
    known = [value for value in values if value is not None]
    if len(known) < len(values) or not known:
        return None
    array, seeds = np.array(known), len(known)
    term = seed_term(array) if seeds > 1 and np.ptp(array) > ROUNDING else None
    return t_estimate(float(array.mean()), term, confidence, scope=_scope(seeds), seeds=seeds, bounds=bounds)


def _welch(
    reference: Sequence[float | None],
    treatment: Sequence[float | None],
    bounds: tuple[float, float],
    confidence: float,
) -> Estimate | None:
    known = [np.array([value for value in side if value is not None]) for side in (reference, treatment)]
    if len(known[0]) < len(reference) or len(known[1]) < len(treatment):
        return None
    value, seeds = float(known[1].mean() - known[0].mean()), min(len(side) for side in known)
    vary = seeds > 1 and any(np.ptp(side) > ROUNDING for side in known)
    term = combine([seed_term(side) for side in known], []) if vary else None
    limit = bounds[1] - bounds[0]
    return t_estimate(value, term, confidence, scope=_scope(seeds), seeds=seeds, bounds=(-limit, limit))


def _scope(seeds: int) -> Scope:
    return "conditions" if seeds > 1 else "runs"
