"""Transfer learning as PyTorch's tutorials teach it: files, workers, float32, one image after the other.

It is what the study is measured against, so it is written as one would write it: `ImageFolder`, `DataLoader` with as
many workers as there are cores, torchvision's transforms, Adam. Source of the recipe: S. Chilamkurthy, "Transfer
learning for computer vision tutorial", pytorch.org/tutorials (the code is our own).
"""

import os
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from transfer_report.models import vision

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def loader(folder: Path, side_px: int, batch_size: int) -> DataLoader[tuple[torch.Tensor, torch.Tensor]]:
    """Batches of a folder of classes, decoded anew each epoch."""
    from torchvision.datasets import ImageFolder  # only after `vision`, which lets torchvision load

    steps = vision.transforms.Compose(
        [
            vision.transforms.Resize(side_px),
            vision.transforms.CenterCrop(side_px),
            vision.transforms.ToImage(),
            vision.transforms.ToDtype(torch.float32, scale=True),
            vision.transforms.Normalize(MEAN, STD),
        ]
    )
    dataset: Dataset[tuple[torch.Tensor, torch.Tensor]] = ImageFolder(str(folder), steps)
    return DataLoader(dataset, batch_size, shuffle=True, num_workers=os.cpu_count() or 1, persistent_workers=True)


class PlainTraining:
    """A network of torchvision with a new last layer, and its optimizer."""

    def __init__(self, architecture: str, classes: int) -> None:
        self.network: nn.Module = vision.models.get_model(architecture, weights=None, num_classes=classes)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=1e-3)
        self.loss = nn.CrossEntropyLoss()

    def epoch(self, batches: DataLoader[tuple[torch.Tensor, torch.Tensor]]) -> None:
        """Every image once."""
        self.network.train()
        for images, labels in batches:
            self.optimizer.zero_grad()
            loss = self.loss(self.network(images), labels)
            loss.backward()
            self.optimizer.step()
            loss.item()  # the tutorial adds the loss of each batch up
