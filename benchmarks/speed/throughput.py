"""Fine-tuning: images a second, beside a plain loop, beside one batch held in memory, beside matrix products."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.speed.plain_loop import PlainTraining, loader
from benchmarks.speed.table import Row, medians
from transfer_report.data.decoding import decode_images
from transfer_report.data.folder import read_folder
from transfer_report.models.backbones import build_backbone
from transfer_report.models.devices import Computing, lay_out, set_up
from transfer_report.models.facts import all_model_facts
from transfer_report.models.heads import Network, build_head
from transfer_report.models.inputs import Normalisation
from transfer_report.params import PlannedModel, load_params
from transfer_report.training.epoch import batches, train_one_epoch
from transfer_report.training.examples import Examples, Images
from transfer_report.training.schedule import build_optimizer

SIDE_PX = 224
BATCH = 32
REPEATS = 5
BARS = {"resnet50": 2.0, "mobilenet_v2": 1.5}
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


class OurTraining:
    """The study's own epoch."""

    def __init__(self, architecture: str, examples: Examples, computing: Computing) -> None:
        settings = load_params().model_copy(update={"batch_size": BATCH})
        backbone, features = build_backbone(architecture)
        self.network = lay_out(
            Network(backbone, build_head(features, 2, 0.0, 0)).to(computing.device), computing.layout
        )
        self.optimizer = build_optimizer(settings, self.network.parameters(), computing.device)
        self.examples, self.computing = examples, computing

    def epoch(self) -> None:
        """Every image once."""
        rows = batches(len(self.examples.inputs), BATCH, torch.randperm(len(self.examples.inputs)))
        weights = torch.ones(2, device=self.computing.device)
        train_one_epoch(
            self.network, self.examples, rows, self.optimizer, weights, self.computing.precision, lambda: None
        )


def measure(folder: Path, scratch: Path) -> list[Row]:
    """A row for each model and anchor."""
    source = read_folder(folder, "")
    drawn = [position for position, entry in enumerate(source.entries) if entry.split == "train"]
    pixels = np.array(decode_images(source, drawn, SIDE_PX, "crop", scratch).pixels)
    rows = []
    for architecture, bar in BARS.items():
        planned = PlannedModel(
            name=architecture, architecture=architecture, weights="random", image_px=SIDE_PX, precision="auto",
            device="auto", threads="auto", start_weights_sha256="",
        )  # fmt: skip
        computing = set_up(planned)
        labels = torch.tensor([source.entries[position].label for position in drawn], device=computing.device)
        images = Images(pixels, Normalisation([0.5] * 3, [0.25] * 3, computing.device, computing.layout))
        ours = OurTraining(architecture, Examples(images, labels), computing)
        held = OneBatch(images.batch(torch.arange(BATCH)), len(images))
        synthetic = OurTraining(architecture, Examples(held, labels), computing)
        plain, files = PlainTraining(architecture, 2), loader(folder / "train", SIDE_PX, BATCH)
        actions = {"ours": ours.epoch, "synthetic": synthetic.epoch, "plain": lambda: plain.epoch(files)}  # noqa: B023
        for action in actions.values():
            action()  # type: ignore[no-untyped-call]  # allocates, starts workers, chooses kernels
        rate = {name: len(images) / taken for name, taken in medians(actions, REPEATS).items()}
        rows += _rows(architecture, rate, bar, computing)
    return rows


def _rows(architecture: str, rate: dict[str, float], bar: float, computing: Computing) -> list[Row]:
    upper_bar = GPU_UPPER_BAR if computing.device.type == "cuda" else UPPER_BAR
    # torchvision counts a multiplication with its addition as one operation.
    operations = {facts.architecture: facts.gflops for facts in all_model_facts()}
    flops_of_image = PASSES * 2 * 1e9 * operations[architecture]
    peak = _products_per_second(computing)
    share = rate["ours"] * flops_of_image / peak
    name = f"{architecture}, {SIDE_PX} px, batch {BATCH}, {computing.precision}"
    return [
        Row(
            f"{name}: against a plain loop",
            f"{rate['ours']:.1f} images/s against {rate['plain']:.1f}: {rate['ours'] / rate['plain']:.2f} ×",
            f"{bar:g} ×",
            rate["ours"] >= bar * rate["plain"],
        ),
        Row(
            f"{name}: against one batch held in memory",
            f"{rate['ours']:.1f} images/s against {rate['synthetic']:.1f}: {rate['ours'] / rate['synthetic']:.0%}",
            f"{upper_bar:.0%}",
            rate["ours"] >= upper_bar * rate["synthetic"],
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
