"""One pass over the images: with updates, or to predict."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer

from transfer_report.models.devices import Precision, autocast
from transfer_report.training.examples import Examples, Inputs

PREDICTION_BATCH = 128
"""Images per batch where nothing is learned; does not depend on the condition, whose batch size is a choice."""


@dataclass(frozen=True)
class LossAndAccuracy:
    """How a network did on some images: mean cross-entropy (weighted, where classes are) and share of right ones."""

    loss: float
    accuracy: float


def batches(count: int, batch_size: int, order: Tensor | None = None) -> list[Tensor]:
    """Rows of one epoch, batch by batch.

    A single row that is left over joins the last batch: batch norm has no variance of one image.

    Args:
        count: rows altogether.
        batch_size: rows per batch; the last has what is left.
        order: in which rows come, (count,); None: as they stand.
    """
    parts = list(torch.split(torch.arange(count) if order is None else order, batch_size))
    if len(parts) > 1 and len(parts[-1]) == 1 < batch_size:
        parts[-2:] = [torch.cat(parts[-2:])]
    return parts


def train_one_epoch(
    network: nn.Module,
    examples: Examples,
    rows_of_batches: Sequence[Tensor],
    optimizer: Optimizer,
    class_weights: Tensor,
    precision: Precision,
    after_batch: Callable[[], None],
) -> LossAndAccuracy:
    """Update the network once per batch.

    Args:
        network: inputs → logits; put into training mode.
        examples: what is learned.
        rows_of_batches: rows of each batch.
        optimizer: over the network's parameters.
        class_weights: of the classes in the loss, (classes,).
        precision: of the forward pass.
        after_batch: called after each update.

    Returns:
        loss and accuracy as they were during the updates, with dropout and augmentation.
    """
    network.train()
    device = class_weights.device
    # Summed on the device: reading a number from it would wait for it after each batch.
    loss_sum, weight_sum, correct = (torch.zeros((), device=device) for _ in range(3))
    for rows in rows_of_batches:
        inputs = examples.inputs.batch(rows)
        labels = examples.labels[rows.to(device)]
        with autocast(device, precision):
            logits = network(inputs)  # (batch, classes)
        loss = functional.cross_entropy(logits.float(), labels, weight=class_weights)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        with torch.no_grad():
            batch_weight = class_weights[labels].sum()
            loss_sum += loss.detach() * batch_weight
            weight_sum += batch_weight
            correct += (logits.argmax(1) == labels).sum()
        after_batch()
    return LossAndAccuracy((loss_sum / weight_sum).item(), correct.item() / sum(map(len, rows_of_batches)))


@torch.inference_mode()
def predict(network: nn.Module, inputs: Inputs, precision: Precision, device: torch.device) -> Tensor:
    """Logits of all rows in evaluation mode: float32, (rows, classes), on the CPU."""
    network.eval()
    logits = []
    for rows in batches(len(inputs), PREDICTION_BATCH):
        with autocast(device, precision):
            logits.append(network(inputs.batch(rows)).float())
    return torch.cat(logits).cpu()


def evaluate(logits: Tensor, labels: Tensor, class_weights: Tensor) -> LossAndAccuracy:
    """Hold predictions against labels.

    Args:
        logits: (rows, classes).
        labels: (rows,).
        class_weights: of the classes in the loss, (classes,), as in training, so that the two losses can be compared.
    """
    loss = functional.cross_entropy(logits, labels, weight=class_weights)
    correct = int((logits.argmax(1) == labels).sum())
    return LossAndAccuracy(loss.item(), correct / len(labels))
