"""Frozen networks: neither their weights nor their batch-norm statistics change, whatever is done around them."""

import torch
from torch import Tensor, nn


class Frozen(nn.Module):
    """A network that stays in evaluation mode and takes no gradients.

    Switching off gradients alone is not enough: in training mode batch norm goes on to update its running statistics
    and dropout goes on to drop.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network.requires_grad_(False)
        self.train(False)

    def train(self, mode: bool = True) -> "Frozen":  # noqa: ARG002  # PyTorch's signature
        """Stay in evaluation mode, whatever is asked."""
        return super().train(False)

    def forward(self, images: Tensor) -> Tensor:
        """Return the network's output for the images, without a graph for gradients."""
        with torch.no_grad():
            features: Tensor = self.network(images)
        return features


def freeze(network: nn.Module) -> Frozen:
    """The network with its weights, batch-norm statistics and dropout out of reach of any training."""
    return Frozen(network)
