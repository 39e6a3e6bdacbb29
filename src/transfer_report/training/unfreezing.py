"""Gradual unfreezing: the head trains first, then one more block after every so many epochs, from the last one on.

Source: Howard and Ruder, "Universal Language Model Fine-tuning for Text Classification", ACL 2018.
"""

from transfer_report.models.blocks import NetworkBlock, blocks
from transfer_report.models.heads import Network


def waiting_blocks(network: Network) -> list[NetworkBlock]:
    """The blocks that train at some time, last one first: those that take gradients before the first epoch."""
    found = reversed(blocks(network.backbone))
    return [block for block in found if any(parameter.requires_grad for parameter in block.parameters)]


def unfreeze(network: Network, waiting: list[NetworkBlock], count: int) -> None:
    """Let the first so many of the waiting blocks train; the others get no gradients and stay in evaluation mode."""
    for number, block in enumerate(waiting):
        for parameter in block.parameters:
            parameter.requires_grad_(number < count)
    network.waiting = tuple(module for block in waiting[count:] for module in block.modules)
