"""Classes and probabilities of new images, by a kept network at its operating point."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load

from transfer_report.data.fit import fit_square
from transfer_report.data.reading import Reading
from transfer_report.export.network import NetworkSettings
from transfer_report.models.backbones import build_backbone
from transfer_report.models.heads import Network, build_head
from transfer_report.models.inputs import Normalisation


class PredictedImage(NamedTuple):
    """What a network says of one image."""

    image: str
    called: str
    """Name of the class at the operating point."""
    probabilities: dict[str, float]
    """By class."""


def predict_images(
    paths: Iterable[Path], settings: NetworkSettings, weights: bytes, reading: Reading
) -> Iterator[PredictedImage]:
    """Yield the class and the probabilities of each image, in their order.

    Args:
        paths: Of image files.
        settings: How the network is used.
        weights: Of the whole network, as safetensors.
        reading: How files are read.

    Raises:
        UserError: a file cannot be read.
    """
    backbone, feature_count = build_backbone(settings.architecture)
    network = Network(backbone, build_head(feature_count, len(settings.classes), 0.0, 0))
    network.load_state_dict(load(weights))
    network.eval()
    normalised = Normalisation(settings.mean, settings.std, torch.device("cpu"))
    for path in paths:
        pixels = reading.read(str(path))
        if pixels.ndim == 3 and settings.channels == 1:
            pixels = np.asarray(Image.fromarray(pixels).convert("L"))
        square = np.array(fit_square(pixels, settings.image_px, settings.fit))
        square = square[:, :, None] if square.ndim == 2 else square
        with torch.inference_mode():
            risks = network(normalised(torch.from_numpy(square)[None]))[0].softmax(0).tolist()
        called = int(np.argmax(risks))
        if settings.threshold is not None:
            called = settings.positive if risks[settings.positive] >= settings.threshold else 1 - settings.positive
        yield PredictedImage(str(path), settings.classes[called], dict(zip(settings.classes, risks, strict=True)))
