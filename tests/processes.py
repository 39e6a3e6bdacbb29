"""What runs in a folder at the moment."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil


def working_in(folder: Path) -> Iterator[psutil.Process]:
    """The processes in a folder, beside the test's own; each knows its name and command line in `info`."""
    # Not by parent and child: psutil gives up on these where it may not look at some process of the machine.
    for process in psutil.process_iter(["cwd", "name", "cmdline"]):
        if process.info["cwd"] == str(folder) and process.pid != os.getpid():
            yield process
