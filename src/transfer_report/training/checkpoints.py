"""What an interrupted run goes on from. Not a result: it lies outside DVC's outputs and goes when the run is done."""

import sys
from hashlib import sha256
from time import monotonic
from typing import Any

import torch

from transfer_report import storage

INTERVAL_SECONDS = 30.0
"""Least time between two checkpoints: writing one takes up to a second, and so much work at most is lost."""


def run_fingerprint(*parts: str) -> str:
    """A name for everything that decides a run's result: another one does not go on from this one's checkpoint."""
    return sha256("\0".join((torch.__version__, str(torch.get_num_threads()), *parts)).encode()).hexdigest()[:32]


class Checkpoint:
    """The state of one run on disk: whole or not there."""

    def __init__(self, fingerprint: str, interval_seconds: float = INTERVAL_SECONDS) -> None:
        self.path = storage.checkpoint_file(fingerprint)
        self.interval_seconds = interval_seconds
        self.written = monotonic()

    def is_due(self) -> bool:
        """Whether enough time has passed since the last one, or since the start."""
        return monotonic() - self.written >= self.interval_seconds

    def save(self, state: dict[str, Any]) -> None:
        """Write a state of tensors, numbers and texts."""
        with storage.replacing(self.path) as partial:
            torch.save(state, partial)
        self.written = monotonic()

    def load(self) -> dict[str, Any] | None:
        """The state to go on from; None where there is none or it cannot be read, which is told."""
        try:
            state: dict[str, Any] = torch.load(self.path, map_location="cpu", weights_only=True)
        except FileNotFoundError:
            return None
        except Exception as error:  # what a damaged file brings the unpickler to is not foreseeable
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            sys.stderr.write(f"{self.path}: not readable ({reason}); the run starts from its first epoch\n")
            return None
        return state

    def remove(self) -> None:
        """Remove the checkpoint of a run that is done."""
        self.path.unlink(missing_ok=True)
        if self.path.parent.is_dir() and not any(self.path.parent.iterdir()):
            self.path.parent.rmdir()
