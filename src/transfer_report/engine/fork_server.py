"""Stages that start at once: forks of a process that has imported PyTorch already.

A training begins with two to three seconds of imports, together a seventh of what the default study costs. So all
stages that compute with PyTorch come from one process, multiprocessing's fork server, which does nothing but import
what they share. A fork runs what the stage's command would run; where the code has changed since it was imported, or is
another checkout's, the fork becomes that command instead.
"""

import multiprocessing
import os
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import transfer_report
from transfer_report.dvc_yaml import declared_stages
from transfer_report.interruption import listen
from transfer_report.layout import HERE

NOT_PRELOADED = "attention"
"""A stage that needs PyTorch, and more that no other does."""
_STAGES = "transfer_report.stages"
_COMMAND = re.compile(rf"PYTHONPATH=src python -m {re.escape(_STAGES)} (\w+)((?: [\w@-]+)*)")
_PACKAGE = Path(str(transfer_report.__file__)).parent


@cache
def forked_stages() -> tuple[str, ...]:
    """Return the stages that compute with PyTorch, by what this checkout's `dvc.yaml` declares."""
    pipeline = _PACKAGE.parents[1] / HERE.pipeline
    stages = declared_stages(pipeline) if pipeline.is_file() else {}
    return tuple(name for name, stage in stages.items() if "src/transfer_report/models" in stage.deps)


def _state() -> dict[Path, tuple[int, int]]:
    """Length and time of change of each source file."""
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in _PACKAGE.rglob("*.py")}


_STATE_WHEN_IMPORTED = _state()


class Fork:
    """A process made by the fork server, with what `subprocess.Popen` has of use here."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.pid = int(process.pid or 0)

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.exitcode

    @property
    def returncode(self) -> int | None:
        """The same."""
        return self._process.exitcode

    def wait(self) -> int | None:
        """Wait for its end."""
        self._process.join()
        return self._process.exitcode


def can_fork(arguments: list[str]) -> bool:
    """Return whether a command is a stage that the fork server is prepared for, and this process may have children.

    Those that Dask starts may not.
    """
    match = _COMMAND.fullmatch(arguments[-1])
    return match is not None and match[1] in forked_stages() and not multiprocessing.current_process().daemon


def fork(arguments: list[str], folder: str, environment: Mapping[str, str], log: Path) -> Fork:
    """Run a stage's command in a session of its own; what it writes is added to `log`."""
    context = multiprocessing.get_context("forkserver")
    # This module first: what it notes of the source files is then older than any of their imports.
    preloaded = (f"{_STAGES}.{stage}" for stage in forked_stages() if stage != NOT_PRELOADED)
    context.set_forkserver_preload(["__main__", __name__, *preloaded])
    process = context.Process(target=_become, args=(arguments, folder, environment, str(log.absolute())))
    process.start()
    return Fork(process)


def _become(arguments: list[str], folder: str, environment: Mapping[str, str], log: str) -> None:
    """In the fork: be the process that the command asks for."""
    os.setsid()
    for target, flags, name in ((0, os.O_RDONLY, os.devnull), (1, os.O_WRONLY | os.O_APPEND, log)):
        descriptor = os.open(name, flags)
        os.dup2(descriptor, target)
        os.close(descriptor)
    os.dup2(1, 2)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    match = _COMMAND.fullmatch(arguments[-1])
    if match is None or Path("src/transfer_report").resolve() != _PACKAGE or _state() != _STATE_WHEN_IMPORTED:
        os.execvpe(arguments[0], arguments, environment)  # noqa: S606  # the pipeline's own command
    listen()
    sys.argv = [_STAGES, *match[2].split()]
    import_module(f"{_STAGES}.run").run_stage(import_module(f"{_STAGES}.{match[1]}").main)
