"""Batch-norm statistics: recomputed from images, or kept still.

In evaluation mode batch norm uses running statistics, averages that move by `momentum` at each update. After few
updates they lag behind the weights, and the network that is scored is not the network that was trained. "Precise
batch norm" recomputes them with the weights as they are (Wu and Johnson, arXiv 2105.07576, 2021).
"""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn

NormLayer = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.SyncBatchNorm
IMAGES = 32
NOISE_PX = 128


def batch_norms(network: nn.Module) -> Iterator[NormLayer]:
    """Batch norms of a network that keep running statistics and are not frozen."""
    for module in network.modules():
        trains = all(parameter.requires_grad for parameter in module.parameters(recurse=False))
        if isinstance(module, NormLayer) and module.track_running_stats and trains:
            yield module


def freeze_statistics(network: nn.Module) -> None:
    """Put every batch norm of a network in training mode into evaluation mode: its statistics stay as they are."""
    for norm in batch_norms(network):
        norm.eval()


@torch.no_grad()
def recompute_statistics(network: nn.Module, batches: Iterable[Tensor]) -> None:
    """Set the running statistics of every batch norm to their average over some batches; leave it in evaluation mode.

    Each batch counts alike, so batches of equal size are expected; nothing but batch norm is in training mode, so
    nothing is dropped. A network without batch norm is left alone.

    Args:
        network: inputs → anything.
        batches: inputs, as the network takes them; large ones, whose statistics are close to those of all images.
    """
    norms = list(batch_norms(network))
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    network.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain average over the batches
        norm.train()
    for batch in batches:
        network(batch)
    network.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def recompute_from_noise(network: nn.Module, seed: int, side_px: int = NOISE_PX) -> None:
    """Set the running statistics of a network that was drawn at random from one batch of noise.

    A new network's running statistics say mean 0 and variance 1, which no layer's activations have: in evaluation mode
    the signal of a deep one then fades to nothing or overflows from layer to layer. A random backbone serves as a
    fixed feature extractor only with statistics of its own. As in data-dependent initialisation (Mishkin and Matas,
    ICLR 2016), they come from one batch, here of noise with the spectrum of natural scenes, so that no image of the
    study is looked at.

    Args:
        network: (batch, 3, height, width) → anything.
        seed: draws the noise.
        side_px: of the noise, a size that the network takes (`backbones.noise_px`).
    """
    recompute_statistics(network, (natural_noise(IMAGES, side_px, seed) for _ in range(1)))


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
