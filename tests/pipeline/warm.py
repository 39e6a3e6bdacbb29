"""Commands of a checkout as forks of one process that has imported the libraries, which takes longer than their work.

Each fork imports the project's own code from its checkout. Where a shell starts `python`, `dvc` or `transfer-report`,
a small client is first on the path: it hands its streams, folder, environment and arguments over, and waits for the
code that the command ends with.
"""

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path

LIBRARIES = (
    "captum.attr", "dvc.cli", "dvc.repo", "dvc.commands.repro", "jinja2", "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg", "numpy", "pikepdf", "polars", "pybtex.database", "pydantic", "rich.console",
    "rocrate.rocrate", "ruamel.yaml", "safetensors.torch", "scipy.interpolate", "scipy.optimize", "scipy.stats",
    "sklearn.decomposition", "sklearn.linear_model", "sklearn.metrics", "sklearn.neighbors", "sklearn.pipeline",
    "sklearn.preprocessing", "statsmodels.api", "statsmodels.stats.multitest", "torch", "torchvision.models",
    "tqdm", "typer",
)  # fmt: skip
"""None of the project, and none that reads its settings as it is imported (WeasyPrint: where typefaces are)."""
CLIENT = """\
#!{python} -IS
import json, os, socket, sys
name, words = os.path.basename(sys.argv[0]), sys.argv[1:]
if name == "python" and words[:2] != ["-m", "transfer_report.stages"]:
    os.execv(sys.executable, [sys.executable, *words])
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    asked = json.dumps([name, words, os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [len(asked).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(asked)
    answer = b""
    while part := server.recv(16):
        answer += part
sys.exit(int(answer or b"1"))
"""


@cache
def clients() -> Path:
    """A folder of programs for the front of the path, whose server ends with this process."""
    folder = Path(tempfile.mkdtemp(prefix="warm-"))
    address = folder / "address"
    for name in ("dvc", "python", "transfer-report"):
        program = folder / name
        program.write_text(CLIENT.format(python=sys.executable, address=str(address)))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    server = subprocess.Popen([sys.executable, __file__, str(address)], stdin=subprocess.PIPE)
    atexit.register(server.communicate)
    while not address.exists():
        assert server.poll() is None, "the server of commands ended"
        time.sleep(0.02)
    return folder


def _serve(address: str) -> None:
    """Fork a process for each command, until standard input ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for library in LIBRARIES:
            import_module(library)
    gc.freeze()  # no fork looks through what they hold
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{address}-soon")
        listener.listen()
        Path(f"{address}-soon").rename(address)
        while listener in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                break
            connection.close()
        else:
            return
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _become(connection)


def _become(connection: socket.socket) -> None:
    """In the fork: be the command that is asked for, and say how it ended; the connection ends with the process."""
    head, streams, _, _ = socket.recv_fds(connection, 4, 3)
    with connection.makefile("rb") as words:
        name, arguments, folder, environment = json.loads(words.read(int.from_bytes(head, "big")))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:1] = [folder, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    code = 0
    try:
        _COMMANDS[name](arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if code and not isinstance(end.code, int):
            print(end.code, file=sys.stderr)
    except BaseException:
        connection.sendall(b"1")
        raise
    for written in (sys.stdout, sys.stderr):
        with suppress(OSError):
            written.flush()
    connection.sendall(str(code).encode())
    sys.exit(code)


def _python(arguments: list[str]) -> None:
    sys.argv = arguments[1:]
    runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)


def _dvc(arguments: list[str]) -> None:
    sys.argv = ["dvc", *arguments]
    sys.exit(import_module("dvc.cli").main(arguments))


def _transfer_report(arguments: list[str]) -> None:
    sys.argv = ["transfer-report", *arguments]
    import_module("transfer_report.commands.app").main()


_COMMANDS: dict[str, Callable[[list[str]], None]] = {
    "python": _python, "dvc": _dvc, "transfer-report": _transfer_report
}  # fmt: skip

if __name__ == "__main__":
    _serve(sys.argv[1])
