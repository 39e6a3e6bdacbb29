"""Fixed features: computed once, against a frozen network that runs in every epoch."""

import sys
from dataclasses import replace
from pathlib import Path
from subprocess import run
from uuid import uuid4

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.speed.table import Row, seconds
from benchmarks.speed.throughput import SIDE_PX
from transfer_report.data.decoding import decode_images
from transfer_report.data.folder import read_folder
from transfer_report.loading import load_params
from transfer_report.models.backbones import build_backbone
from transfer_report.models.devices import channels_last, set_up
from transfer_report.models.freezing import freeze
from transfer_report.models.heads import Network, build_head
from transfer_report.models.inputs import Normalisation
from transfer_report.planning import ComputeSettings, Condition
from transfer_report.settings import Params, TrainingSettings
from transfer_report.training.checkpoints import Checkpoint
from transfer_report.training.examples import Examples, Features, Images
from transfer_report.training.features import extract_features
from transfer_report.training.run import StudyData, train_run

ARCHITECTURE = "resnet50"
CONDITIONS, SEEDS, EPOCHS = 3, 3, 30
BAR = 50.0
START = "import transfer_report.stages.linear_probe"


def measure(folder: Path, scratch: Path) -> list[Row]:
    """Task C of one model: features, then all heads, with the start of their processes; and one epoch the slow way."""
    params = load_params()
    source = read_folder(folder, "")
    pixels = np.array(decode_images(source, range(len(source.entries)), SIDE_PX, "crop", scratch).pixels)
    half = len(pixels) // 2
    labels = torch.tensor([entry.label for entry in source.entries])
    condition = _condition(params)
    computing = set_up(condition.compute)
    normalise = Normalisation([0.5] * 3, [0.25] * 3, computing.device)
    backbone, count = build_backbone(ARCHITECTURE)
    network = channels_last(backbone.to(computing.device))
    labels = labels.to(computing.device)

    def slowly() -> None:
        images = Images(pixels[:half], normalise)
        examples = Examples(images, labels[:half])
        data = StudyData(examples, Examples(Images(pixels[half:], normalise), labels[half:]), images, 2)
        one_epoch = condition.model_copy(update={"training": condition.training.model_copy(update={"epochs": 1})})
        whole = Network(freeze(network), build_head(count, 2, 0.0, 0)).to(computing.device)
        # The run predicts the test images at its end; an epoch is what it takes without them.
        train_run(whole, replace(data, test=Images(pixels[:1], normalise)), one_epoch, 0, computing.precision, _never())

    features: NDArray[np.float32] = np.empty((len(pixels), count), dtype=np.float32)

    def extract() -> None:
        extract_features(network, pixels, normalise, computing.precision, features, lambda _: None)

    def heads() -> None:
        first, second = (Features(part, computing.device) for part in (features[:half], features[half:]))
        data = StudyData(Examples(first, labels[:half]), Examples(second, labels[half:]), second, 2)
        for run_number in range(CONDITIONS * SEEDS):
            head = build_head(count, 2, 0.0, run_number).to(computing.device)
            train_run(head, data, condition, run_number, computing.precision, _never())

    slow = CONDITIONS * SEEDS * EPOCHS * seconds(slowly)
    extracted, trained = seconds(extract), seconds(heads)
    started = (1 + CONDITIONS) * seconds(lambda: run([sys.executable, "-c", START], check=True))  # noqa: S603
    fast = extracted + trained + started
    measured = (
        f"{fast:.0f} s (features {extracted:.0f}, heads {trained:.1f}, start of {1 + CONDITIONS} processes "
        f"{started:.0f}) against {slow:.0f} s (one epoch × {CONDITIONS * SEEDS * EPOCHS}): {slow / fast:.0f} ×"
    )
    what = f"Task C of {ARCHITECTURE}, {SIDE_PX} px, {len(pixels)} images, {CONDITIONS} conditions, {SEEDS} seeds"
    return [Row(f"{what}, {EPOCHS} epochs", measured, f"{BAR:g} ×", slow >= BAR * fast)]


def _condition(params: Params) -> Condition:
    settings = params.model_copy(update={"epochs": EPOCHS, "batch_size": 32})
    compute = ComputeSettings(image_px=SIDE_PX, precision="auto", device="auto", threads="auto")
    training = TrainingSettings.model_validate(settings.study_settings)
    return Condition(
        strategy="linear_probe", name="head", model=ARCHITECTURE, training=training, compute=compute,
        keep_models="none", initial_weights_sha256="",
    )  # fmt: skip


def _never() -> Checkpoint:
    """One that is not written on the way, and from which no other run goes on."""
    return Checkpoint(f"benchmark-{uuid4().hex}", share=0.0)
