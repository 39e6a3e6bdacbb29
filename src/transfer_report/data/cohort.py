"""Characteristics of the images besides their labels, by split: the first table of a clinical paper."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfer_report.data.layouts import natural_order
from transfer_report.data.source import Entries
from transfer_report.records.base import Split
from transfer_report.records.data import Characteristic, FlowStep, Level

_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?Y?")
"""Y stands behind the ages of DICOM and of tables made from it."""
_FEW_VALUES = 8
"""So many different numbers are counted like names; so many names are shown, the others together."""
_OTHER = "…"


def describe_characteristics(
    characteristics: Mapping[str, NDArray[Any]], members: Mapping[Split, NDArray[np.intp]]
) -> list[Characteristic]:
    """Return counts of names, or quartiles of numbers, split by split.

    Args:
        characteristics: texts, empty where unknown, (images,).
        members: rows of each split.
    """
    return [_describe(name, values, members) for name, values in characteristics.items()]


def flow_of(read: Entries, left_out: Mapping[str, int]) -> list[FlowStep]:
    """Return how many images and patients were read, and how many images were left out, by reason."""
    patients = len(np.unique(read.patients))
    return [
        FlowStep(step="read", images=len(read), patients=patients),
        *(FlowStep(step=reason, images=count, patients=None) for reason, count in left_out.items() if count),
    ]


def _describe(name: str, values: NDArray[Any], members: Mapping[Split, NDArray[np.intp]]) -> Characteristic:
    by_split = {split: values[rows].tolist() for split, rows in members.items()}
    missing = {split: own.count("") for split, own in by_split.items()}
    known = {split: [value for value in own if value] for split, own in by_split.items()}
    different = sorted({value for own in known.values() for value in own}, key=natural_order)
    if len(different) > _FEW_VALUES and all(map(_NUMBER.fullmatch, different)):
        quartiles = {split: _quartiles(own) for split, own in known.items()}
        return Characteristic(name=name, missing=missing, quartiles=quartiles, levels=[])
    return Characteristic(name=name, missing=missing, quartiles=None, levels=_levels(known, different))


def _quartiles(values: Sequence[str]) -> list[float]:
    """First quartile, median and third quartile; nothing, of nothing."""
    numbers = [float(value.rstrip("Y").replace(",", ".")) for value in values]
    return np.quantile(numbers, [0.25, 0.5, 0.75]).tolist() if numbers else []


def _levels(known: Mapping[Split, Sequence[str]], names: Sequence[str]) -> list[Level]:
    """Counts of the most frequent names, in the order of the names, and of the others together."""
    totals = {name: sum(own.count(name) for own in known.values()) for name in names}
    frequent = sorted(names, key=lambda name: -totals[name])[:_FEW_VALUES]
    levels = [
        Level(name=name, counts={split: own.count(name) for split, own in known.items()})
        for name in names
        if name in frequent
    ]
    if len(names) > len(frequent):
        rest = {split: sum(value not in frequent for value in own) for split, own in known.items()}
        levels.append(Level(name=_OTHER, counts=rest))
    return levels
