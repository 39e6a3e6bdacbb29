"""Runs on other images than those of the split: on a fraction of the training images, or on folds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from transfer_report.training.examples import Examples, Features, Images, SomeRows
from transfer_report.training.run import StudyData

Rows = NDArray[np.intp]


class Subset(Protocol):
    """Which images a run trains on, is chosen by and predicts."""

    @property
    def name(self) -> str:
        """Name among the subsets of a study, for checkpoints."""

    def of(self, data: StudyData) -> StudyData:
        """The study's data by this choice."""


@dataclass(frozen=True)
class TrainFraction:
    """Some of the training images; the others are as split."""

    name: str
    train: Rows

    def of(self, data: StudyData) -> StudyData:
        """The study's data with these training images."""
        return replace(data, train=data.train.part(self.train))


@dataclass(frozen=True)
class Fold:
    """Rows of the training images and then the validation images."""

    name: str
    train: Rows
    val: Rows
    test: Rows

    def of(self, data: StudyData) -> StudyData:
        """The study's data, where the test images are those of the fold."""
        first, second = data.train.inputs, data.val.inputs
        inputs: Images | Features
        if isinstance(first, Images) and isinstance(second, Images):
            inputs = first.joined(second)
        else:
            assert isinstance(first, Features)  # noqa: S101  # there are no other inputs before training
            assert isinstance(second, Features)  # noqa: S101
            inputs = first.joined(second)
        labels = torch.cat([data.train.labels, data.val.labels])
        plain = inputs.unaugmented()
        return StudyData(
            train=Examples(inputs, labels).part(self.train),
            val=Examples(plain, labels).part(self.val),
            test=SomeRows(plain, torch.from_numpy(self.test)),
            class_count=data.class_count,
        )


def fraction_of(labels: Sequence[int], patients: Sequence[str], fraction: float, seed: int) -> TrainFraction:
    """Return a part of the training images: whole patients, each class in its share, within all larger parts.

    Patients are drawn, each with the class of most of its images, and join until their class has its share; every class
    keeps one patient at least. Each run draws its own part, so that the variance over seeds has that of the draw.

    Args:
        labels: class indices of the training images.
        patients: of the same images.
        fraction: of the images of each class, above 0 and below 1.
        seed: of the run.
    """
    rows = []
    for members, sizes in _drawn_patients(labels, patients, np.random.default_rng(seed)):
        before = np.cumsum(sizes) - sizes
        rows += [member for member, place in zip(members, before, strict=True) if place < fraction * sizes.sum()]
    return TrainFraction(f"fraction {fraction}", np.sort(np.concatenate(rows)))


def folds_of(
    labels: Sequence[int], patients: Sequence[str], folds: int, repeats: int, val_fraction: float, seed: int
) -> list[Fold]:
    """Return the folds of all repeats: whole patients, each class in its share; every image is tested once a repeat.

    Patients of a class, in an order that is drawn for each repeat, go to the fold that has the fewest images of the
    class. Of the images that a fold leaves, a fraction is for validation.

    Args:
        labels: class indices of training and validation images.
        patients: of the same images.
        folds: their number in a repeat.
        repeats: number of repeats.
        val_fraction: of the images that are not tested.
        seed: draws the folds.
    """
    found = []
    for repeat in range(repeats):
        generator = np.random.default_rng([seed, repeat])
        parts: list[list[Rows]] = [[] for _ in range(folds)]
        for members, sizes in _drawn_patients(labels, patients, generator):
            filled = np.zeros(folds, dtype=int)
            for member, size in zip(members, sizes, strict=True):
                fold = int(filled.argmin())
                filled[fold] += size
                parts[fold].append(member)
        for fold in range(folds):
            test = np.sort(np.concatenate(parts[fold]))
            rest = np.setdiff1d(np.arange(len(labels)), test)
            rest_labels, rest_patients = ([values[row] for row in rest] for values in (labels, patients))
            number = repeat * folds + fold
            val = rest[fraction_of(rest_labels, rest_patients, val_fraction, number).train]
            found.append(Fold(f"fold {number}", np.setdiff1d(rest, val), val, test))
    return found


def _drawn_patients(
    labels: Sequence[int], patients: Sequence[str], generator: np.random.Generator
) -> Iterator[tuple[list[Rows], NDArray[np.intp]]]:
    """Yield, class by class, the rows of each of its patients in an order that is drawn, and how many they are."""
    classes = np.asarray(labels)
    numbers = np.unique(np.asarray(patients), return_inverse=True)[1]
    counts = np.zeros((numbers.max() + 1, classes.max() + 1), dtype=int)
    np.add.at(counts, (numbers, classes), 1)
    of_patient, drawn = counts.argmax(axis=1), generator.permutation(len(counts))
    by_patient = np.split(np.argsort(numbers, kind="stable"), np.cumsum(counts.sum(axis=1))[:-1])
    for number in np.unique(of_patient):
        members = [by_patient[patient] for patient in drawn[of_patient[drawn] == number]]
        yield members, np.array([len(member) for member in members])
