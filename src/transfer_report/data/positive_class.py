"""Choice of the positive class: the disease, whose sensitivity, specificity and F1 the report prints."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from transfer_report.data.source import Source
from transfer_report.errors import UserError, did_you_mean

_HEALTHY = re.compile(
    r"(.*[\W_])?(normals?|healthy|controls?|no[\W_]?(findings?|tumou?rs?|disease)|uninfected|negative|non[\W_].+)",
    re.IGNORECASE,
)
_BENIGN = re.compile(r"(.*[\W_])?benign", re.IGNORECASE)
"""Negative in contrast to malignant, positive in contrast to normal."""


def is_healthy(name: str) -> bool:
    """Return whether the name of a class is usual for those without the disease."""
    return bool(_HEALTHY.fullmatch(name))


def guess_positive(classes: Sequence[str]) -> int | None:
    """Return the index of the positive one of two classes by usual names of the other; None where they do not tell."""
    for pattern in (_HEALTHY, _BENIGN):
        negative = [index for index, name in enumerate(classes) if pattern.fullmatch(name)]
        if len(negative) == 1:
            return 1 - negative[0]
    return None


def with_positive_last(source: Source, wanted: str) -> Source:
    """Return the source with the positive one of its two classes as class 1, as all metrics take it.

    Args:
        source: of two classes; of more, none is positive, and the source stays as it is.
        wanted: name of the positive class; empty: guessed, else the second stays.

    Raises:
        UserError: there is no such class, or there are more than two.
    """
    classes = list(source.classes)
    if wanted and wanted not in classes:
        raise UserError(f"data.positive_class: there is no class {wanted!r}; {did_you_mean(wanted, classes)}")
    if len(classes) != 2:
        if wanted:
            raise UserError(
                f"data.positive_class: with {len(classes)} classes, sensitivity, specificity and F1 are means over all "
                "of them; set it to ''"
            )
        return source
    guess = guess_positive(classes)
    positive = classes.index(wanted) if wanted else 1 if guess is None else guess
    assumed = dict(source.assumed)
    if not wanted and guess is None:
        assumed["positive_class"] = [classes[1]]
    if positive == 1:
        return replace(source, assumed=assumed)
    entries = source.entries.with_labels(np.int64(1) - source.entries.labels)
    return replace(source, classes=classes[::-1], entries=entries, assumed=assumed)
