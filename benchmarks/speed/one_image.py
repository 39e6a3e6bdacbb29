"""Processor time of one JPEG file in one process: decoding alone, and all that prepare does with it, whole and reduced.

    PYTHONPATH=src:. python -m benchmarks.speed.one_image

Takes seconds, and says the same on a machine with other work.
"""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
from PIL import Image

from benchmarks.speed.preparing import SIDE_PX
from transfer_report.data.fit import fit_square
from transfer_report.data.image_file import LEAST_REDUCTION, read_reduced
from transfer_report.data.near_copies import low_frequencies
from transfer_report.data.phantom import exposures, radiograph
from transfer_report.settings import PhantomSettings

DRAWN_PX = 1024
"""Side of the simulated radiograph, which is resized to the others."""
REPEATS = 20


def main() -> None:
    """Print a line for each size."""
    settings = PhantomSettings(train=2, test=2, contrast=1.0, photons=20000.0)
    drawn = Image.fromarray(radiograph(next(iter(exposures(settings, "train"))), settings, 0, DRAWN_PX)[..., 0])
    with tempfile.TemporaryDirectory() as folder:
        for side_px in (224, 512, 2048):
            path = Path(folder) / f"{side_px}.jpg"
            drawn.resize((side_px, side_px), Image.Resampling.BICUBIC).save(path, quality=90)
            for what, wanted in (("whole", 0), ("reduced", SIDE_PX)):
                decoding, preparing = _milliseconds(_decode, path, wanted), _milliseconds(_prepare, path, wanted)
                ratio = f"{preparing / decoding:.2f} ×"
                print(f"{side_px} px, {what}: {preparing:.2f} ms, decoding {decoding:.2f} ms: {ratio}")


def _decode(path: Path, side_px: int) -> None:
    with Image.open(path) as image:
        if side_px:
            image.draft(None, (LEAST_REDUCTION * side_px,) * 2)
        image.load()


def _prepare(path: Path, side_px: int) -> None:
    """What a worker of `decode_images` does with an image, but for writing it."""
    pixels, _ = read_reduced(path, "refuse", side_px)
    pixels.max() - pixels.min()
    low_frequencies(pixels)
    square = fit_square(pixels, SIDE_PX, "crop")
    hashlib.sha256(np.ascontiguousarray(square).data).digest()


def _milliseconds(action: Callable[[Path, int], None], path: Path, side_px: int) -> float:
    taken = []
    for _ in range(REPEATS):
        before = process_time()
        action(path, side_px)
        taken.append(process_time() - before)
    return 1e3 * median(taken)


if __name__ == "__main__":
    main()
