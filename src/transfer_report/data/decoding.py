"""All images of a source to one array of equal squares, by all cores, and what the checks want to know of each."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL
from numpy.typing import NDArray
from tqdm import tqdm

from transfer_report.data.fit import fit_square
from transfer_report.data.image_file import refusing_huge_images
from transfer_report.data.near_copies import HASH_SIDE, WORDS, low_frequencies, perceptual_hashes
from transfer_report.data.source import Pixels, Size, Source
from transfer_report.data.workers import on_all_cores
from transfer_report.files import lasting_array, release, scratch_array
from transfer_report.log import log
from transfer_report.progress import CountedProgress

RESUMED_FROM = 10_000
"""From so many images on, those that were decoded before an interruption are kept for the next start."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Another one after each start of the machine, whose end may lose some pages of a file and keep others."""


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

    Of many files, an interruption leaves the squares that are done in `scratch`, where the next call with the same
    files takes them up.

    Args:
        source: where the images are.
        positions: which of its entries, in the order of the result.
        side_px: side of the squares.
        fit: how an image becomes square, as in `fit_square`.
        scratch: folder for the array.

    Raises:
        UserError: an image cannot be read.
    """
    kept = _place_to_resume(source, positions, side_px, fit, scratch)
    try:
        decoded = _decode(source, positions, side_px, fit, scratch, kept, channels=1)
    except _ColourFound:
        decoded = _decode(source, positions, side_px, fit, scratch, kept, channels=3)
    except OSError:  # a full disk needs the room
        if kept:
            shutil.rmtree(kept, ignore_errors=True)
        raise
    if kept:
        shutil.rmtree(kept, ignore_errors=True)  # the arrays last as long as they are mapped
    return decoded


def _place_to_resume(source: Source, positions: Sequence[int], side_px: int, fit: str, scratch: Path) -> Path | None:
    """A folder by what decides the squares, and no other; None where it is not worth it, or cannot be sound."""
    if source.stamp is None or len(positions) < RESUMED_FROM or not _BOOT.exists():
        return None
    known = hashlib.sha256(f"{side_px} {fit} {PIL.__version__} {_BOOT.read_text()}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        known.update(path.read_bytes())
    for position in positions:
        known.update(f"{source.stamp(position)}\n".encode())
    kept = scratch / "decoding" / known.hexdigest()[:32]
    for other in kept.parent.glob("*"):
        if other != kept:
            shutil.rmtree(other, ignore_errors=True)
    return kept


def _decode(
    source: Source, positions: Sequence[int], side_px: int, fit: str, scratch: Path, kept: Path | None, channels: int
) -> DecodedImages:
    count = len(positions)

    def array(name: str, shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
        shape = (count, *shape)
        return (
            lasting_array(shape, dtype, kept / f"{name}-{channels}") if kept else scratch_array(shape, dtype, scratch)
        )

    decoded = DecodedImages(
        pixels=array("pixels", (side_px, side_px, channels), "uint8"),
        digests=array("digests", (hashlib.sha256().digest_size,), "uint8"),
        sizes=array("sizes", (2,), "int32"),
        ranges=array("ranges", (), "uint8"),
        hashes=array("hashes", (WORDS,), "uint64"),
    )
    squares = np.asarray(decoded.pixels)  # without the methods of memory-mapped arrays, which take their time
    begun = int(decoded.digests.any(axis=1).sum()) if kept else 0

    def decode_rows(rows: range) -> None:
        if begun and all(decoded.digests[row].tobytes() == _digest(squares[row]) for row in rows):
            return
        frequencies = np.empty((0 if source.simulated else len(rows), HASH_SIDE, HASH_SIDE), dtype=np.float32)
        digests = np.empty((len(rows), decoded.digests.shape[1]), dtype=np.uint8)
        for number, row in enumerate(rows):
            pixels, decoded.sizes[row] = _load(source, positions[row], side_px)
            decoded.ranges[row] = pixels.max() - pixels.min()
            if not source.simulated:
                frequencies[number] = low_frequencies(pixels)
            square = fit_square(pixels, side_px, fit)
            if square.ndim == 3 and channels == 1:
                raise _ColourFound
            squares[row] = square[:, :, None] if square.ndim == 2 else square
            digests[number] = np.frombuffer(_digest(square), dtype=np.uint8)
        if not source.simulated:
            decoded.hashes[rows.start : rows.stop] = perceptual_hashes(frequencies)
        # Last, since a row whose digest is that of its square counts as done.
        decoded.digests[rows.start : rows.stop] = digests
        release(decoded.pixels)
        source.release()

    with refusing_huge_images(), _Progress(count, begun) as progress:
        on_all_cores(decode_rows, count, progress.update)
    return decoded


def _load(source: Source, position: int, side_px: int) -> tuple[Pixels, Size]:
    """An image for a square of some side, and its whole size."""
    if source.load_reduced:
        return source.load_reduced(position, side_px)
    pixels = source.load(position)
    return pixels, (pixels.shape[1], pixels.shape[0])


def _digest(square: Pixels) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(square).data).digest()


class _Progress(CountedProgress):
    """Shows how many images are done and how long the others take."""

    def __init__(self, count: int, begun: int) -> None:
        """Begin.

        Args:
            count: images in all.
            begun: those that were done before, which take no time.
        """
        super().__init__("images", "image", count, tqdm(total=count, desc="images", unit="", disable=None))
        self.begun, self.done = begun, 0
        if begun:
            log.info("images: %d of %d were read before an interruption", begun, count)

    def update(self, images: int) -> None:
        """So many more are done."""
        self.done += images
        self.bar.update(images)
        self.print_if_due(self.done)
