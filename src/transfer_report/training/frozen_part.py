"""Training behind what is frozen: its outputs are the inputs of the rest, computed once where the disk has room.

Whether they are stored changes no digit: kernels of other batch sizes add in another order, so the frozen part computes
batches of one size alone.
"""

import shutil
from dataclasses import replace
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from transfer_report.files import release, scratch_array
from transfer_report.layout import HERE
from transfer_report.log import log
from transfer_report.models.devices import Computing, autocast
from transfer_report.models.heads import Network
from transfer_report.models.splitting import split
from transfer_report.training.examples import Inputs
from transfer_report.training.run import StudyData

MOST_STORED_BYTES = 20e9
"""Of stored outputs of one run; more are computed at every epoch."""
SHARE_OF_DISK = 0.5
"""Of what is free, that they may take at most: other runs may train at the same time."""


class FrozenOutputs:
    """What the frozen part of a network makes of images, computed when it is read."""

    def __init__(self, images: Inputs, frozen: nn.Module, batch_size: int, computing: Computing) -> None:
        self.images = images
        self.frozen = frozen
        self.batch_size = batch_size
        self.computing = computing

    def __len__(self) -> int:
        return len(self.images)

    @torch.no_grad()
    def batch(self, rows: Tensor) -> Tensor:
        """Outputs of some rows, (batch, …), on the device that computes."""
        with autocast(self.computing.device, self.computing.precision):
            return torch.cat([self._outputs(part) for part in torch.split(rows, self.batch_size)])

    def _outputs(self, rows: Tensor) -> Tensor:
        filled = torch.cat([rows, rows[-1:].expand(self.batch_size - len(rows))])
        outputs: Tensor = self.frozen(self.images.batch(filled))
        return outputs[: len(rows)]

    def unaugmented(self) -> "FrozenOutputs":
        """These outputs: nothing random comes before them."""
        return self


class StoredOutputs:
    """The same, computed once into a nameless file, and read from there batch by batch."""

    def __init__(self, outputs: FrozenOutputs) -> None:
        self.device = outputs.computing.device
        first = outputs.batch(torch.arange(1))
        # The order of dimensions in memory decides how fast convolutions read, and by which kernels.
        strides = first.stride()
        self.order = sorted(range(first.ndim), key=lambda dimension: -strides[dimension])
        self.shape = [first.shape[dimension] for dimension in self.order[1:]]
        self.dtype = first.dtype
        # As bytes, since NumPy has no bfloat16.
        self.array: NDArray[np.uint8] = scratch_array((len(outputs), prod(self.shape) * first.element_size()), "uint8")
        for rows in torch.split(torch.arange(len(outputs)), outputs.batch_size):
            values = outputs.batch(rows).permute(self.order).flatten(1).cpu()
            self.array[rows[0] : rows[-1] + 1] = values.view(torch.uint8).numpy()
            release(self.array)

    def __len__(self) -> int:
        return len(self.array)

    def batch(self, rows: Tensor) -> Tensor:
        """Outputs of some rows, (batch, …), on the device that computes."""
        stored = torch.from_numpy(np.take(self.array, rows.numpy(), axis=0))
        release(self.array)
        values = stored.to(self.device).view(self.dtype).view(len(rows), *self.shape)
        return values.permute([self.order.index(dimension) for dimension in range(values.ndim)])

    def unaugmented(self) -> "StoredOutputs":
        """These outputs: nothing random comes before them."""
        return self


def behind_frozen(network: Network, data: StudyData, batch_size: int, computing: Computing, name: str) -> StudyData:
    """Have a network start behind its frozen part, and give it the outputs of that part.

    Args:
        network: whose backbone is frozen in part, or not; its `state_dict` stays that of the whole.
        data: images without augmentation.
        batch_size: of the frozen part.
        computing: device and precision.
        name: of the run, for the console.

    Returns:
        the data as they are where nothing is frozen, or where the network cannot be cut there.
    """
    cut = split(network.train().backbone)
    if cut is None:
        return data
    network.start_behind(cut.rest)
    train, val, test = (
        FrozenOutputs(images, cut.frozen, batch_size, computing)
        for images in (data.train.inputs, data.val.inputs, data.test)
    )
    network.eval()
    needed = (len(train) + len(val)) * train.batch(torch.arange(1)).nbytes
    most = min(MOST_STORED_BYTES, SHARE_OF_DISK * shutil.disk_usage(HERE.root).free)
    inputs: tuple[Inputs, Inputs]
    if needed <= most:
        log.info("%s: stores the frozen layers' outputs (%.2g GB)", name, needed / 1e9)
        inputs = StoredOutputs(train), StoredOutputs(val)
    else:
        log.info(
            "%s: computes the frozen layers at every epoch; their outputs would take %.2g GB of the %.2g that they may",
            name,
            needed / 1e9,
            most / 1e9,
        )
        inputs = train, val
    return replace(
        data, train=replace(data.train, inputs=inputs[0]), val=replace(data.val, inputs=inputs[1]), test=test
    )
