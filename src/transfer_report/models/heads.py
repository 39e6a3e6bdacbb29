"""The new last layer, and the network that it makes with a backbone."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from transfer_report.models.batch_norm import freeze_statistics


class Head(nn.Module):
    """Dropout, then one linear layer: (batch, features) → logits (batch, classes)."""

    def __init__(self, feature_count: int, class_count: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(feature_count, class_count)

    def forward(self, features: Tensor) -> Tensor:
        """Logits of a batch of features."""
        logits: Tensor = self.linear(self.dropout(features))
        return logits


class Network(nn.Module):
    """A backbone with its head: (batch, 3, height, width) → logits (batch, classes).

    With `frozen_statistics`, batch norm uses its running statistics in training mode, too, and does not update them.
    `frozen` modules of the backbone stay in evaluation mode, and so do `waiting` ones, which train later.
    """

    def __init__(
        self,
        backbone: nn.Module,
        head: Head,
        *,
        frozen_statistics: bool = False,
        frozen: Sequence[nn.Module] = (),
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head
        self.frozen_statistics = frozen_statistics
        # Tuples, so that no module is registered twice.
        self._frozen = tuple(frozen)
        self.waiting: tuple[nn.Module, ...] = ()
        self._read_by: tuple[nn.Module] = (backbone,)

    def train(self, mode: bool = True) -> "Network":
        """Enter training or evaluation mode."""
        super().train(mode)
        if self.frozen_statistics:
            freeze_statistics(self)
        for module in (*self._frozen, *self.waiting):
            module.eval()
        return self

    def start_behind(self, rest: nn.Module) -> None:
        """Read, from now on, what the frozen part of the backbone makes of images; `rest` is what follows it."""
        self._read_by = (rest,)

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits of a batch of images, or of what the frozen part makes of them."""
        logits: Tensor = self.head(self._read_by[0](inputs))
        return logits


def build_head(feature_count: int, class_count: int, dropout: float, seed: int) -> Head:
    """A head with PyTorch's own initialisation, drawn from `seed` whatever else was drawn before."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Head(feature_count, class_count, dropout)
