"""Plain statistics of images, which may separate two sets of them without any model."""

import numpy as np
from numpy.typing import NDArray

PERCENTILES = (1, 5, 25, 50, 75, 95, 99)

# Images are read in blocks, so that a memory-mapped array never has to fit into memory.
_BLOCK = 256


def image_statistics(images: NDArray[np.generic]) -> NDArray[np.float64]:
    """Brightness, contrast and sharpness of each image.

    Returns:
        (images, 3 + percentiles): mean, standard deviation, `PERCENTILES`, gradient energy.

    Args:
        images: unsigned bytes, (images, height, width, channels); channels are averaged. Grey values are 0…1, the
            gradient energy is the mean squared difference of neighbouring pixels.
    """
    blocks = [_of_block(images[start : start + _BLOCK]) for start in range(0, len(images), _BLOCK)]
    return np.concatenate(blocks)


def _of_block(images: NDArray[np.generic]) -> NDArray[np.float64]:
    grey = np.asarray(images, dtype=np.float64).mean(axis=3) / 255  # (images, height, width)
    pixels = grey.reshape(len(grey), -1)
    energy = (np.diff(grey, axis=1) ** 2).mean(axis=(1, 2)) + (np.diff(grey, axis=2) ** 2).mean(axis=(1, 2))
    percentiles = np.percentile(pixels, PERCENTILES, axis=1)  # (percentiles, images)
    return np.stack([pixels.mean(axis=1), pixels.std(axis=1), *percentiles, energy], axis=1)
