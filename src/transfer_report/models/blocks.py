"""A network's own blocks, in the order that images pass them: which of them train, and at what rate."""

import re
from typing import NamedTuple

from torch import nn

from transfer_report.errors import UserError, did_you_mean
from transfer_report.models.backbones import backbone_of_shapes

_CONTAINERS = frozenset({"features", "layers", "stages", "trunk_output", "encoder", "blocks", "_blocks"})
"""Names by which networks hold their blocks; everything else (a stem, a last convolution) is a block, too."""


class NetworkBlock(NamedTuple):
    """A part of a network that trains or stays as a whole."""

    name: str
    modules: list[nn.Module]
    parameters: list[nn.Parameter]


def blocks(backbone: nn.Module) -> list[NetworkBlock]:
    """The blocks of a backbone, first to last, with all of its parameters.

    A normalisation that stands by itself belongs to the block before; a parameter of none, such as a transformer's
    embedding of positions, to the first.
    """
    found: list[NetworkBlock] = []
    for name, module in _parts(backbone, ""):
        parameters = list(module.parameters())
        if found and all(parameter.ndim <= 1 for parameter in parameters):
            found[-1].modules.append(module)
            found[-1].parameters.extend(parameters)
        else:
            found.append(NetworkBlock(name, [module], parameters))
    placed = {id(parameter) for block in found for parameter in block.parameters}
    found[0].parameters.extend(parameter for parameter in backbone.parameters() if id(parameter) not in placed)
    return found


def _parts(module: nn.Module, place: str) -> list[tuple[str, nn.Module]]:
    parts = []
    for name, child in module.named_children():
        if name in _CONTAINERS:
            parts += _parts(child, f"{place}{name}.")
        elif any(True for _ in child.parameters()):
            parts.append((f"{place}{name}", child))
    return parts


def freeze_blocks(backbone: nn.Module, trainable: str) -> list[nn.Module]:
    """Take the gradients from all blocks of a backbone but those that train.

    Args:
        backbone: in any mode.
        trainable: a setting that `check_trainable` accepts.

    Returns:
        the frozen modules, which belong into evaluation mode whatever the network is put into.
    """
    parts = blocks(backbone)
    frozen = parts[: len(parts) - _trained([block.name for block in parts], trainable)]
    for block in frozen:
        for parameter in block.parameters:
            parameter.requires_grad_(False)
    return [module for block in frozen for module in block.modules]


def check_trainable(architecture: str, trainable: str, where: str) -> int:
    """Refuse a setting that names more blocks than there are, or one that there is not.

    Returns:
        the number of blocks that train.

    Raises:
        UserError: with the blocks of the architecture.
    """
    names = [block.name for block in blocks(backbone_of_shapes(architecture))]
    try:
        count = _trained(names, trainable)
    except ValueError:
        raise UserError(
            f"{where}: {architecture} has no block {trainable.removeprefix('from ')!r}; "
            f"{did_you_mean(trainable.removeprefix('from '), names)}"
        ) from None
    if count > len(names):
        raise UserError(f"{where}: {architecture} has {len(names)} blocks: {', '.join(names)}")
    return count


def _trained(names: list[str], trainable: str) -> int:
    """How many of the last blocks train.

    Raises:
        ValueError: no block has the name.
    """
    if trainable in ("all", "head"):
        return len(names) if trainable == "all" else 0
    if trainable.startswith("from "):
        return len(names) - names.index(trainable.removeprefix("from "))
    number = re.search(r"\d+", trainable)
    return int(number[0]) if number else 1
