"""Images that are nearly equal: saved again, resized, brightened; by a perceptual hash.

The hash is pHash (Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010): of the lowest
16 × 16 frequencies of the image's cosine transform, which are above their median; 256 bits. The transform is taken of
means over blocks of pixels, where pHash resamples the image first: that took longer than reading a JPEG file.
On 2,400 chest radiographs of 224 px (2.9 million pairs), which look alike, pairs of different exposures are at least 40
bits apart. A copy saved as JPEG of quality 30 is at most 14 bits from its original, one resized to 160, 193, 257 or
300 px at most 6, one that is a tenth brighter at most 20 (most are equal, one in 2,400 is beyond MOST_BITS).
Of copies cropped by 1 % at each side two in five are beyond, of those turned by 2° all. The pHash of the library
imagehash gives the same: 40; 16, 6, 22.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from transfer_report.data.source import Pixels

HASH_SIDE = 16
WORDS = HASH_SIDE * HASH_SIDE // 64
MOST_BITS = 16
"""Two images that differ in no more bits are near copies."""
LEAST_BLOCKS = 64
"""An image is not reduced below so many blocks a side: four for each half wave of the highest frequency."""

_ROWS, _COLUMNS = 64, 4096
"""Pairs that are looked at together: their bits stay in a processor's cache."""


def low_frequencies(pixels: Pixels) -> NDArray[np.float32]:
    """The lowest frequencies of an image's cosine transform, (HASH_SIDE, HASH_SIDE)."""
    height, width = pixels.shape[:2]
    rows, columns = (max(1, side // LEAST_BLOCKS) for side in (height, width))
    image = Image.fromarray(pixels).reduce((columns, rows))
    means = np.asarray(image.convert("L") if pixels.ndim == 3 else image, dtype=np.float32)
    frequencies: NDArray[np.float32] = np.matmul(_cosines(height, rows), means) @ _cosines(width, columns).T
    return frequencies


def perceptual_hashes(frequencies: NDArray[np.float32]) -> NDArray[np.uint64]:
    """The hashes of images by their low frequencies: (images, HASH_SIDE, HASH_SIDE) → (images, WORDS)."""
    bits = frequencies > np.median(frequencies, axis=(1, 2), keepdims=True)
    words: NDArray[np.uint64] = np.packbits(bits.reshape(len(bits), -1), axis=1).view(np.uint64)
    return words


@lru_cache(maxsize=1024)
def _cosines(side: int, block: int) -> NDArray[np.float32]:
    """Half waves along a side at the middles of its blocks, each times its pixels: (HASH_SIDE, blocks)."""
    edges = np.minimum(np.arange(0, side + block, block), side)
    middles, lengths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    waves = np.cos(np.pi / side * np.arange(HASH_SIDE)[:, None] * middles)
    return (waves * lengths / side).astype(np.float32)


def near_pairs(hashes: NDArray[np.uint64], parts: Sequence[NDArray[np.intp]]) -> Iterator[tuple[int, int]]:
    """Pairs of near copies between different parts, piece by piece, so that memory does not grow with their number.

    Args:
        hashes: of all images, (images, WORDS).
        parts: positions of each part.
    """
    # Fine structure differs most between images: one word of it tells nearly all pairs apart, at a fifth of the time.
    finest = np.ascontiguousarray(hashes[:, -1])
    for number, part in enumerate(parts):
        others = np.concatenate([np.empty(0, dtype=np.intp), *parts[number + 1 :]])
        for start in range(0, len(part), _ROWS):
            rows = part[start : start + _ROWS]
            for first in range(0, len(others), _COLUMNS):
                columns = others[first : first + _COLUMNS]
                near = np.bitwise_count(finest[rows, None] ^ finest[columns]) <= MOST_BITS
                row, column = np.divmod(np.flatnonzero(near), len(columns))
                one, other = rows[row], columns[column]
                apart = np.bitwise_count(hashes[one] ^ hashes[other]).sum(axis=1)
                for pair in np.flatnonzero(apart <= MOST_BITS):
                    yield int(one[pair]), int(other[pair])
