"""One process at a time for what must not be done twice at once."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from transfer_report.files import write_text
from transfer_report.layout import HERE
from transfer_report.log import log


@contextmanager
def only_process(name: str) -> Iterator[None]:
    """Let one process at a time do a thing; another one waits, and names the one it waits for.

    The lock goes with its process, however that ends. Needed where dvc was killed and its stage is still saving.
    """
    folder = HERE.cache / "running"
    folder.mkdir(parents=True, exist_ok=True)
    lock, owner = FileLock(folder / name), folder / f"{name}.process"
    try:
        lock.acquire(blocking=False)
    except Timeout:
        process = owner.read_text(encoding="utf-8") if owner.exists() else "?"
        log.warning("%s: waits for process %s, which still does the same", name, process)
        lock.acquire()
    try:
        write_text(owner, str(os.getpid()))
        yield
    finally:
        lock.release()
