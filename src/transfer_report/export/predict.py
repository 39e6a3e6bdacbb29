"""Classes, probabilities and attention maps of new images, by a kept network at its operating point."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load

from transfer_report.analysis.clinical.patients import per_patient
from transfer_report.analysis.clinical.records import PatientScore
from transfer_report.analysis.predictions import Predictions
from transfer_report.attention.grad_cam import grad_cam, last_map_layer
from transfer_report.data.fit import fit_square
from transfer_report.data.reading import Reading
from transfer_report.export.network import NetworkSettings
from transfer_report.models.backbones import build_backbone
from transfer_report.models.heads import Network, build_head
from transfer_report.models.inputs import Normalisation


class PredictedImage(NamedTuple):
    """Prediction of a network for one image."""

    image: str
    called: str
    """Name of the class at the operating point."""
    probabilities: dict[str, float]
    """By class."""
    pixels: NDArray[np.uint8]
    """As the network sees it, (side, side, channels)."""
    map: NDArray[np.float32] | None
    """Grad-CAM of the class, (cells, cells); None where it was not asked for, or the network has no maps to tell."""


class PredictedPatient(NamedTuple):
    """Prediction of a network for one patient."""

    patient: str
    images: int
    called: str
    probabilities: dict[str, float]


def predict_images(
    paths: Iterable[Path], settings: NetworkSettings, weights: bytes, reading: Reading, maps: bool = False
) -> Iterator[PredictedImage]:
    """Yield the class and the probabilities of each image, in their order.

    Args:
        paths: Of image files.
        settings: How the network is used.
        weights: Weights of the whole network, as safetensors.
        reading: How files are read.
        maps: True to compute attention maps, which takes longer.

    Raises:
        UserError: a file cannot be read.
    """
    backbone, feature_count = build_backbone(settings.architecture)
    network = Network(backbone, build_head(feature_count, len(settings.classes), 0.0, 0))
    network.load_state_dict(load(weights))
    network.eval()
    normalised = Normalisation(settings.mean, settings.std, torch.device("cpu"))
    for path in paths:
        pixels = _square(path, settings, reading)
        images = normalised(torch.from_numpy(pixels)[None])
        with torch.inference_mode():
            risks = network(images)[0].softmax(0).tolist()
        called = called_class(risks, settings.threshold, settings.positive)
        layer = last_map_layer(network, images) if maps else None
        shown = grad_cam(network, layer, images, [called])[0] if layer else None
        probabilities = dict(zip(settings.classes, risks, strict=True))
        yield PredictedImage(str(path), settings.classes[called], probabilities, pixels, shown)


def predict_patients(
    found: Sequence[PredictedImage],
    patients: Sequence[str],
    settings: NetworkSettings,
    score: PatientScore,
    threshold: float | None,
) -> list[PredictedPatient]:
    """Return the class and the probabilities of each patient, as the study scores patients.

    Args:
        found: Predictions of the images.
        patients: Whose each image is.
        settings: Classes.
        score: How the images of a patient make one score.
        threshold: That of the operating point of patients; None where the most probable class is called.

    Raises:
        UserError: `max` of more than two classes.
    """
    risks = np.array([[list(one.probabilities.values()) for one in found]])
    labels = np.zeros(len(found), dtype=np.intp)  # unknown, and not needed for scores
    scored = per_patient(Predictions("", "test", risks, labels, np.array(patients)), score)
    return [
        PredictedPatient(
            patient=str(patient),
            images=list(patients).count(str(patient)),
            called=settings.classes[called_class(row.tolist(), threshold, settings.positive)],
            probabilities=dict(zip(settings.classes, row.tolist(), strict=True)),
        )
        for patient, row in zip(scored.clusters, scored.doubles[0], strict=True)
    ]


def called_class(risks: Sequence[float], threshold: float | None, positive: int) -> int:
    """Return the class that is called: by the threshold of two classes, or the most probable one."""
    if threshold is None:
        return int(np.argmax(risks))
    return positive if risks[positive] >= threshold else 1 - positive


def _square(path: Path, settings: NetworkSettings, reading: Reading) -> NDArray[np.uint8]:
    """An image file as the network sees it."""
    pixels, _ = reading.read_reduced(str(path), settings.image_px)
    if pixels.ndim == 3 and settings.channels == 1:
        pixels = np.asarray(Image.fromarray(pixels).convert("L"))
    square = np.array(fit_square(pixels, settings.image_px, settings.fit))
    return square[:, :, None] if square.ndim == 2 else square
