"""What an interrupted run goes on from. Not a result: it lies outside DVC's outputs and goes when the run is done."""

import sys
from hashlib import sha256
from importlib.metadata import version
from time import monotonic
from typing import Any

import torch

from transfer_report import storage
from transfer_report.errors import first_line

SHARE = 0.05
"""Of a run's time, what writing checkpoints may take at most; the rest follows: where an epoch takes twenty times as
long as writing, each is kept."""

ASSUMED_SECONDS = 0.25
"""What writing is taken to cost before it was measured: shorter runs than five seconds write nothing."""


def run_fingerprint(run: str) -> str:
    """A name for everything that decides a run's result: another one does not go on from this one's checkpoint.

    Args:
        run: the run's own part, the hash of its settings, data, code and seed; the rest is the machine's.
    """
    machine = (
        torch.__version__,
        version("torchvision"),
        str(torch.get_num_threads()),
        torch.backends.cpu.get_cpu_capability(),
        torch.cuda.get_device_name() if torch.cuda.is_available() else "",
    )
    return f"{run}-{hash_of(*machine)}"


def hash_of(*parts: str) -> str:
    """One short name for several texts together."""
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


class Checkpoint:
    """The state of one run on disk: whole or not there."""

    def __init__(self, fingerprint: str, share: float = SHARE) -> None:
        self.path = storage.checkpoint_file(fingerprint)
        self.share = share
        self.saved = monotonic()
        self.cost = ASSUMED_SECONDS
        self.epochs = 0
        """How many epochs the last one holds."""

    def is_due(self) -> bool:
        """Whether so much time has passed since the last one, or since the start, that writing one costs little."""
        return (monotonic() - self.saved) * self.share >= self.cost

    def save(self, state: dict[str, Any]) -> None:
        """Write a state of tensors, numbers and texts; where the disk does not take it, say so and go on without."""
        began = monotonic()
        try:
            with storage.replacing(self.path) as partial:
                torch.save(state, partial)
            storage.mark_checkpoint_open(self.path)
            self.epochs = len(state["epochs"])
        except (OSError, RuntimeError) as error:  # RuntimeError: PyTorch, of a full disk
            sys.stderr.write(f"{self.path}: not written ({first_line(error)}); an interruption now would cost epochs\n")
        self.saved = monotonic()
        self.cost = self.saved - began

    def load(self) -> dict[str, Any] | None:
        """The state to go on from; None where there is none or it cannot be read, which is told."""
        try:
            state: dict[str, Any] = torch.load(self.path, map_location="cpu", weights_only=True)
            self.epochs = len(state["epochs"])
        except FileNotFoundError:
            return None
        except Exception as error:  # what a damaged file brings the unpickler to is not foreseeable
            sys.stderr.write(f"{self.path}: not readable ({first_line(error)}); the run starts from its first epoch\n")
            return None
        return state

    def mark_done(self) -> None:
        """Note that its run is done: it goes when the next run starts, by when DVC has the results."""
        storage.mark_checkpoint_done(self.path)

    def remove(self) -> None:
        """Remove the checkpoint of a run from which nothing can go on."""
        storage.remove_checkpoint(self.path)
