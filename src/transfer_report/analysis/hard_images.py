"""The images that most conditions get wrong."""

from collections.abc import Sequence

import numpy as np

from transfer_report.analysis.predictions import Predictions
from transfer_report.records.analysis import HardImage


def hard_images(conditions: Sequence[Predictions], ids: Sequence[str], share: float) -> list[HardImage]:
    """Images that more than `share` of the conditions get wrong, each by more than half of its runs; hardest first.

    Args:
        conditions: predictions of every condition on the same images.
        ids: of the images, in their order.
        share: of the conditions, 0…1.
    """
    incorrect = np.sum([condition.correct.mean(axis=0) < 0.5 for condition in conditions], axis=0)
    rows = [int(row) for row in np.flatnonzero(incorrect > share * len(conditions))]
    return [
        HardImage(
            row=row,
            id=ids[row],
            label=int(conditions[0].labels[row]),
            incorrect=int(incorrect[row]),
            conditions=len(conditions),
        )
        for row in sorted(rows, key=lambda row: (-incorrect[row], row))
    ]
