"""How long one image takes on this machine."""

from collections.abc import Callable
from statistics import median
from time import perf_counter

import torch
from torch import nn

from transfer_report.models.backbones import only_image_px
from transfer_report.models.devices import Computing, autocast, channels_last
from transfer_report.planning import Model
from transfer_report.records.models import Latency, StepTime

IMAGE_PX = 224
"""Side of the images of ImageNet's usual evaluation, to which torchvision's counts of operations refer, too."""
MOST_IMAGES_A_STEP = 16
"""Larger batches take hardly less time an image, and a probe's batch may be too large to train the whole network by."""
STEPS = 2
WARM_UP_PASSES = 3
PASSES = 20
BUSY = 1.5
"""Median of the passes over the shortest, from which on the machine had other work: on an idle one it is below 1.2."""


@torch.inference_mode()
def measure_latency(model: Model, network: nn.Module, device: torch.device) -> Latency:
    """Time single forward passes of one image, float32, evaluation mode, one thread on a CPU.

    The first passes are left out: they allocate memory and choose kernels.
    """
    torch.set_num_threads(1)  # several would wait for each other where the machine has other work
    network = channels_last(network.to(device)).eval()
    image_px = only_image_px(model.architecture) or IMAGE_PX
    image = torch.zeros(1, 3, image_px, image_px, device=device).contiguous(memory_format=torch.channels_last)
    milliseconds = []
    for _ in range(WARM_UP_PASSES + PASSES):
        start = perf_counter()
        network(image).cpu()  # waits for the device
        milliseconds.append(1000 * (perf_counter() - start))
    timed = milliseconds[WARM_UP_PASSES:]
    return Latency(
        model=model.name,
        image_px=image_px,
        batch=1,
        device=_device_name(device),
        threads=torch.get_num_threads(),
        milliseconds_per_image=round(min(timed), 3),
        median=round(median(timed), 3),
        busy=is_busy(timed),
    )


def measure_step(backbone: nn.Module, image_px: int, batch_size: int, computing: Computing) -> StepTime:
    """Time training steps of all weights by Adam, and scoring of as many images, as the study computes them.

    Args:
        backbone: images → features; trained by this, so nothing else should use it.
        image_px: side of the study's images.
        batch_size: of the study; not all of it where it is large.
        computing: device and precision of the study.
    """
    batch = max(2, min(batch_size, MOST_IMAGES_A_STEP))  # batch norm has no variance of one image
    network = channels_last(backbone.to(computing.device))
    images = torch.zeros(batch, 3, image_px, image_px, device=computing.device)
    images = images.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters())

    def features() -> torch.Tensor:
        with autocast(computing.device, computing.precision):
            found: torch.Tensor = network(images).float()
        return found

    def train() -> None:
        network.train()
        loss = features().square().mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        loss.item()  # waits for the device

    @torch.inference_mode()
    def score() -> None:
        network.eval()
        features().cpu()

    return StepTime(
        image_px=image_px,
        batch=batch,
        threads=torch.get_num_threads(),
        training_milliseconds=round(_shortest(train) / batch, 3),
        scoring_milliseconds=round(_shortest(score) / batch, 3),
    )


def _shortest(work: Callable[[], None]) -> float:
    """Milliseconds of the fastest of some repeats, after one that allocates memory and chooses kernels."""
    milliseconds = []
    for _ in range(1 + STEPS):
        start = perf_counter()
        work()
        milliseconds.append(1000 * (perf_counter() - start))
    return min(milliseconds[1:])


def is_busy(milliseconds: list[float]) -> bool:
    """Return whether repeats of one measurement differ so much that the machine had other work."""
    return median(milliseconds) > BUSY * min(milliseconds)


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return str(torch.cpu.get_capabilities()["cpu_name"]) if device.type == "cpu" else device.type
