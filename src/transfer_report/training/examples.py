"""Inputs of training: images or features, by row, with their labels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from transfer_report.files import release
from transfer_report.models.inputs import Normalisation


class Inputs(Protocol):
    """Whatever a network reads, row by row."""

    def __len__(self) -> int:
        """Number of rows."""

    def batch(self, rows: Tensor) -> Tensor:
        """Some rows, on the device that computes, as the network wants them."""

    def unaugmented(self) -> "Inputs":
        """The same rows as a network is scored on them."""


class Images:
    """Images of a split, read from their memory-mapped array batch by batch: no more of them is in memory."""

    def __init__(
        self,
        images: NDArray[np.uint8],  # (images, height, width, channels)
        normalise: Normalisation,
        augment: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        self.images = images
        self.normalise = normalise
        self.augment = augment

    def __len__(self) -> int:
        return len(self.images)

    def batch(self, rows: Tensor) -> Tensor:
        """Normalised images, (batch, 3, height, width)."""
        images = torch.from_numpy(np.take(self.images, rows.numpy(), axis=0))
        release(self.images)
        return self.normalise(self.augment(images) if self.augment else images)

    def unaugmented(self) -> "Images":
        """The images as they are stored, normalised."""
        return Images(self.images, self.normalise)

    def joined(self, others: "Images") -> "Images":
        """These images and then others, in memory, all augmented as these are."""
        return Images(np.concatenate([self.images, others.images]), self.normalise, self.augment)


class Features:
    """Features of a split, all of them on the device that computes."""

    def __init__(self, features: NDArray[np.float32], device: torch.device) -> None:
        self.features = torch.from_numpy(np.array(features)).to(device)  # (images, features)

    def __len__(self) -> int:
        return len(self.features)

    def batch(self, rows: Tensor) -> Tensor:
        """Features, (batch, features)."""
        return self.features[rows.to(self.features.device)]

    def unaugmented(self) -> "Features":
        """These features: they are those of images as they are."""
        return self

    def joined(self, others: "Features") -> "Features":
        """These features and then others."""
        return Features(torch.cat([self.features, others.features]).cpu().numpy(), self.features.device)


class SomeRows:
    """Some rows of other inputs."""

    def __init__(self, inputs: Inputs, rows: Tensor) -> None:
        self.inputs = inputs
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, rows: Tensor) -> Tensor:
        """Some of these rows, as the network wants them."""
        return self.inputs.batch(self.rows[rows])

    def unaugmented(self) -> "SomeRows":
        """The same rows as a network is scored on them."""
        return SomeRows(self.inputs.unaugmented(), self.rows)


@dataclass(frozen=True)
class Examples:
    """A split with its labels."""

    inputs: Inputs
    labels: Tensor
    """Index of the class, (rows,), on the device that computes."""

    def part(self, rows: NDArray[np.intp]) -> "Examples":
        """Return some rows with their labels."""
        chosen = torch.from_numpy(rows)
        return Examples(SomeRows(self.inputs, chosen), self.labels[chosen.to(self.labels.device)])


def balanced_class_weights(labels: Tensor, class_count: int) -> Tensor:
    """Weights of the classes in the loss that make all classes count alike: images / (classes × images of the class).

    Source: King, Zeng, "Logistic regression in rare events data", Political Analysis 9 (2001); scikit-learn's
    `balanced`.
    """
    counts = torch.bincount(labels, minlength=class_count)
    return len(labels) / (class_count * counts.clamp(min=1))
