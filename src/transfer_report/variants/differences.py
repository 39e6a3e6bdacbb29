"""How far a condition moved from one revision to another, how sure that is, and what may be said of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from transfer_report.analysis.comparisons import (
    difference_between_sets,
    difference_of,
    equivalence_p,
    error_rate,
    holm,
)
from transfer_report.analysis.components import components
from transfer_report.analysis.decisions import verdict_on
from transfer_report.analysis.estimates import estimate
from transfer_report.analysis.inputs import TESTED
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.t_interval import p_of_zero
from transfer_report.records.analysis import Estimate, Metric, Verdict
from transfer_report.settings import AnalysisSettings
from transfer_report.variants.images import Common

DifferenceOutcome = Verdict | Literal["identical"]


@dataclass(frozen=True)
class Judged:
    """One metric of a condition: its value on either side, and their difference; positive: the treatment is better."""

    reference: Estimate
    treatment: Estimate
    difference: Estimate
    p_value: float | None
    equivalence_p: float | None
    outcome: DifferenceOutcome
    p_adjusted: float | None = None


@dataclass(frozen=True)
class ConditionDifference:
    """A condition at two revisions."""

    reference: str
    """Condition that is compared with, almost always the same one."""
    treatment: str
    metrics: dict[Metric, Judged]
    result: str
    """SHA-256 of the predictions of both: several experiments may carry one result along."""
    same_runs: int
    """Runs whose predictions are the same, byte for byte, on both sides."""
    failed: bool = False
    """True if runs of either side failed, which any verdict must mention."""
    gained: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    """Rows of the treatment's test images that only the treatment gets right, by the majority of its seeds; first
    those whose true class became most probable."""
    lost: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    """Those that only the reference gets right, likewise."""

    @property
    def identical(self) -> bool:
        """True if the predictions are the same, byte for byte."""
        return self.metrics["accuracy"].outcome == "identical"


def condition_difference(
    reference: Predictions, treatment: Predictions, common: Common, settings: AnalysisSettings
) -> ConditionDifference:
    """Compare a condition's predictions at two revisions, as a family of one; `adjusted` corrects a whole family.

    Images and seeds both vary. Runs of one seed on both sides are taken for independent ones; where they are alike,
    that errs on the side of `inconclusive`. With one seed on a side, interval and verdict apply to these runs.
    With different test images, the difference is unpaired.
    """
    same = _same_runs(reference, treatment) if common.same_set else 0
    identical = same == reference.seeds == treatment.seeds
    sides = reference, treatment
    if common.paired:
        sides = common.of(reference, common.reference), common.of(treatment, common.treatment)
    metrics: dict[Metric, Judged] = {}
    for metric in TESTED:
        first, second = (components(metric, one, settings.calibration_bins) for one in sides)
        between = (difference_of if common.paired else difference_between_sets)(first, second, settings.confidence)
        metrics[metric] = Judged(
            reference=estimate(metric, reference, settings.confidence),
            treatment=estimate(metric, treatment, settings.confidence),
            difference=between,
            p_value=None if identical else p_of_zero(between),
            equivalence_p=None if identical else equivalence_p(between, settings.equivalence_margin),
            outcome="identical" if identical else "inconclusive",
        )
    gained, lost = _flipped(*sides, common.treatment) if common.paired else (np.empty(0, dtype=np.intp),) * 2
    return ConditionDifference(
        reference=reference.condition,
        treatment=treatment.condition,
        metrics=metrics,
        result=sha256(reference.probabilities.tobytes() + treatment.probabilities.tobytes()).hexdigest(),
        same_runs=same,
        gained=gained,
        lost=lost,
    )


def _flipped(
    reference: Predictions, treatment: Predictions, rows: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rows that only the treatment gets right, and that only the reference does; the clearest cases first."""
    first, second = (one.correct_by_majority for one in (reference, treatment))
    before, after = (one.doubles[:, np.arange(one.images), one.labels].mean(axis=0) for one in (reference, treatment))
    gained, lost = np.flatnonzero(~first & second), np.flatnonzero(first & ~second)
    rise = after - before
    return rows[gained[np.argsort(-rise[gained], kind="stable")]], rows[lost[np.argsort(rise[lost], kind="stable")]]


def adjusted(differences: Sequence[ConditionDifference]) -> list[ConditionDifference]:
    """The same with Holm's correction for their number, metric by metric, and the verdicts that it leaves.

    Identical predictions leave nothing to test, so they do not count.
    """
    found = list(differences)
    for metric in TESTED:
        p_values = holm([one.metrics[metric].p_value for one in found])
        found = [
            replace(one, metrics=one.metrics | {metric: _judged(one.metrics[metric], p_adjusted)})
            for one, p_adjusted in zip(found, p_values, strict=True)
        ]
    return found


def _judged(one: Judged, p_adjusted: float | None) -> Judged:
    if one.outcome == "identical":
        return one
    outcome = verdict_on(one.difference, p_adjusted, one.equivalence_p, error_rate(one.difference.confidence))
    return replace(one, p_adjusted=p_adjusted, outcome=outcome)


def _same_runs(reference: Predictions, treatment: Predictions) -> int:
    """How many runs of one side have their exact double on the other."""
    doubles = {run.tobytes() for run in reference.probabilities}
    return sum(run.tobytes() in doubles for run in treatment.probabilities)
