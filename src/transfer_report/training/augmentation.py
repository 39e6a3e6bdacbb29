"""Random changes of training images that leave their class as it is."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from transfer_report.models.vision import transforms

# Of the order of what differs between two radiographs of one patient: position, distance, exposure.
ROTATION_DEGREES = 10
CROP_SCALE = (0.8, 1.0)
"""Share of the image's area that a crop keeps."""
BRIGHTNESS = 0.2
"""Largest relative change."""

_BUILDERS: dict[str, Callable[[int], Callable[[Tensor], Tensor]]] = {
    "horizontal_flip": lambda _: transforms.RandomHorizontalFlip(),
    "vertical_flip": lambda _: transforms.RandomVerticalFlip(),
    "rotation": lambda _: transforms.RandomRotation(ROTATION_DEGREES, transforms.InterpolationMode.BILINEAR),
    "crop": lambda image_px: transforms.RandomResizedCrop(image_px, scale=CROP_SCALE, ratio=(1.0, 1.0)),
    "brightness": lambda _: transforms.ColorJitter(brightness=BRIGHTNESS),
}


def build_augmentation(names: Sequence[str], image_px: int) -> Callable[[Tensor], Tensor] | None:
    """The changes of these names, one after the other; None where there are none.

    Returns:
        a function of a batch of bytes, (batch, height, width, channels). It draws from PyTorch's global generator,
        afresh for each image.
    """
    if not names:
        return None
    change = transforms.Compose([_BUILDERS[name](image_px) for name in names])

    def augment(images: Tensor) -> Tensor:
        channels_first = images.permute(0, 3, 1, 2)
        # One by one: given a batch, torchvision draws once for all of its images.
        changed = torch.stack([change(image) for image in channels_first])
        return changed.permute(0, 2, 3, 1)

    return augment
