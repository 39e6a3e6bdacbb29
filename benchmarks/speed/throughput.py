"""Fine-tuning: images a second, beside a plain loop, beside one batch held in memory, beside matrix products."""

from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import Tensor

from benchmarks.speed.own_training import BATCH, OurTraining
from benchmarks.speed.plain_loop import PlainTraining, loader
from benchmarks.speed.side_by_side import CORES, Case, seconds_per_image
from benchmarks.speed.table import Row, medians
from transfer_report.data.decoding import decode_images
from transfer_report.data.folder import read_folder
from transfer_report.models.devices import Computing, set_up
from transfer_report.models.facts import all_model_facts
from transfer_report.models.inputs import Normalisation
from transfer_report.planning import ComputeSettings
from transfer_report.training.examples import Examples, Images

SIDE_PX = 224
REPEATS = 5
BARS = {"resnet50": 3.5, "mobilenet_v2": 2.0}
"""Of the images of as many runs as there are cores, one thread each, against one plain loop with all cores."""
UPPER_BAR = 0.95
GPU_UPPER_BAR = 0.85
PRODUCT = 2048
"""Side of the matrices multiplied."""
PASSES = 3
"""A backward pass costs two forward passes: one for the inputs' gradients, one for the weights'."""


class OneBatch:
    """The same normalised images again and again: what training costs where data cost nothing."""

    def __init__(self, images: Tensor, count: int) -> None:
        self.images = images
        self.count = count

    def __len__(self) -> int:
        return self.count

    def batch(self, rows: Tensor) -> Tensor:
        """The images."""
        return self.images[: len(rows)]

    def unaugmented(self) -> "OneBatch":
        """The same."""
        return self


def measure(folder: Path, scratch: Path) -> list[Row]:
    """A row for each model and anchor."""
    return [row for architecture in BARS for row in _measure(architecture, folder, scratch)]


def _measure(architecture: str, folder: Path, scratch: Path) -> list[Row]:
    source = read_folder(folder, "")
    drawn = [position for position, entry in enumerate(source.entries) if entry.split == "train"]
    pixels = np.array(decode_images(source, drawn, SIDE_PX, "crop", scratch).pixels)
    computing = set_up(ComputeSettings(image_px=SIDE_PX, precision="auto", device="auto", threads="auto"))
    labels = torch.tensor([source.entries[position].label for position in drawn], device=computing.device)
    images = Images(pixels, Normalisation([0.5] * 3, [0.25] * 3, computing.device))
    ours = OurTraining(architecture, Examples(images, labels), computing)
    held = OneBatch(images.batch(torch.arange(BATCH)), len(images))
    synthetic = OurTraining(architecture, Examples(held, labels), computing)
    plain, files = PlainTraining(architecture, 2), loader(folder / "train", SIDE_PX, BATCH)

    def plain_epoch() -> None:
        torch.set_num_threads(CORES)
        plain.epoch(files)
        torch.set_num_threads(1)

    actions = {"alone": ours.epoch, "synthetic": synthetic.epoch, "plain": plain_epoch}
    for action in actions.values():
        action()  # allocates, starts workers, chooses kernels
    rate = {name: len(images) / taken for name, taken in medians(actions, REPEATS).items()}
    together = [seconds_per_image(Case(architecture, SIDE_PX, len(images)), CORES, 1) for _ in range(REPEATS)]
    rate["ours"] = 1 / median(together)
    return _rows(architecture, rate, BARS[architecture], computing)


def _rows(architecture: str, rate: dict[str, float], bar: float, computing: Computing) -> list[Row]:
    upper_bar = GPU_UPPER_BAR if computing.device.type == "cuda" else UPPER_BAR
    # torchvision counts a multiplication with its addition as one operation.
    operations = {facts.architecture: facts.gflops for facts in all_model_facts()}
    flops_of_image = PASSES * 2 * 1e9 * operations[architecture]
    peak = _products_per_second(computing)
    share = rate["alone"] * flops_of_image / peak
    name = f"{architecture}, {SIDE_PX} px, batch {BATCH}, {computing.precision}"
    return [
        Row(
            f"{name}, {CORES} runs together: against a plain loop",
            f"{rate['ours']:.1f} images/s against {rate['plain']:.1f}: {rate['ours'] / rate['plain']:.2f} ×",
            f"{bar:g} ×",
            rate["ours"] >= bar * rate["plain"],
        ),
        Row(
            f"{name}: against one batch held in memory",
            f"{rate['alone']:.1f} images/s against {rate['synthetic']:.1f}: {rate['alone'] / rate['synthetic']:.0%}",
            f"{upper_bar:.0%}",
            rate["alone"] >= upper_bar * rate["synthetic"],
        ),
        Row(
            f"{name}: against the arithmetic",
            f"{share:.0%} of the {peak / 1e9:.0f} GFLOP/s that products of matrices of {PRODUCT} rows reach",
        ),
    ]


def _products_per_second(computing: Computing) -> float:
    kind = torch.bfloat16 if computing.precision == "bfloat16" else torch.float32
    matrix = torch.randn(PRODUCT, PRODUCT, device=computing.device).to(kind)

    def multiply() -> None:
        for _ in range(4):
            (matrix @ matrix).sum().item()

    return 4 * 2 * PRODUCT**3 / medians({"product": multiply}, 5)["product"]
