"""Puts the runs of a condition together: their histories, and how their predictions score."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from transfer_report.errors import UserError
from transfer_report.evaluation.metrics import Floats, Labels, score
from transfer_report.records.evaluation import ConditionEvaluation, RunEvaluation
from transfer_report.records.training import History


def evaluate_condition(
    condition: str,
    histories: Sequence[History],
    val_probabilities: Floats,
    test_probabilities: Floats,
    val_labels: Labels,
    test_labels: Labels,
    bins: int,
) -> ConditionEvaluation:
    """Score every run of a condition; probabilities are (seeds, images, classes), in the order of `histories`."""
    runs = [
        RunEvaluation(history=history, val=score(val, val_labels, bins), test=score(test, test_labels, bins))
        for history, val, test in zip(histories, val_probabilities, test_probabilities, strict=True)
    ]
    return ConditionEvaluation(condition=condition, runs=runs)


def checked_probabilities(name: str, probabilities: Floats, images: int, classes: int) -> NDArray[np.float32]:
    """The predictions of one run, as float32, after a look whether they can be what they say.

    Raises:
        UserError: naming `name`, where shape or values are not those of probabilities of these images.
    """
    if probabilities.shape != (images, classes):
        raise UserError(
            f"{name}: predictions of shape {probabilities.shape} where {(images, classes)} (images, classes) "
            "is expected; `dvc repro` makes them again"
        )
    if not np.isfinite(probabilities).all():
        raise UserError(
            f"{name}: the model predicts values that are not numbers: its training diverged; lower the condition's `lr`"
        )
    totals = np.asarray(probabilities, dtype=np.float64).sum(axis=1)
    if (probabilities < 0).any() or not np.allclose(totals, 1, atol=1e-2):
        raise UserError(f"{name}: these are no probabilities (negative, or not adding up to 1)")
    return np.asarray(probabilities, dtype=np.float32)
