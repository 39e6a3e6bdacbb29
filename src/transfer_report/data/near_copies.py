"""Images that are nearly equal: saved anew, resized, brightened; by a perceptual hash.

The hash is pHash (Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010) with 16 × 16
frequencies, so 256 bits. On 2,400 chest radiographs of the same size (2.9 million pairs), which look alike, pairs of
different exposures are at least 37 bits apart; a copy saved as JPEG of quality 30 is at most 12 bits from its original,
a resized one 4, a brighter one 10. Copies that are cropped by 2 % or turned by 2° are as far as other exposures are.
"""

from collections.abc import Iterator, Sequence

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from transfer_report.data.source import Pixels

HASH_SIDE = 16
WORDS = HASH_SIDE * HASH_SIDE // 64
MOST_BITS = 16
"""Two images that differ in no more bits are near copies."""

_BLOCK = 1024


def perceptual_hash(pixels: Pixels) -> NDArray[np.uint64]:
    """The hash of an image, (WORDS,)."""
    bits = imagehash.phash(Image.fromarray(pixels), hash_size=HASH_SIDE).hash
    words: NDArray[np.uint64] = np.packbits(bits).view(np.uint64)
    return words


def near_pairs(hashes: NDArray[np.uint64], parts: Sequence[NDArray[np.intp]]) -> Iterator[tuple[int, int]]:
    """Pairs of near copies between different parts, piece by piece, so that memory does not grow with their number.

    Args:
        hashes: of all images, (images, WORDS).
        parts: positions of each part.
    """
    for number, part in enumerate(parts):
        others = np.concatenate([np.empty(0, dtype=np.intp), *parts[number + 1 :]])
        for start in range(0, len(part), _BLOCK):
            rows = part[start : start + _BLOCK]
            for first in range(0, len(others), _BLOCK):
                columns = others[first : first + _BLOCK]
                apart = np.zeros((len(rows), len(columns)), dtype=np.uint16)
                for word in range(WORDS):
                    apart += np.bitwise_count(hashes[rows, None, word] ^ hashes[None, columns, word])
                for row, column in np.argwhere(apart <= MOST_BITS):
                    yield int(rows[row]), int(columns[column])
