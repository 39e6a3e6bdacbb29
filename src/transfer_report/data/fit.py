"""An image of any shape to a square of the study's side."""

import numpy as np
from PIL import Image, ImageOps

from transfer_report.data.source import Pixels

# Pillow's bilinear filter widens with the reduction: it is antialiased.
FILTER = Image.Resampling.BILINEAR


def fit_square(pixels: Pixels, side_px: int, fit: str) -> Pixels:
    """An image as a square of `side_px`.

    Args:
        pixels: (height, width) or (height, width, 3).
        side_px: side of the result.
        fit: `crop` keeps the middle square, `pad` adds black borders, `squash` changes the proportions.
    """
    square = (side_px, side_px)
    if pixels.shape[:2] == square:
        return pixels
    image = Image.fromarray(pixels)
    if fit == "crop":
        image = ImageOps.fit(image, square, FILTER)
    elif fit == "pad":
        image = ImageOps.pad(image, square, FILTER)
    else:
        image = image.resize(square, FILTER)
    return np.asarray(image)
