"""Images to measure on: simulated radiographs, saved as JPEG files in a folder per class."""

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from PIL import Image

from transfer_report.data.phantom import PHANTOM_CLASSES, exposures, radiograph
from transfer_report.settings import PhantomSettings

DIFFERENT = 64
"""So many images are simulated; the others repeat them with one pixel changed, since only their number matters."""


def save_folder(root: Path, train: int, test: int, side_px: int) -> None:
    """Write `root/train/<class>/…` and `root/test/<class>/…`, half of the images in each class."""
    settings = PhantomSettings(train=DIFFERENT, test=2, contrast=1.0, photons=20000.0)
    with ProcessPoolExecutor() as pool:
        drawn = list(pool.map(partial(_draw, settings, side_px), range(DIFFERENT)))
        jobs = [(root, split, number) for split, count in (("train", train), ("test", test)) for number in range(count)]
        list(pool.map(partial(_save, drawn), jobs, chunksize=max(1, len(jobs) // 16)))


def _draw(settings: PhantomSettings, side_px: int, number: int) -> Image.Image:
    return Image.fromarray(radiograph(list(exposures(settings, "train"))[number], settings, 0, side_px)[..., 0])


def _save(drawn: list[Image.Image], job: tuple[Path, str, int]) -> None:
    root, split, number = job
    image = drawn[number % len(drawn)].copy()
    # Coarse enough to survive the compression: no two files hold the same image.
    name = f"{split}{number}"
    for bit in range(20):
        value = 255 if (number >> bit) & 1 else 0
        image.paste(value, (8 * (bit % 10), 8 * (bit // 10), 8 * (bit % 10) + 8, 8 * (bit // 10) + 8))
    if split == "test":
        image.paste(255, (80, 0, 88, 8))
    folder = root / split / PHANTOM_CLASSES[number % 2]
    folder.mkdir(parents=True, exist_ok=True)
    image.save(folder / f"{name}.jpg", quality=90)
