"""The frozen backbone's features of every image, computed once."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from transfer_report.files import release
from transfer_report.models.devices import Precision, autocast
from transfer_report.models.freezing import freeze
from transfer_report.models.inputs import Normalisation

BATCH = 128
"""Images at a time."""


def extract_features(
    backbone: nn.Module,
    images: NDArray[np.uint8],
    normalise: Normalisation,
    precision: Precision,
    out: NDArray[np.float32],
    after_batch: Callable[[int], object],
) -> None:
    """Run a backbone, frozen, over all images of a split.

    Args:
        backbone: on the device of `normalise`.
        images: bytes, (images, height, width, 1 or 3); may be memory-mapped, since one batch is read at a time.
        normalise: to what the backbone wants to see.
        precision: of the forward pass.
        out: takes the features, (images, features); may be memory-mapped.
        after_batch: called with the number of images of each batch.
    """
    frozen = freeze(backbone)
    for start in range(0, len(images), BATCH):
        batch = torch.from_numpy(np.array(images[start : start + BATCH]))
        with torch.inference_mode(), autocast(normalise.device, precision):
            features = frozen(normalise(batch))  # (batch, features)
        out[start : start + len(batch)] = features.float().cpu().numpy()
        release(images)
        release(out)
        after_batch(len(batch))
