"""Batch-norm statistics of a network that was drawn at random.

A new network's running statistics say mean 0 and variance 1, which no layer's activations have: in evaluation mode the
signal of a deep one then fades to nothing or overflows from layer to layer. A random backbone serves as a fixed
feature extractor only with statistics of its own. As data-dependent initialisation does (Mishkin and Matas, ICLR
2016), they are taken from one batch, here of noise with the spectrum of natural scenes, so that no image of the study
is looked at.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

IMAGES = 32
SIDE_PX = 128


@torch.no_grad()
def settle_statistics(network: nn.Module, seed: int) -> None:
    """Set the running statistics of every batch norm to those of one batch of noise; a network without is left alone.

    Args:
        network: (batch, 3, height, width) → anything.
        seed: draws the noise.
    """
    norms = list(_batch_norms(network))
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    network.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain average of what is seen
        norm.train()
    network(natural_noise(IMAGES, SIDE_PX, seed))
    network.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def natural_noise(count: int, side_px: int, seed: int) -> Tensor:
    """Grey noise whose amplitude falls as one over frequency, as in natural scenes (Field, JOSA A 4, 1987).

    Returns:
        (count, 3, side_px, side_px), each image of mean 0 and standard deviation 1, three equal channels.
    """
    generator = torch.Generator().manual_seed(seed)
    spectrum = torch.fft.fft2(torch.randn(count, side_px, side_px, generator=generator))
    along = torch.fft.fftfreq(side_px)
    frequency = torch.hypot(along[:, None], along[None, :])
    frequency[0, 0] = torch.inf  # no mean
    images: Tensor = torch.fft.ifft2(spectrum / frequency).real
    images = images / images.std(dim=(1, 2), keepdim=True)
    return images[:, None].expand(-1, 3, -1, -1).contiguous()


def _batch_norms(network: nn.Module) -> Iterator[_BatchNorm]:
    for module in network.modules():
        if isinstance(module, _BatchNorm) and module.track_running_stats:
            yield module
