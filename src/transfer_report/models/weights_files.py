"""Weights of any origin: a file that the settings name is verified, read, and matched with a network by name.

Each tensor of the backbone comes from the file, or the file is refused: nothing is left at random unseen.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from transfer_report.errors import UserError, first_few, first_line
from transfer_report.files import sha256_of_file
from transfer_report.models.pretrained import current_key
from transfer_report.records.models import Match
from transfer_report.settings import WeightsFileSettings

PREFIXES = ("module.", "backbone.", "encoder.", "model.", "network.")
"""Before a network's own names: of parallel training, and of networks that hold it as a part."""
CONTAINERS = ("state_dict", "model_state_dict", "model", "teacher")
"""Keys under which a checkpoint keeps a network's tensors, apart from its optimizer's."""
COUNTER = ".num_batches_tracked"
"""Of batch norm; older files have none, and nothing here reads it."""
_MOST_NAMED = 3


def load_weights_file(backbone: nn.Module, settings: WeightsFileSettings, path: Path, where: str) -> Match:
    """Give a backbone the weights of a file.

    Args:
        backbone: without its classifier; every tensor is replaced.
        settings: of the file.
        path: where it lies.
        where: file and key of the settings, for the message.

    Raises:
        UserError: no such file, another hash, something else than tensors, or not all tensors of the network, of its
            shapes and finite.
    """
    if not path.is_file():
        raise UserError(
            f"{where}.path: {path}: no such file; put it there (in a copy of the project it is only after "
            f"`dvc add {path}` and a commit of {path}.dvc)"
        )
    if (found := sha256_of_file(path)) != settings.sha256:
        raise UserError(
            f"{where}.sha256: {path} has another SHA-256, {found}; it is not the file that was meant, or the setting "
            "is out of date"
        )
    tensors = read_tensors(path)
    wanted = backbone.state_dict()
    named, prefix, left_out = _own_names(tensors, wanted, path)
    missing = [name for name in wanted if name not in named and not name.endswith(COUNTER)]
    if missing:
        raise UserError(
            f"{path}: lacks {len(missing)} of the network's {len(wanted)} tensors, such as "
            f"{first_few(missing, _MOST_NAMED)}; its own are {first_few(list(tensors), _MOST_NAMED)}. Set the "
            "`architecture` that it is of, or take another file"
        )
    first = next(name for name, value in wanted.items() if value.ndim > 1)
    grey = named[first].ndim == 4 and named[first].shape[1] == 1 < wanted[first].shape[1]
    if grey:  # the sum over three equal channels is what the one channel gave
        named[first] = named[first].expand(wanted[first].shape) / wanted[first].shape[1]
    for name, value in named.items():
        if value.shape != wanted[name].shape:
            here, there = (tuple(one.shape) for one in (value, wanted[name]))
            raise UserError(
                f"{path}: {name} has the shape {here}, the network's has {there}; set the `architecture` that it is of"
            )
        if not torch.isfinite(value).all():
            raise UserError(f"{path}: {name} holds values that are no finite numbers; take another file")
    backbone.load_state_dict(wanted | named)
    return Match(tensors=len(named), prefix=prefix, left_out=left_out, grey=grey)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a file by its own names; nothing in it is run.

    Raises:
        UserError: it is no safetensors file, no checkpoint, or holds no tensors by name.
    """
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path}: not a readable file of weights ({first_line(error)}); take another copy") from None
    except Exception as error:  # what a damaged file brings the unpickler to is not foreseeable
        raise UserError(
            f"{path}: not a file of tensors alone ({first_line(error)[:160]}), and code in it is not run; where it is "
            "yours, save the network's `state_dict()` by itself"
        ) from None
    for container in CONTAINERS:
        if isinstance(content, Mapping) and isinstance(content.get(container), Mapping):
            content = content[container]
    tensors = content.items() if isinstance(content, Mapping) else ()
    named = {str(name): value for name, value in tensors if isinstance(value, Tensor)}
    if not named:
        raise UserError(f"{path}: holds no tensors by name; save the network's `state_dict()`")
    return named


def _own_names(
    tensors: Mapping[str, Tensor], wanted: Mapping[str, Tensor], path: Path
) -> tuple[dict[str, Tensor], str, list[str]]:
    """The tensors that the network has a place for, by its names; the prefix of most of them; what is left over."""
    found: dict[str, Tensor] = {}
    prefixes: list[str] = []
    left_out: list[str] = []
    for name, value in tensors.items():
        own = current_key(name)
        while own not in wanted and (prefix := next((one for one in PREFIXES if own.startswith(one)), "")):
            own = own.removeprefix(prefix)
        if own not in wanted:
            left_out.append(name)
            continue
        if own in found:
            raise UserError(f"{path}: has two tensors for {own} of the network; save one of its networks by itself")
        found[own] = value
        prefixes.append(current_key(name).removesuffix(own))
    return found, max(sorted(set(prefixes)), key=prefixes.count, default=""), left_out
