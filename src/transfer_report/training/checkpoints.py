"""State from which an interrupted run goes on. Not a result: it lies outside DVC's outputs, until the run is done."""

import shutil
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Any

import torch

from transfer_report.errors import first_line
from transfer_report.files import replacing
from transfer_report.layout import HERE
from transfer_report.log import log
from transfer_report.planning import Condition

SHARE = 0.05
"""Of a run's time, what writing checkpoints may take at most; the rest follows: where an epoch takes twenty times as
long as writing, each is kept."""

ASSUMED_SECONDS = 0.25
"""Assumed cost of writing before it was measured: runs shorter than five seconds write nothing."""


_DONE = "done"
"""A note next to a checkpoint whose run is done."""

HEAD_STEP = "head"
"""The step before a run in which its head learns alone."""

_STAGES = ("fine_tune", "lp_ft", "linear_probe")
"""The stages that train, whose code decides a run as that of models and training does."""


def checkpoint_of(
    condition: Condition, seed: int, content_sha256: str, step: str = "", subset: str = ""
) -> "Checkpoint":
    """Return the checkpoint of a run, or of a step before it, under the hash of everything that decides its result."""
    run = run_name(condition, seed, content_sha256, f"{step} {subset}" if subset else step)
    return Checkpoint(f"{run}-{_hash_of(*_machine())}")


def has_checkpoint(condition: Condition, seed: int, content_sha256: str) -> bool:
    """Return whether a run, or a step before it, has one, from any machine and number of threads."""
    runs = [run_name(condition, seed, content_sha256, step) for step in ("", HEAD_STEP)]
    return any(any(HERE.checkpoints.glob(f"{run}-*/state.pt")) for run in runs)


def remove_checkpoints_of_done_runs(keep: Sequence[Path] = ()) -> None:
    """Remove the checkpoints whose runs are done, but those of the runs that are about to start.

    A run's own process cannot: killed after that and before DVC has its results, it would have lost all.
    """
    for note in HERE.checkpoints.glob(f"*/{_DONE}"):
        if note.with_name("state.pt") not in keep:
            shutil.rmtree(note.parent, ignore_errors=True)


def run_name(condition: Condition, seed: int, content_sha256: str, step: str = "") -> str:
    """Return a hash of what decides a run on any machine: condition, seed, images and code."""
    return _hash_of(condition.model_dump_json(), str(seed), content_sha256, _code(), step)


def _code() -> str:
    """A hash of the code that decides how a run goes."""
    package = Path(__file__).parents[1]
    files = sorted(path for room in ("models", "training") for path in (package / room).rglob("*.py"))
    files += [package / f"stages/{name}.py" for name in _STAGES]
    return sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def _machine() -> tuple[str, ...]:
    return (
        torch.__version__,
        version("torchvision"),
        version("timm") if find_spec("timm") else "",
        str(torch.get_num_threads()),
        torch.backends.cpu.get_cpu_capability(),
        torch.cuda.get_device_name() if torch.cuda.is_available() else "",
    )


def _hash_of(*parts: str) -> str:
    """One short name for several texts together."""
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


class Checkpoint:
    """The state of one run on disk: whole or not there."""

    def __init__(self, fingerprint: str, share: float = SHARE) -> None:
        self.path = HERE.checkpoint_file(fingerprint)
        self._done = self.path.with_name(_DONE)
        self.share = share
        self.saved = monotonic()
        self.cost = ASSUMED_SECONDS
        self.epochs = 0
        """Number of the last epoch that the last one holds."""

    def is_due(self) -> bool:
        """Return whether enough time has passed since the last one, or the start, for writing to cost little."""
        return (monotonic() - self.saved) * self.share >= self.cost

    def save(self, state: dict[str, Any]) -> None:
        """Write a state of tensors, numbers and texts; if writing fails, warn and continue."""
        began = monotonic()
        try:
            with replacing(self.path) as partial:
                torch.save(state, partial)
            self._done.unlink(missing_ok=True)
            self.epochs = state["epochs"][-1]["epoch"]
        except (OSError, RuntimeError) as error:  # RuntimeError: PyTorch, of a full disk
            log.warning("%s: not written (%s); an interruption now would cost epochs", self.path, first_line(error))
        self.saved = monotonic()
        self.cost = self.saved - began

    def load(self) -> dict[str, Any] | None:
        """The state to go on from; None where there is none, or, with a warning, where it cannot be read."""
        try:
            state: dict[str, Any] = torch.load(self.path, map_location="cpu", weights_only=True)
            self.epochs = state["epochs"][-1]["epoch"]
        except FileNotFoundError:
            return None
        except Exception as error:  # what a damaged file brings the unpickler to is not foreseeable
            log.warning("%s: not readable (%s); the run starts from its first epoch", self.path, first_line(error))
            return None
        return state

    def mark_done(self) -> None:
        """Note that its run is done: it goes when the next run starts, by when DVC has the results."""
        if self.path.exists():
            self._done.touch()

    def remove(self) -> None:
        """Remove the checkpoint of a run from which nothing can go on."""
        shutil.rmtree(self.path.parent, ignore_errors=True)
