"""All images of a source to one array of equal squares, by all cores, and what the checks want to know of each."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from transfer_report.data.fit import fit_square
from transfer_report.data.image_file import refusing_huge_images
from transfer_report.data.near_copies import HASH_SIDE, WORDS, low_frequencies, perceptual_hashes
from transfer_report.data.source import Source
from transfer_report.data.workers import on_all_cores
from transfer_report.files import release, scratch_array


@dataclass(frozen=True)
class DecodedImages:
    """Images as squares, with what is known of each."""

    pixels: NDArray[Any]
    """Unsigned bytes, memory-mapped, (images, side, side, channels); one channel when all images are grey."""
    digests: NDArray[np.uint8]
    """SHA-256 of each square's bytes, (images, 32): equal for images that are the same to a model."""
    sizes: NDArray[np.int32]
    """Width and height before, in pixels, (images, 2)."""
    ranges: NDArray[np.uint8]
    """Brightest less darkest value, (images,)."""
    hashes: NDArray[np.uint64]
    """Perceptual hash of each image before, (images, words); zeros for simulated ones, which have no copies."""

    def release(self) -> None:
        """Give back the memory that reading the arrays has taken; they lie in files."""
        for array in (self.pixels, self.digests, self.sizes, self.ranges, self.hashes):
            release(array)


class _ColourFound(Exception):  # noqa: N818  # a signal, not an error
    """An image has three different channels where one was prepared for."""


def decode_images(source: Source, positions: Sequence[int], side_px: int, fit: str, scratch: Path) -> DecodedImages:
    """The images at `positions` as squares.

    Args:
        source: where the images are.
        positions: which of its entries, in the order of the result.
        side_px: side of the squares.
        fit: how an image becomes square, as in `fit_square`.
        scratch: folder for the array.

    Raises:
        UserError: an image cannot be read.
    """
    try:
        return _decode(source, positions, side_px, fit, scratch, channels=1)
    except _ColourFound:
        return _decode(source, positions, side_px, fit, scratch, channels=3)


def _decode(
    source: Source, positions: Sequence[int], side_px: int, fit: str, scratch: Path, channels: int
) -> DecodedImages:
    count = len(positions)
    decoded = DecodedImages(
        pixels=scratch_array((count, side_px, side_px, channels), "uint8", scratch),
        digests=scratch_array((count, hashlib.sha256().digest_size), "uint8", scratch),
        sizes=scratch_array((count, 2), "int32", scratch),
        ranges=scratch_array((count,), "uint8", scratch),
        hashes=scratch_array((count, WORDS), "uint64", scratch),
    )

    squares = np.asarray(decoded.pixels)  # without the methods of memory-mapped arrays, which take their time

    def decode_rows(rows: range) -> None:
        frequencies = np.empty((0 if source.simulated else len(rows), HASH_SIDE, HASH_SIDE), dtype=np.float32)
        for number, row in enumerate(rows):
            pixels = source.load(positions[row])
            decoded.sizes[row] = pixels.shape[1], pixels.shape[0]
            decoded.ranges[row] = pixels.max() - pixels.min()
            if not source.simulated:
                frequencies[number] = low_frequencies(pixels)
            square = fit_square(pixels, side_px, fit)
            if square.ndim == 3 and channels == 1:
                raise _ColourFound
            squares[row] = square[:, :, None] if square.ndim == 2 else square
            decoded.digests[row] = np.frombuffer(
                hashlib.sha256(np.ascontiguousarray(square).data).digest(), dtype=np.uint8
            )
        if not source.simulated:
            decoded.hashes[rows.start : rows.stop] = perceptual_hashes(frequencies)
        release(decoded.pixels)
        source.release()

    with refusing_huge_images(), tqdm(total=count, desc="images", unit="", disable=None) as progress:
        on_all_cores(decode_rows, count, progress.update)
    return decoded
