"""A command in a process of its own, its output in a file, and how it is stopped with all that it started."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from transfer_report.engine.fork_server import Fork, can_fork, fork
from transfer_report.engine.pipeline import Command

STOP_SECONDS = 10.0
"""Time to end by itself, after which a process is killed."""
TOLD_LINES = 6
"""Lines of output that are quoted where a command failed and does not say why in one."""


class Child:
    """A running command."""

    def __init__(self, command: Command, log: Path, extra_environment: Mapping[str, str] | None = None) -> None:
        """Start it; what it writes goes to `log`, which starts empty."""
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log = log
        self.started = monotonic()
        # Unbuffered, so that its message stands behind all that it printed before.
        own = {"PYTHONUNBUFFERED": "1"} | dict(extra_environment or {})
        environment = _with_own_python(dict(command.environment) | own)
        with log.open("wb") as output:
            # In a session of its own: a terminal's Ctrl-C reaches the engine alone, which then stops each in order.
            self.process: subprocess.Popen[bytes] | Fork = (
                fork(command.arguments, command.folder, environment, log)
                if can_fork(command.arguments)
                else subprocess.Popen(  # noqa: S603  # the command is the pipeline's
                    [*_ends_with_its_parent(), *command.arguments],
                    cwd=command.folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )
        self._read = 0
        self._asked = False

    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self.process.poll()

    def seconds(self) -> float:
        """Since it started."""
        return monotonic() - self.started

    def new_lines(self) -> list[str]:
        """Whole lines that it wrote since the last time."""
        with self.log.open("rb") as output:
            output.seek(self._read)
            text = output.read()
        end = len(text) if self.process.poll() is not None else text.rfind(b"\n") + 1
        self._read += end
        return text[:end].decode("utf-8", errors="replace").splitlines()

    def why_it_failed(self) -> str:
        """Its own error message, or the end of what it wrote."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        # A message may have several lines; nothing is written behind it.
        for number in range(len(lines) - 1, -1, -1):
            if lines[number].startswith("error: "):
                return "\n".join(lines[number:]).removeprefix("error: ")
        code = self.process.returncode or 0
        ended = f"ended by signal {-code}" if code < 0 else f"ended with code {code}"
        return "\n".join([f"{ended}; its last lines ({self.log}):", *lines[-TOLD_LINES:]])

    def ask_to_stop(self) -> None:
        """Ask the command and all that it started to end; once, since a stage takes a second time for "at once"."""
        if not self._asked:
            self._asked = True
            self._signal(signal.SIGTERM)

    def stop(self, patience: float = STOP_SECONDS) -> None:
        """End it and all that it started: asked first, then killed."""
        self.ask_to_stop()
        deadline = monotonic() + patience
        while self.process.poll() is None and monotonic() < deadline:
            sleep(0.05)
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                # A fork that has no session of its own yet.
                if self.process.poll() is None:
                    os.kill(self.process.pid, number)


def _ends_with_its_parent() -> list[str]:
    """Return a prefix that ends a command when the engine is killed, so it does not outlive it; empty off Linux."""
    program = shutil.which("setpriv")
    return [program, "--pdeathsig", "TERM", "--"] if program else []


def _with_own_python(environment: dict[str, str]) -> dict[str, str]:
    """The same, so that `python` is the one that runs here, also where its environment was not activated."""
    folder = str(Path(sys.executable).parent)
    path = environment.get("PATH", "")
    return environment | {"PATH": path if path.startswith(folder) else f"{folder}{os.pathsep}{path}"}
