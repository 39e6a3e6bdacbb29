"""How the recommended condition does in parts of the test images: by sex, age, site and what else their table says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from transfer_report.analysis.drops import drop
from transfer_report.analysis.estimates import estimate
from transfer_report.analysis.predictions import Predictions
from transfer_report.records.analysis import Drop, Subgroup

LEAST_IMAGES = 10
"""Of fewer, not even an interval would say much: such parts are left out."""
_FEW_VALUES = 8
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?Y?")


def subgroups(
    predictions: Predictions, characteristics: Mapping[str, Sequence[str]], confidence: float
) -> list[Subgroup]:
    """Return accuracy and AUROC of every part, and its accuracy minus that of all other images, with no verdict yet.

    Two parts that are all images ask one question twice, which costs nothing in Hommel's correction. Numbers are cut at
    their terciles.

    Args:
        predictions: of one condition, on the test images.
        characteristics: values of each test image, empty where unknown, by the name of the characteristic.
        confidence: of the intervals.
    """
    parts = {
        (name, level): rows
        for name, values in characteristics.items()
        for level, rows in _parts(values).items()
        if rows.sum() >= LEAST_IMAGES
    }
    found = []
    for (name, level), rows in parts.items():
        part = _only(predictions, rows)
        gap = _gap(predictions, rows, confidence)
        all_classes = len(np.unique(part.labels)) == predictions.classes
        found.append(
            Subgroup(
                characteristic=name,
                level=level,
                condition=predictions.condition,
                accuracy=estimate("accuracy", part, confidence),
                auroc=estimate("auroc", part, confidence) if all_classes else None,
                difference=gap.difference if gap else None,
                p_value=gap.p_value if gap else None,
                p_adjusted=None,
                verdict="inconclusive",
            )
        )
    return found


def _gap(predictions: Predictions, rows: NDArray[np.bool_], confidence: float) -> Drop | None:
    """Accuracy of a part minus that of the other images, which has none in common with it; None without others."""
    return None if rows.all() else drop(_only(predictions, rows), _only(predictions, ~rows), confidence)


def _only(predictions: Predictions, rows: NDArray[np.bool_]) -> Predictions:
    """Predictions of some of the images."""
    return replace(
        predictions,
        probabilities=predictions.probabilities[:, rows],
        labels=predictions.labels[rows],
        clusters=predictions.clusters[rows],
    )


def _parts(values: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """Return masks of the images with each value, or in each third of many numbers."""
    texts = np.array(values)
    known = sorted(set(values) - {""})
    if len(known) <= _FEW_VALUES or not all(map(_NUMBER.fullmatch, known)):
        return {value: texts == value for value in known}
    numbers = np.array([float(value.rstrip("Y").replace(",", ".")) if value else np.nan for value in values])
    low, high = np.nanquantile(numbers, [1 / 3, 2 / 3], method="lower")
    return {
        f"≤ {low:g}": numbers <= low,
        f"> {low:g}, ≤ {high:g}": (numbers > low) & (numbers <= high),
        f"> {high:g}": numbers > high,
    }
