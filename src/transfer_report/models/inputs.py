"""From stored bytes to what a network wants to see."""

from collections.abc import Sequence

import torch
from torch import Tensor


class Normalisation:
    """Bytes to normalised colour images, on the device that computes.

    Scaling to 0…1, subtracting the mean and dividing by the standard deviation are one multiplication and one
    addition. Grey images become three equal channels only here, so that they are stored and moved as one.
    """

    def __init__(
        self,
        mean: Sequence[float],
        std: Sequence[float],
        device: torch.device,
        layout: torch.memory_format = torch.channels_last,
    ) -> None:
        means = torch.tensor(mean, dtype=torch.float64)
        deviations = torch.tensor(std, dtype=torch.float64)
        self.scale = (1 / (255 * deviations)).float().to(device)
        self.offset = (-means / deviations).float().to(device)
        self.device = device
        self.layout = layout

    def __call__(self, images: Tensor) -> Tensor:
        """Normalise a batch.

        Args:
            images: bytes, (batch, height, width, 1 or 3).

        Returns:
            float32, (batch, 3, height, width), in the layout.
        """
        moved = images.to(self.device, non_blocking=True)
        normalised = torch.addcmul(self.offset, moved.float(), self.scale)  # (batch, height, width, 3)
        return normalised.permute(0, 3, 1, 2).contiguous(memory_format=self.layout)
