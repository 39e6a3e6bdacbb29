"""Every prediction as a line of CSV, with pseudonyms for images and patients."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from transfer_report.evaluation.metrics import Floats


@dataclass(frozen=True)
class PredictedSplit:
    """The predictions of all runs on one split."""

    split: str
    labels: Sequence[int]
    patients: Sequence[str]
    """The patient of each image, as the source names them: they do not leave."""
    probabilities: Mapping[str, Floats]
    """By condition, (seeds, images, classes)."""


def predictions_csv(
    splits: Sequence[PredictedSplit], seeds: Mapping[str, Sequence[int]], classes: Sequence[str]
) -> Iterator[str]:
    """Lines of CSV: split, image, patient, label, condition, seed, and a probability per class.

    Probabilities have nine digits, from which float32 is read back unchanged. Images and patients are numbered in the
    order of the study's own table: only those who have that table can find them again.

    Args:
        splits: In the order of the file.
        seeds: Of each condition's runs.
        classes: Names, in the order of the labels.
    """
    yield _line(["split", "image", "patient", "label", "condition", "seed", *(f"p({name})" for name in classes)])
    patients = pseudonyms([name for one in splits for name in one.patients], "patient")
    start = 0
    for one in splits:
        own = patients[start : start + len(one.labels)]
        start += len(one.labels)
        images = pseudonyms(list(range(len(one.labels))), f"{one.split}-image")
        for condition, probabilities in one.probabilities.items():
            for seed, run in zip(seeds[condition], probabilities, strict=True):
                for image, patient, label, row in zip(images, own, one.labels, run, strict=True):
                    values = [f"{value:.9g}" for value in np.asarray(row, dtype=np.float64)]
                    yield _line([one.split, image, patient, classes[label], condition, str(seed), *values])


def pseudonyms(names: Sequence[object], prefix: str) -> list[str]:
    """`prefix-001`, … for equal names the same, numbered in the order in which they come."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names), start=1)}
    digits = len(str(len(numbers)))
    return [f"{prefix}-{numbers[name]:0{digits}}" for name in names]


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
