"""Networks of timm, a package that is not installed by itself: `timm:NAME`, or `timm:NAME.TAG` for one of its weights.

What timm publishes of weights (their tag, the images that they want, licence, address) stands in its package. Of a file
whose name does not carry its hash, nothing here is downloaded. Source: Wightman, "PyTorch Image Models", 2019,
https://github.com/huggingface/pytorch-image-models.
"""

import re
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from torch import nn

from transfer_report.errors import UserError, did_you_mean
from transfer_report.models import vision

PREFIX = "timm:"
INSTALL_TIMM = "pip install --no-deps --require-hashes --requirement requirements/timm.txt"
HUB = "https://huggingface.co"
_HASHED = re.compile(r"-[0-9a-f]{8,64}\.pth$")
"""Ending of a file's name that carries the first digits of its SHA-256."""


@dataclass(frozen=True)
class TimmWeights:
    """What timm's package says of weights."""

    label: str
    """`resnet18.a1_in1k`: network and tag."""
    url: str
    """Of a file whose name carries its hash; empty where there is none."""
    hub_url: str
    """Of the file in Hugging Face's hub; empty where there is none."""
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    """Per channel, of images scaled to 0…1, as the weights want their input."""
    image_px: int
    """Side of the images that the weights were trained for."""
    takes_other_sizes: bool
    licence: str
    """Empty where none is named."""


def is_of_timm(architecture: str) -> bool:
    """Return whether the name is one of timm's."""
    return architecture.startswith(PREFIX)


def check_timm(architecture: str, where: str) -> None:
    """Refuse a network of timm where the package is missing, or has no network or weights of that name.

    Args:
        architecture: `timm:…`.
        where: file and key that it stands under, for the message.

    Raises:
        UserError: how to install it, or the nearest names.
    """
    if find_spec("timm") is None:
        raise UserError(f"{where}: {architecture} needs the package timm, which is not installed: `{INSTALL_TIMM}`")
    name, _, tag = architecture.removeprefix(PREFIX).partition(".")
    known = _timm().list_models()
    if name not in known:
        raise UserError(f"{where}: timm has no network {name!r}; {did_you_mean(name, known)}")
    tags = [full.partition(".")[2] for full in _timm().list_models(name, include_tags=True)]
    if tag and tag not in tags:
        raise UserError(f"{where}: timm has no weights {tag!r} of {name}; {did_you_mean(tag, tags)}")


def build_timm(architecture: str) -> nn.Module:
    """The whole network, randomly initialised, with the outputs of its weights."""
    network: nn.Module = _timm().create_model(architecture.removeprefix(PREFIX))
    return network


def load_timm(architecture: str, path: Path) -> nn.Module:
    """The whole network with the weights of a file that timm publishes; code in it is not run."""
    name = architecture.removeprefix(PREFIX)
    network: nn.Module = _timm().create_model(name, pretrained=True, pretrained_cfg_overlay={"file": str(path)})
    return network


def timm_weights(architecture: str) -> TimmWeights:
    """What timm publishes of an architecture's weights, by its tag or the first ones."""
    found = import_module("timm.models").get_pretrained_cfg(architecture.removeprefix(PREFIX))
    url = found.url if isinstance(found.url, str) and not found.custom_load and _HASHED.search(found.url) else ""
    hub_file = found.hf_hub_filename or "model.safetensors"
    return TimmWeights(
        label=f"{found.architecture}.{found.tag}" if found.tag else found.architecture,
        url=url,
        hub_url=f"{HUB}/{found.hf_hub_id}/resolve/main/{hub_file}" if found.hf_hub_id else "",
        mean=tuple(found.mean),
        std=tuple(found.std),
        image_px=found.input_size[-1],
        takes_other_sizes=not found.fixed_input_size,
        licence=found.license or "",
    )


def _timm() -> Any:
    assert vision.models  # noqa: S101  # imported before timm, which cannot import torchvision without it everywhere
    return import_module("timm")
