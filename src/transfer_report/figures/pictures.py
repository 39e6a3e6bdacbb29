"""Sheets of images: some of each class, and those that most conditions get wrong."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from transfer_report.figures.drawing import Picture, Sheet
from transfer_report.records.analysis import HardImage
from transfer_report.records.data import ImageTable
from transfer_report.records.evaluation import Evaluation
from transfer_report.wording.wording import Wording

SAMPLES_PER_CLASS = 8
MOST_CLASSES = 9
"""Classes with a strip of samples: a page of them."""
MOST_HARD_IMAGES = 12
_SIDE_PX = 96
"""Images are shown at least so large and at most twice that."""
GAP_PX = 4


def samples(images: NDArray[np.uint8], table: ImageTable, classes: list[str], wording: Wording) -> Sheet:
    """A strip of training images per class, spread evenly over the table.

    Args:
        images: Training images, (images, height, width, channels), unsigned bytes.
        table: Their rows, with labels.
        classes: Names of the classes.
        wording: Words for captions and alternative texts.
    """
    labels = np.asarray(table.labels)
    pictures, rows = [], []
    for label, name in enumerate(classes[:MOST_CLASSES]):
        members = np.flatnonzero(labels == label)
        chosen = members[np.linspace(0, len(members) - 1, min(SAMPLES_PER_CLASS, len(members))).astype(int)]
        alt = wording.text(
            "figures.samples.alt", count=len(chosen), name=name, brightness=_brightness(images[chosen], wording)
        )
        pictures.append(picture(strip([_enlarged(images[row]) for row in chosen]), name, alt))
        rows += [[name, table.ids[row]] for row in chosen]
    columns = [wording.text(f"figures.samples.columns.{name}") for name in ("class", "id")]
    values: dict[str, float | int | str] = {
        "count": SAMPLES_PER_CLASS,
        "classes_shown": len(pictures),
        "classes": len(classes),
    }
    return Sheet("samples", "samples", pictures, columns, rows, values)


def hard_image_sheet(
    images: NDArray[np.uint8], hard: list[HardImage], evaluation: Evaluation, wording: Wording
) -> Sheet | None:
    """The test images that most conditions get wrong, worst first; none where every image is easy.

    Args:
        images: Test images, (images, height, width, channels), unsigned bytes.
        hard: Images to show, in order.
        evaluation: Names of the classes.
        wording: Words for captions and alternative texts.
    """
    shown = hard[:MOST_HARD_IMAGES]
    if not shown:
        return None
    pictures = []
    for image in shown:
        gaps = {"name": evaluation.classes[image.label], "incorrect": image.incorrect, "conditions": image.conditions}
        caption = wording.text("figures.hard_images.caption", **gaps)
        alt = wording.text("figures.hard_images.alt", id=image.id, **gaps)
        pictures.append(picture(_enlarged(images[image.row]), caption, alt))
    columns = [wording.text(f"figures.hard_images.columns.{name}") for name in ("id", "class", "incorrect")]
    rows = [[image.id, evaluation.classes[image.label], f"{image.incorrect} / {image.conditions}"] for image in shown]
    return Sheet("hard-images", "hard_images", pictures, columns, rows, {"count": len(shown)})


def thumbnail(image: NDArray[np.uint8], caption: str, alt: str) -> Picture:
    """One image (height, width, channels) at the size of the report's sheets."""
    return picture(_enlarged(image), caption, alt)


def _brightness(images: NDArray[np.uint8], wording: Wording) -> str:
    """Mean grey of some images as a share of white: what an alternative text can tell of them."""
    return wording.printer.text(float(images.mean()) / 255, "percent")


def _enlarged(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """At least `_SIDE_PX` wide, by whole steps so that pixels stay square; larger images shrunk to twice that."""
    pixels = image[..., 0] if image.shape[-1] == 1 else image
    side = pixels.shape[0]
    if side > 2 * _SIDE_PX:
        return np.asarray(Image.fromarray(pixels).resize((2 * _SIDE_PX, 2 * _SIDE_PX), Image.Resampling.BOX))
    step = -(-_SIDE_PX // side)
    return pixels.repeat(step, axis=0).repeat(step, axis=1)


def strip(images: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Images side by side, with the page between them: (height, width, 2 or 4), the last channel opacity."""
    parts = []
    for image in images:
        opaque = np.dstack([image, np.full(image.shape[:2], 255, dtype=np.uint8)])
        parts += [np.zeros_like(opaque[:, :GAP_PX]), opaque]
    return np.concatenate(parts[1:], axis=1)


def picture(pixels: NDArray[np.uint8], caption: str, alt: str) -> Picture:
    """A picture as PNG: (height, width), grey, or (height, width, channels), with two or four the last one opacity."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", optimize=True)
    return Picture(buffer.getvalue(), pixels.shape[1], pixels.shape[0], caption, alt)
