"""Grad-CAM of any network that keeps maps of its images, or tokens of their places, by Captum.

Source: Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", ICCV 2017.
Of transformers, tokens laid out by their places take the part of maps, at the last normalisation at which a class
depends on these tokens: as in Gildenblat et al., "PyTorch library for CAM methods", 2021,
https://github.com/jacobgil/pytorch-grad-cam.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt
from typing import Any, Literal

import numpy as np
import torch
from captum.attr import LayerGradCam
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import Tensor, nn

from transfer_report.models.heads import Network

LEAST_SIDE = 4
"""Maps of fewer cells a side tell no place in an image."""
MOST_OTHER_TOKENS = 5
"""Tokens of no place, before those of places: of the class, of distillation, registers."""

MapLayout = Literal["channels_first", "channels_last", "tokens"]


@dataclass(frozen=True)
class Layer:
    """A layer whose outputs are maps of the image."""

    name: str
    side: int
    """Cells of a map, a side."""
    layout: MapLayout = "channels_first"
    """Of its outputs: (batch, channels, side, side), (batch, side, side, channels), or (batch, tokens, channels) with
    those of places last."""

    def maps(self, outputs: Tensor) -> Tensor:
        """Outputs as maps, (batch, channels, side, side)."""
        if self.layout == "tokens":
            places = outputs[:, -(self.side**2) :]
            outputs = places.reshape(len(places), self.side, self.side, -1)
        return outputs if self.layout == "channels_first" else outputs.permute(0, 3, 1, 2)

    def outputs(self, maps: Tensor, before: Tensor) -> Tensor:
        """Maps as the outputs that they were made of, whose other tokens stay."""
        if self.layout == "channels_first":
            return maps
        places = maps.permute(0, 2, 3, 1)
        return (
            places
            if self.layout == "channels_last"
            else torch.cat([before[:, : -(self.side**2)], places.flatten(1, 2)], dim=1)
        )


def last_map_layer(network: Network, images: Tensor) -> Layer | None:
    """The last layer whose maps are large enough to tell a place; None where no layer after the first has such maps.

    Deep networks shrink small images to single cells; an earlier layer then stands in for the last one, which Grad-CAM
    was made for. Looked at are the steps that the network takes one after the other: neither the branches inside a
    step, which hold a part of what goes on alone, nor a pooling that may enlarge, nor a step that is taken twice. Of
    transformers, looked at are normalisations of tokens, since behind the last attention a class may depend on its own
    token alone.

    Args:
        network: In evaluation mode.
        images: (batch, 3, side, side).
    """
    seen: dict[str, list[tuple[Layer | None, Tensor | None]]] = {}

    def note(name: str) -> Any:  # the hook's type is PyTorch's own affair
        def hook(module: nn.Module, _: Any, output: Any) -> None:
            layer = _layer(name, module, output)
            seen.setdefault(name, []).append((layer, output if layer else None))

        return hook

    steps = dict(_steps("backbone", network.backbone))
    norms = {
        f"backbone.{name}": module
        for name, module in network.backbone.named_modules()
        if isinstance(module, nn.LayerNorm)
    }
    hooks = [module.register_forward_hook(note(name)) for name, module in (norms | steps).items()]
    try:
        with torch.enable_grad():
            logits = network(images[:1])
    finally:
        for handle in hooks:
            handle.remove()
    # In the order in which steps end; the first is no more than a filter of the image.
    once = [found[0] for name, found in seen.items() if len(found) == 1]
    large = [(layer, output) for layer, output in once if layer and layer.side >= LEAST_SIDE]
    for layer, output in reversed(large[1:]):
        if layer.layout == "channels_first" or _depends_on(logits, layer, output):
            return layer
    return None


def _layer(name: str, module: nn.Module, output: Any) -> Layer | None:
    """How a step's or normalisation's output is laid out; None where it is no maps."""
    if not isinstance(output, Tensor):
        return None
    if output.ndim == 4 and output.shape[2] == output.shape[3]:
        return Layer(name, output.shape[2])
    if not isinstance(module, nn.LayerNorm):
        return None
    if output.ndim == 4 and output.shape[1] == output.shape[2]:
        return Layer(name, output.shape[1], "channels_last")
    if output.ndim == 3 and output.shape[1] - (side := isqrt(output.shape[1])) ** 2 <= MOST_OTHER_TOKENS:
        return Layer(name, side, "tokens")
    return None


def _depends_on(logits: Tensor, layer: Layer, output: Tensor | None) -> bool:
    """Return whether a class depends on a layer by its maps."""
    assert output is not None  # noqa: S101  # kept of each layer
    (gradient,) = torch.autograd.grad(logits[0, 0], output, retain_graph=True, allow_unused=True)
    return gradient is not None and bool(layer.maps(gradient).any())


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
    # Captum explains modules whose outputs are maps, so the layer's pass through one.
    explained = nn.Identity()

    def through(_: nn.Module, __: Any, output: Tensor) -> Tensor:
        return layer.outputs(explained(layer.maps(output)), output)

    hook = network.get_submodule(layer.name).register_forward_hook(through)
    try:
        maps = LayerGradCam(network, explained).attribute(
            images, target=torch.tensor(classes, device=images.device), relu_attributions=True
        )
    finally:
        hook.remove()
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
