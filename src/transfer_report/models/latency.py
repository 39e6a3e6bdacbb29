"""How long one image takes on this machine."""

from statistics import median
from time import perf_counter

import torch
from torch import nn

from transfer_report.models.devices import channels_last
from transfer_report.planning import Model
from transfer_report.records.models import Latency

IMAGE_PX = 224
"""Side of the images of ImageNet's usual evaluation, to which torchvision's counts of operations refer, too."""
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
    image = torch.zeros(1, 3, IMAGE_PX, IMAGE_PX, device=device).contiguous(memory_format=torch.channels_last)
    milliseconds = []
    for _ in range(WARM_UP_PASSES + PASSES):
        start = perf_counter()
        network(image).cpu()  # waits for the device
        milliseconds.append(1000 * (perf_counter() - start))
    timed = milliseconds[WARM_UP_PASSES:]
    return Latency(
        model=model.name,
        image_px=IMAGE_PX,
        batch=1,
        device=_device_name(device),
        threads=torch.get_num_threads(),
        milliseconds_per_image=round(min(timed), 3),
        median=round(median(timed), 3),
        busy=is_busy(timed),
    )


def is_busy(milliseconds: list[float]) -> bool:
    """Whether repeats of one measurement differ so much that the machine had other work."""
    return median(milliseconds) > BUSY * min(milliseconds)


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return str(torch.cpu.get_capabilities()["cpu_name"]) if device.type == "cpu" else device.type
