"""Grad-CAM of any network that keeps maps of its images, by Captum.

Source: Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", ICCV 2017.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from captum.attr import LayerGradCam
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import Tensor, nn

from transfer_report.models.heads import Network

LEAST_SIDE = 4
"""Maps of fewer cells a side tell no place in an image."""


@dataclass(frozen=True)
class Layer:
    """A layer whose outputs are maps of the image."""

    name: str
    side: int
    """Cells of a map, a side."""


def last_map_layer(network: Network, images: Tensor) -> Layer | None:
    """The last layer whose maps are large enough to tell a place; None where no layer after the first has such maps.

    Deep networks shrink small images to single cells; an earlier layer then stands in for the last one, which Grad-CAM
    was made for. Looked at are the steps that the network takes one after the other: neither the branches inside a
    step, which hold a part of what goes on alone, nor a pooling that may enlarge, nor a step that is taken twice.

    Args:
        network: In evaluation mode.
        images: (batch, 3, side, side).
    """
    seen: dict[str, list[int]] = {}

    def note(name: str) -> Any:  # the hook's type is PyTorch's own affair
        def hook(_: nn.Module, __: Any, output: Any) -> None:
            maps = isinstance(output, Tensor) and output.ndim == 4 and output.shape[2] == output.shape[3]
            seen.setdefault(name, []).append(output.shape[2] if maps else 0)

        return hook

    steps = _steps("backbone", network.backbone)
    hooks = [module.register_forward_hook(note(name)) for name, module in steps]
    try:
        with torch.no_grad():
            network(images[:1])
    finally:
        for handle in hooks:
            handle.remove()
    # In the order in which steps end; the first is no more than a filter of the image.
    large = [Layer(name, sides[0]) for name, sides in seen.items() if len(sides) == 1 and sides[0] >= LEAST_SIDE]
    return large[-1] if len(large) > 1 else None


def _steps(name: str, module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    for child_name, child in module.named_children():
        place = f"{name}.{child_name}"
        if not isinstance(child, nn.AdaptiveAvgPool2d):
            yield place, child
        if isinstance(child, nn.Sequential | nn.ModuleList):
            yield from _steps(place, child)


def grad_cam(network: nn.Module, layer: Layer, images: Tensor, classes: list[int]) -> NDArray[np.float32]:
    """Where a layer's maps speak for a class: (batch, cells, cells), not negative.

    Args:
        network: In evaluation mode: images → logits.
        layer: Layer of the network whose maps are weighted.
        images: (batch, 3, side, side).
        classes: One for each image.
    """
    explained = LayerGradCam(network, network.get_submodule(layer.name))
    maps = explained.attribute(images, target=torch.tensor(classes, device=images.device), relu_attributions=True)
    assert isinstance(maps, Tensor)  # noqa: S101  # one layer gives one tensor
    return maps.detach()[:, 0].float().cpu().numpy()


def likeness(maps: NDArray[np.float32], others: NDArray[np.float32]) -> float | None:
    """Median rank correlation of maps with others of the same images; None where all of either are flat.

    Maps that stay the same when the network's weights are redrawn do not show what it learned. Source: Adebayo
    et al., "Sanity Checks for Saliency Maps", NeurIPS 2018.

    Args:
        maps: (images, cells, cells).
        others: Maps of the same shape.
    """
    pairs = [(one, other) for one, other in zip(maps, others, strict=True) if np.ptp(one) and np.ptp(other)]
    correlations = [spearmanr(one, other, axis=None).statistic for one, other in pairs]
    return float(np.median(correlations)) if correlations else None
