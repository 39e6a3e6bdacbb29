"""Predictions of one condition's runs on one split, from which all statistics start."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfer_report.evaluation.metrics import Floats, normalised, predicted_classes
from transfer_report.records.base import Split


@dataclass(frozen=True)
class Predictions:
    """Predictions of the runs of one condition, with what they are held against."""

    condition: str
    split: Split
    probabilities: Floats
    """(seeds, images, classes)."""
    labels: NDArray[np.intp]
    """(images,), class indices."""
    clusters: NDArray[np.generic]
    """(images,), the patient of each image as any value; images of one cluster count as one draw."""
    made: dict[Hashable, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """Cache of results computed from them, since a condition is compared with many."""

    @property
    def seeds(self) -> int:
        """Number of runs."""
        return int(self.probabilities.shape[0])

    @property
    def images(self) -> int:
        """Number of images."""
        return int(self.probabilities.shape[1])

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self.probabilities.shape[2])

    @cached_property
    def doubles(self) -> NDArray[np.float64]:
        """Probabilities in double precision that add up to 1."""
        return normalised(self.probabilities)

    @cached_property
    def predicted(self) -> NDArray[np.intp]:
        """(seeds, images), the most probable class."""
        return predicted_classes(self.probabilities)

    @cached_property
    def correct(self) -> NDArray[np.bool_]:
        """(seeds, images), whether a run recognises an image."""
        correct: NDArray[np.bool_] = self.predicted == self.labels
        return correct

    @cached_property
    def correct_by_majority(self) -> NDArray[np.bool_]:
        """(images,), whether more than half of the runs recognise an image."""
        majority: NDArray[np.bool_] = self.correct.mean(axis=0) > 0.5
        return majority

    @cached_property
    def cluster_codes(self) -> NDArray[np.intp]:
        """(images,), the clusters numbered from 0."""
        codes: NDArray[np.intp] = np.unique(self.clusters, return_inverse=True)[1]
        return codes
