"""Any classification network by name, without its classifier: images in, flat features out.

Everything before the last layer with weights is the backbone, also where the classifier has several layers (VGG,
AlexNet, MobileNetV3): the features are what the last layer sees. A dropout that torchvision puts right before that
layer is taken out (MobileNetV2 has one of 0.2), so that the study's `dropout` is the only one before the head.
Dropout deeper inside, and stochastic depth, belong to the architecture and stay.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from transfer_report.errors import UserError, did_you_mean, first_line
from transfer_report.models import vision
from transfer_report.models.batch_norm import NOISE_PX
from transfer_report.models.packaged import PACKAGED
from transfer_report.models.timm_models import build_timm, check_timm, is_of_timm, timm_weights

# Both were trained with other means than their preprocessing subtracts and convert it inside, and have further
# classifiers for training, which the study's head makes no use of.
BUILD_ARGUMENTS: dict[str, dict[str, Any]] = {
    "googlenet": {"aux_logits": False, "transform_input": True, "init_weights": True},
    "inception_v3": {"aux_logits": False, "transform_input": True, "init_weights": True},
}
"""Arguments with which torchvision builds some networks, by architecture."""


def architectures() -> list[str]:
    """Names of all classification networks that are installed: torchvision's, and packaged ones."""
    names: list[str] = vision.models.list_models(module=vision.models)
    return [*names, *PACKAGED]


def check_architecture(architecture: str, where: str) -> None:
    """Refuse an unknown name.

    Args:
        architecture: the name.
        where: file and key that it stands under, for the message.

    Raises:
        UserError: with the nearest names.
    """
    known = architectures()
    if is_of_timm(architecture):
        check_timm(architecture, where)
    elif architecture not in known:
        raise UserError(
            f"{where}: torchvision has no classification model {architecture!r}; {did_you_mean(architecture, known)}"
        )


def build_classifier(architecture: str) -> nn.Module:
    """The whole network, randomly initialised from PyTorch's global generator, with ImageNet's 1000 outputs."""
    if architecture in PACKAGED:
        return PACKAGED[architecture].build()
    if is_of_timm(architecture):
        return build_timm(architecture)
    network: nn.Module = vision.models.get_model(architecture, weights=None, **BUILD_ARGUMENTS.get(architecture, {}))
    return network


def without_classifier(network: nn.Module) -> tuple[nn.Module, int]:
    """Take the last layer with weights out of a classification network, and the dropout before it.

    SqueezeNet classifies by a convolution and averages then; without it, the averages themselves are the features.
    Networks of timm take their classifier out themselves.

    Returns:
        the backbone, (batch, 3, height, width) → (batch, features), and the number of features.
    """
    of_timm: Any = network
    if hasattr(network, "reset_classifier"):
        of_timm.reset_classifier(0)
        return network, of_timm.head_hidden_size
    name, classifier = [
        (name, module) for name, module in network.named_modules() if isinstance(module, nn.Linear | nn.Conv2d)
    ][-1]
    parent = network.get_submodule(name.rpartition(".")[0])
    children = dict(parent.named_children())
    own = name.rpartition(".")[2]
    before = list(children)[list(children).index(own) - 1]
    if isinstance(children[before], nn.Dropout):
        setattr(parent, before, nn.Identity())
    setattr(parent, own, nn.Identity())
    feature_count = classifier.in_features if isinstance(classifier, nn.Linear) else classifier.in_channels
    return network, feature_count


def build_backbone(architecture: str, seed: int = 0) -> tuple[nn.Module, int]:
    """A randomly initialised backbone.

    Args:
        architecture: a name of `architectures()`.
        seed: draws the initial weights; PyTorch's global generator is left as it was.

    Returns:
        the backbone, (batch, 3, height, width) → (batch, features), and the number of features.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return without_classifier(build_classifier(architecture))


def backbone_of_shapes(architecture: str) -> nn.Module:
    """A backbone without numbers: what it makes of images costs no arithmetic and has a shape alone."""
    return _on_meta_device(lambda: without_classifier(build_classifier(architecture))[0])


def check_image_px(architecture: str, image_px: int, where: str) -> None:
    """Refuse an image size for which the network has no features.

    Raises:
        UserError: with the least size that torchvision or timm names for the network.
    """
    try:
        backbone = backbone_of_shapes(architecture)
        device = next(backbone.parameters()).device
        features: Tensor = backbone.eval()(torch.empty(1, 3, image_px, image_px, device=device))
        if features.numel():
            return
        reason = "nothing is left of them in its last layers"
    except (RuntimeError, ValueError, AssertionError) as error:
        reason = first_line(error)
    raise UserError(
        f"{where}: {architecture} cannot take images of {image_px} × {image_px} pixels ({reason}); "
        f"the smallest that is named for it is {_least_image_px(architecture)}: set data.image_px, or take "
        "another model"
    )


def check_batch_size(architecture: str, image_px: int, batch_size: int, where: str) -> None:
    """Refuse to fine-tune by single images where batch norm would see one value per channel, which has no variance.

    Raises:
        UserError: the network's last maps are one pixel, and a batch is one image.
    """
    if batch_size > 1:
        return
    backbone = backbone_of_shapes(architecture)
    try:
        backbone.train()(torch.empty(1, 3, image_px, image_px, device=next(backbone.parameters()).device))
    except ValueError:
        raise UserError(f"{where}: {architecture} has batch norm and needs at least 2 images per batch") from None


def noise_px(architecture: str) -> int:
    """Side of the noise that a random network's batch-norm statistics come from: larger where it takes no less.

    MaxViT cuts its maps into windows of 7 cells, which 128 pixels are no multiple of.
    """
    return only_image_px(architecture) or max(NOISE_PX, _least_image_px(architecture))


def only_image_px(architecture: str) -> int | None:
    """Side of the only images that a network of timm takes; None where it takes others, and of all other networks."""
    if not is_of_timm(architecture) or (weights := timm_weights(architecture)).takes_other_sizes:
        return None
    return weights.image_px


def _least_image_px(architecture: str) -> int:
    """The smallest side that torchvision or timm names for a network; others take any."""
    if architecture in PACKAGED:
        return 1
    if is_of_timm(architecture):
        return timm_weights(architecture).image_px
    sizes = {tuple(weights.meta["min_size"]) for weights in vision.models.get_model_weights(architecture)}
    smallest: int = min(max(size) for size in sizes)
    return smallest


def _on_meta_device(build: Callable[[], nn.Module]) -> nn.Module:
    try:
        with torch.device("meta"):
            return build()
    except NotImplementedError:  # RegNet computes its widths by tensors
        return build()
