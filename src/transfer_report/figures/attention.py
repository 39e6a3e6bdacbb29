"""Attention maps next to their images: where a network's maps raise the score of a class."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from transfer_report.figures.drawing import Sheet
from transfer_report.figures.palette import RUST
from transfer_report.figures.pictures import picture, strip
from transfer_report.records.attention import Attention, AttentionImage
from transfer_report.wording.wording import Wording

_SIDE_PX = 96
STRONGEST = 0.7
"""Share of the colour where a map is highest."""
_COLUMNS = ("kind", "id", "true", "predicted")


def attention(
    attention: Attention, maps: NDArray[np.float32], images: NDArray[np.uint8], classes: list[str], wording: Wording
) -> Sheet:
    """A picture per image: the image, its map for the true class and, where another is predicted, for that.

    Args:
        attention: Images to show.
        maps: (images, 2, cells, cells), not negative.
        images: Test images, (images, height, width, channels), unsigned bytes.
        classes: Their names.
        wording: Words for captions and alternative texts.
    """
    pictures = []
    for image, (true, predicted) in zip(attention.images, maps, strict=True):
        shown = [true] if image.label == image.predicted else [true, predicted]
        pictures.append(
            picture(
                beside_maps(images[image.row], shown),
                _text("caption", image, classes, wording),
                _alt(image, shown, classes, wording),
            )
        )
    return Sheet(
        id="attention",
        kind="attention",
        pictures=pictures,
        columns=[wording.text(f"figures.attention.columns.{name}") for name in _COLUMNS],
        rows=[
            [
                wording.text(f"figures.attention.kinds.{image.kind}"),
                image.id,
                classes[image.label],
                classes[image.predicted],
            ]
            for image in attention.images
        ],
        values={
            "condition": attention.condition,
            "seed": attention.seed,
            "side": attention.side,
        },
    )


def beside_maps(image: NDArray[np.uint8], maps: list[NDArray[np.float32]]) -> NDArray[np.uint8]:
    """An image, then the image under each of its maps: (height, width, 4), the last channel opacity.

    Args:
        image: (height, width, channels).
        maps: (cells, cells) each, not negative.
    """
    pixels = _grey(image)
    return strip([_overlaid(pixels, np.zeros_like(maps[0])), *(_overlaid(pixels, one) for one in maps)])


def place(map_: NDArray[np.float32], wording: Wording) -> str:
    """In words where a map is highest: a third of the height, a third of the width."""
    row, column = np.unravel_index(int(map_.argmax()), map_.shape)
    names = wording.names("figures.attention.places")
    return f"{names[f'row{3 * int(row) // len(map_)}']}, {names[f'column{3 * int(column) // len(map_)}']}"


def _text(key: str, image: AttentionImage, classes: list[str], wording: Wording, **more: str) -> str:
    verdict = "correct" if image.label == image.predicted else "incorrect"
    return wording.text(
        f"figures.attention.{key}_{verdict}",
        kind=wording.text(f"figures.attention.kinds.{image.kind}"),
        id=image.id,
        truth=classes[image.label],
        predicted=classes[image.predicted],
        **more,
    )


def _alt(image: AttentionImage, shown: list[NDArray[np.float32]], classes: list[str], wording: Wording) -> str:
    places = [place(one, wording) if one.any() else wording.text("figures.attention.flat") for one in shown]
    return _text("alt", image, classes, wording, place=places[0], other_place=places[-1])


def _grey(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """An image of `_SIDE_PX` as grey, 0…255."""
    grey = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).convert("L")
    return np.asarray(grey.resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BICUBIC), dtype=np.float64)


def _overlaid(grey: NDArray[np.float64], map_: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A grey image under one colour, the stronger the higher the map, which is scaled to its own maximum."""
    share = np.asarray(
        Image.fromarray(map_ / (map_.max() or 1)).resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BILINEAR), np.float64
    )[..., None]
    colour = np.array([int(RUST[place : place + 2], 16) for place in (1, 3, 5)])
    mixed = grey[..., None] * (1 - STRONGEST * share) + colour * STRONGEST * share
    return np.round(mixed).astype(np.uint8)
