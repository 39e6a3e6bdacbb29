"""How a stage is asked to stop: Ctrl-C, a scheduler's signal, a closed terminal, the end of the dvc that started it."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EXIT_CODE = 130
"""Exit code that shells expect of a program ended by Ctrl-C."""

_PR_SET_PDEATHSIG = 1


def listen() -> None:
    """Have each of the signals end this process with a word, and have the end of dvc send one.

    Without the second, a stage whose dvc was killed would go on alone, and the next `dvc repro` start it once more.
    """
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves it
            signal.signal(number, _leave)
    if "DVC_STAGE" in os.environ:
        _signal_at_end_of_parent(signal.SIGTERM)


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, in whatever way.

    Args:
        parent: the parent's number, which it may have lost before this call.
    """
    _signal_at_end_of_parent(signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(EXIT_CODE)


def _signal_at_end_of_parent(number: signal.Signals) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


@contextmanager
def interruptible() -> Iterator[None]:
    """While a stage works, a signal raises KeyboardInterrupt, so that what it has begun is put in order."""
    heard = [number for number in SIGNALS if signal.getsignal(number) is _leave]
    for number in heard:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, _leave)


def farewell(kept: str) -> str:
    """Return the message printed when a stage is interrupted.

    Args:
        kept: what is kept of the stage that was running, as a sentence; empty: nothing.
    """
    return f"stopped. {kept or 'This stage runs again.'} Finished stages are kept. To go on: dvc repro"


class Postponement:
    """While it lasts, a first request to stop waits until what is unsaved is saved; a second one is heeded at once."""

    def __init__(self, name: str, is_unsaved: Callable[[], bool], kept: Callable[[], str]) -> None:
        self.name = name
        self.is_unsaved = is_unsaved
        self.kept = kept
        self.requested = False
        self._before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> "Postponement":
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def stop_if_requested(self) -> None:
        """Stop here, where everything is saved, if that was asked for.

        Raises:
            KeyboardInterrupt: with what is kept.
        """
        if self.requested:
            raise KeyboardInterrupt(self.kept())

    def _hear(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # a signal handler's arguments
        if self.requested or not self.is_unsaved():
            raise KeyboardInterrupt(self.kept())
        self.requested = True
        sys.stderr.write(f"\n{self.name}: stops at the end of this epoch, so that it is kept; again: stops at once\n")


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # a signal handler's arguments
    raise KeyboardInterrupt


def _leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # a signal handler's arguments
    # At once: raised in the middle of an import, an exception may be caught, or shown, by whoever runs there.
    os.write(sys.stderr.fileno(), f"\n{farewell('')}\n".encode())
    os._exit(EXIT_CODE)
