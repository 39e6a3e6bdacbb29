"""The test images as one sheet of thumbnails, with what every run takes them for: the gallery of the HTML page."""

import io
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from transfer_report.records.evaluation import Evaluation
from transfer_report.records.figures import Gallery, GalleryImage

FILE = "gallery.webp"
MOST_SHOWN = 400
SHEET_BYTES = 600_000
"""Largest size of the sheet; in the page it takes a third more."""
_SIDE_PX = 64
"""Larger images are shrunk to it."""
_COLUMNS = 20
QUALITY = 80
FIRST_SIGN = 48
"""The character of class 0 in a run's predictions, `0`; the following classes have the following characters."""


def gallery(
    images: NDArray[np.uint8], evaluation: Evaluation, predicted: Mapping[str, NDArray[np.intp]]
) -> tuple[Gallery, bytes]:
    """The gallery and its sheet, WebP.

    Where there are too many test images, those that the most runs get wrong are kept, and of those the first.

    Args:
        images: Test images, (images, height, width, channels), unsigned bytes.
        evaluation: Labels and ids of the test images.
        predicted: By condition the classes that its runs predict, (seeds, images).
    """
    labels = np.asarray(evaluation.test_labels)
    incorrect = np.sum([(runs != labels).sum(axis=0) for runs in predicted.values()], axis=0)
    hardest_first = np.lexsort((np.arange(len(labels)), -incorrect))
    count = min(MOST_SHOWN, len(labels))
    while True:
        rows = np.sort(hardest_first[:count])
        content = _sheet([_thumbnail(images[row]) for row in rows])
        if len(content) <= SHEET_BYTES or count == 1:
            break
        count = max(1, int(count * 0.9 * SHEET_BYTES / len(content)))
    runs = {
        key: ["".join(chr(FIRST_SIGN + int(class_)) for class_ in run[rows]) for run in classes]
        for key, classes in predicted.items()
    }
    kept = [GalleryImage(id=evaluation.test_ids[row], label=evaluation.test_labels[row]) for row in rows]
    side = min(_SIDE_PX, images.shape[1])
    return Gallery(file=FILE, side_px=side, columns=_COLUMNS, images=kept, total=len(labels), runs=runs), content


def _thumbnail(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    pixels = image[..., 0] if image.shape[-1] == 1 else image
    if len(pixels) <= _SIDE_PX:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BOX))


def _sheet(thumbnails: list[NDArray[np.uint8]]) -> bytes:
    side, channels = len(thumbnails[0]), thumbnails[0].shape[2:]
    sheet = np.zeros((-(-len(thumbnails) // _COLUMNS) * side, _COLUMNS * side, *channels), dtype=np.uint8)
    for index, thumbnail in enumerate(thumbnails):
        top, left = index // _COLUMNS * side, index % _COLUMNS * side
        sheet[top : top + side, left : left + side] = thumbnail
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, format="WEBP", quality=QUALITY, method=4)
    return buffer.getvalue()
