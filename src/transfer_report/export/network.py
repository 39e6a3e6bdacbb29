"""The recommended network for others: its weights with all that they need in one file, and a script that uses it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from safetensors.torch import save
from torch import Tensor

_SCRIPT = Path("report/export/classify.py")


@dataclass(frozen=True)
class NetworkSettings:
    """Settings needed, besides the weights, to classify an image as the study did."""

    architecture: str
    """torchvision's name, that of the package that builds it, or `timm:NAME`."""
    classes: Sequence[str]
    image_px: int
    fit: Literal["crop", "pad", "squash"]
    """How an image that is not square becomes square."""
    channels: Literal[1, 3]
    mean: Sequence[float]
    std: Sequence[float]
    """Per channel, of images scaled to 0…1."""
    positive: int = 1
    """The class that the threshold calls."""
    threshold: float | None = None
    """Threshold of the operating point, with two classes; None where the most probable class is called."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """With which torchvision builds the network."""
    package: str = ""
    """The Python package that builds the network; empty: torchvision."""


def network_file(weights: Mapping[str, Tensor], settings: NetworkSettings) -> bytes:
    """The contents of `model.safetensors`: weights, and the settings as JSON in its metadata.

    Args:
        weights: Weights of the whole network, `backbone.…` and `head.linear.…`.
        settings: How it is used.
    """
    tensors = {name: weights[name].detach().cpu().contiguous() for name in sorted(weights)}
    # One entry alone: safetensors writes several in an order that differs from call to call.
    return save(tensors, metadata={"settings": json.dumps(asdict(settings), sort_keys=True)})


def classify_script(path: Path = _SCRIPT) -> str:
    """Return the script that classifies images with the `model.safetensors` of its folder."""
    return path.read_text(encoding="utf-8")
