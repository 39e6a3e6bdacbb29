"""Images that come as arrays, stacked along the first axis and memory-mapped."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfer_report.data.image_file import to_bytes, without_equal_channels
from transfer_report.data.source import Pixels
from transfer_report.errors import UserError
from transfer_report.files import release


class Stacks:
    """Several stacks of images, numbered through."""

    def __init__(self, arrays: Sequence[NDArray[Any]]) -> None:
        self.arrays = arrays
        self.ends = list(accumulate(len(array) for array in arrays))

    def load(self, index: int) -> Pixels:
        """The image at `index`, counted through all stacks."""
        stack = bisect_right(self.ends, index)
        array = self.arrays[stack]
        return without_equal_channels(to_bytes(np.array(array[index - self.ends[stack] + len(array)])))

    def release(self) -> None:
        """Give back the memory that reading has taken."""
        for array in self.arrays:
            release(array)


def open_npy(path: Path, name: str) -> NDArray[Any]:
    """A `.npy` file, memory-mapped for reading.

    Args:
        path: the file.
        name: what a message calls it.

    Raises:
        UserError: it is no such file, or its contents are Python objects.
    """
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # the header is a Python literal: what its parser says of a damaged one is manifold
        raise UserError(f"{name}: not a readable NumPy array ({error}); replace the file") from None
    return array


def check_images(array: NDArray[Any], name: str) -> None:
    """Refuse what is no stack of 2-D images.

    Raises:
        UserError: another shape than (images, height, width) or (images, height, width, 1, 3 or 4), or another type
            than unsigned integers of 8 or 16 bits.
    """
    if array.dtype not in (np.dtype(np.uint8), np.dtype(np.uint16)):
        raise UserError(f"{name}: pixels are unsigned integers of 8 or 16 bits (uint8, uint16), not {array.dtype}")
    if array.ndim not in (3, 4) or (array.ndim == 4 and array.shape[3] not in (1, 3, 4)) or 0 in array.shape[1:]:
        raise UserError(
            f"{name}: has the shape {array.shape}; expected (images, height, width), grey, "
            "or (images, height, width, 3), in colour"
        )
    if not len(array):
        raise UserError(f"{name}: holds no image")
