"""Processes that say that they are at work by a lock on a file, which ends with them, however they end.

Nothing is looked up in /proc, where a sandbox may show other processes in part or not at all.
"""

import fcntl
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO


def hold(file: Path) -> TextIO:
    """Say that this process is at work, as long as what is returned stays open."""
    held = file.open("w")
    fcntl.lockf(held, fcntl.LOCK_EX)
    print(os.getpid(), file=held, flush=True)
    return held


def holder(file: Path) -> int | None:
    """The number of the process that holds a file at the moment."""
    with file.open("r+") as held:
        try:
            fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return int(held.read() or 0) or None
    return None


def wait_until(it_is_so: Callable[[], object], seconds: float = 60) -> None:
    """Fail where something is not so after some time."""
    end = time.monotonic() + seconds
    while not it_is_so():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


if __name__ == "__main__":
    held = hold(Path(sys.argv[1]))
    time.sleep(600)
