"""How trained networks do on images from elsewhere: the drop from the study's test images, and their order there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from transfer_report.analysis.comparisons import difference_of
from transfer_report.analysis.components import components
from transfer_report.analysis.drops import drop
from transfer_report.analysis.estimates import estimate
from transfer_report.analysis.predictions import Predictions
from transfer_report.evaluation.metrics import Floats
from transfer_report.records.analysis import (
    Comparison,
    Estimate,
    ExternalDrop,
    ExternalMetric,
    ExternalScores,
    ExternalSummary,
)
from transfer_report.records.data import ExternalSet
from transfer_report.settings import AnalysisSettings

METRICS: tuple[ExternalMetric, ...] = get_args(ExternalMetric)


@dataclass(frozen=True)
class ExternalPredictions:
    """Predictions of the kept runs of a condition, on the study's test images and on those from elsewhere."""

    name: str
    """Name of the external set."""
    test: Predictions
    external: Predictions


def paired_predictions(
    sets: Mapping[str, ExternalSet],
    probabilities: Mapping[str, Mapping[str, Floats]],
    test: Mapping[str, Predictions],
    seeds: Mapping[str, Sequence[int]],
) -> list[ExternalPredictions]:
    """Return the predictions of the same runs on both kinds of images, by set and condition.

    Args:
        sets: by name.
        probabilities: by set and condition, (kept seeds, images, classes).
        test: of all seeds, by condition.
        seeds: of all runs of a condition, in the order of `test`.
    """
    found = []
    for name, known in sets.items():
        labels, patients = np.asarray(known.labels), np.asarray(known.patients)
        for key, array in probabilities[name].items():
            rows = [list(seeds[key]).index(seed) for seed in known.seeds[key]]
            own = replace(test[key], probabilities=test[key].probabilities[rows])
            found.append(ExternalPredictions(name, own, Predictions(key, "test", array, labels, patients)))
    return found


def external_drops(predictions: Sequence[ExternalPredictions], confidence: float) -> list[ExternalDrop]:
    """Test accuracy minus accuracy on the external images, of the same runs, with no verdict yet."""
    return [ExternalDrop(external=one.name, **dict(drop(one.test, one.external, confidence))) for one in predictions]


def external_scores(predictions: Sequence[ExternalPredictions], settings: AnalysisSettings) -> list[ExternalScores]:
    """Metrics of the same runs on both kinds of images."""

    def scores(one: Predictions) -> dict[ExternalMetric, Estimate]:
        return {metric: estimate(metric, one, settings.confidence, settings.calibration_bins) for metric in METRICS}

    return [
        ExternalScores(
            external=one.name, condition=one.test.condition, test=scores(one.test), there=scores(one.external)
        )
        for one in predictions
    ]


def external_summaries(
    sets: Mapping[str, ExternalSet],
    predictions: Sequence[ExternalPredictions],
    comparisons: Sequence[Comparison],
    drops: Sequence[ExternalDrop],
    confidence: float,
) -> list[ExternalSummary]:
    """Count, for each set, drops that are shown, and findings of the test images that have the same sign there.

    Nothing is concluded from these signs: how many intervals exclude zero is counted without correction.
    """
    found = [one for one in comparisons if one.metric == "accuracy" and one.verdict in ("better", "worse")]
    return [
        _summary(
            name,
            known,
            {one.external.condition: one.external for one in predictions if one.name == name},
            found,
            [one.verdict for one in drops if one.external == name],
            confidence,
        )
        for name, known in sets.items()
    ]


def _summary(
    name: str,
    known: ExternalSet,
    there: Mapping[str, Predictions],
    found: Sequence[Comparison],
    verdicts: Sequence[str],
    confidence: float,
) -> ExternalSummary:
    signs = {"same": 0, "same_shown": 0, "opposite": 0, "opposite_shown": 0}
    for one in found:
        treatment, reference = (components("accuracy", there[key]) for key in (one.treatment, one.reference))
        difference = difference_of(reference, treatment, confidence)
        if not difference.value:
            continue
        side = "same" if difference.value * one.difference.value > 0 else "opposite"
        signs[side] += 1
        if difference.low is not None and difference.high is not None and not difference.low <= 0 <= difference.high:
            signs[f"{side}_shown"] += 1
    return ExternalSummary(
        external=name,
        images=len(known.labels),
        patients=len(set(known.patients)),
        most_seeds=max(map(len, known.seeds.values())),
        left_out_classes=known.left_out.get("classes", 0),
        left_out_copies=known.left_out.get("copies", 0),
        conditions=len(verdicts),
        dropped=verdicts.count("dropped"),
        rose=verdicts.count("rose"),
        compared=len(found),
        **signs,
    )
