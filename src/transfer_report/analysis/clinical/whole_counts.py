"""Mean counts of several runs as whole numbers that still add up."""

import numpy as np
from numpy.typing import NDArray


def whole_counts(matrix: NDArray[np.float64]) -> list[list[int]]:
    """A matrix of mean counts as whole numbers whose rows have the same sums, by largest remainder (Hamilton's).

    Of equal remainders, the first are rounded up.
    """
    rounded = []
    for row in matrix:
        whole = np.floor(row + 1e-9)
        missing = round(float(row.sum() - whole.sum()))
        whole[np.argsort(whole - row, kind="stable")[:missing]] += 1
        rounded.append([int(count) for count in whole])
    return rounded
