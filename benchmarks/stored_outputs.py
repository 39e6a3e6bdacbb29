"""Training the last block of ResNet-50: with the frozen layers' outputs stored, and with these computed at every epoch.

    PYTHONPATH=src:. python benchmarks/stored_outputs.py

Five minutes. Prints the rows of the table in `benchmarks/README.md`. The study's settings but for epochs and images,
random weights, images of noise: what they show costs no time.
"""

from time import perf_counter, process_time
from uuid import uuid4

import numpy as np
import torch

from benchmarks.speed.table import machine
from transfer_report.loading import load_params
from transfer_report.models.backbones import build_backbone
from transfer_report.models.blocks import freeze_blocks
from transfer_report.models.devices import Computing, channels_last, set_up
from transfer_report.models.heads import Network, build_head
from transfer_report.models.inputs import Normalisation
from transfer_report.planning import ComputeSettings, Condition
from transfer_report.settings import TrainingSettings
from transfer_report.training import frozen_part
from transfer_report.training.checkpoints import Checkpoint
from transfer_report.training.examples import Examples, Images
from transfer_report.training.run import Run, StudyData, train_run

ARCHITECTURE = "resnet50"
EPOCHS = 10
SIDES_PX = (96, 224)
COUNTS = (96, 32, 32)
"""Images of training, validation and test."""
BAR = 2.0


def train(condition: Condition, computing: Computing, *, store: bool) -> tuple[Run, float, float]:
    """The run, and its seconds by the clock and of the processor."""
    data = _data(condition.compute.image_px, computing)
    backbone, count = build_backbone(ARCHITECTURE)
    frozen = freeze_blocks(backbone, condition.training.trainable)
    network = Network(backbone, build_head(count, 2, 0.0, 0), frozen=frozen).to(computing.device)
    channels_last(network)
    frozen_part.MOST_STORED_BYTES = 20e9 if store else 0.0
    clock, processor = perf_counter(), process_time()
    data = frozen_part.behind_frozen(network, data, condition.training.batch_size, computing, "benchmark")
    checkpoint = Checkpoint(f"benchmark-{uuid4().hex}", share=0.0)
    run = train_run(network, data, condition, 0, computing.precision, checkpoint)
    return run, perf_counter() - clock, process_time() - processor


def _data(image_px: int, computing: Computing) -> StudyData:
    generator = np.random.default_rng(0)
    normalise = Normalisation([0.5] * 3, [0.25] * 3, computing.device)
    train, val, test = (
        Examples(
            Images(generator.integers(0, 256, (count, image_px, image_px, 1), dtype=np.uint8), normalise),
            torch.arange(count, device=computing.device) % 2,
        )
        for count in COUNTS
    )
    return StudyData(train, val, test.inputs, 2)


def main() -> None:
    """Measure, and print a row for each size and precision."""
    params = load_params().model_copy(update={"epochs": EPOCHS, "trainable": "last block"})
    print(f"On {machine()}; {COUNTS[0]} training images, {EPOCHS} epochs.")
    for image_px in SIDES_PX:
        compute = ComputeSettings(image_px=image_px, precision="auto", device="auto", threads="auto")
        condition = Condition(
            strategy="fine_tuning", name="last", model=ARCHITECTURE,
            training=TrainingSettings.model_validate(params.study_settings), compute=compute,
            keep_models="none", initial_weights_sha256="",
        )  # fmt: skip
        computing = set_up(compute)
        (computed, *slow), (stored, *fast) = (train(condition, computing, store=store) for store in (False, True))
        same = computed.test_probabilities.tobytes() == stored.test_probabilities.tobytes()
        print(
            f"| {ARCHITECTURE}, {image_px} px, {computing.precision} | {slow[0]:.1f} s without, {fast[0]:.1f} s with: "
            f"{slow[0] / fast[0]:.1f} × (processor {slow[1] / fast[1]:.1f} ×), same bytes: {same} | {BAR:g} × |",
            flush=True,
        )


if __name__ == "__main__":
    main()
