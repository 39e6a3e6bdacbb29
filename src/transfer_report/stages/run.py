"""How every stage runs: its arguments, its one-line errors, and the check that nothing moved under its feet."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import Any

import typer
from ruamel.yaml import YAML

from transfer_report import storage
from transfer_report.errors import UserError
from transfer_report.faults import explain
from transfer_report.interruption import EXIT_CODE, farewell, interruptible
from transfer_report.params import load_params

PIPELINE_FILE = Path("dvc.yaml")


def run_stage(main: Callable[..., None]) -> None:
    """Run a stage's `main` with the command line's arguments; what goes wrong outside the code ends in one message.

    DVC files a result under the hashes that its inputs have after the run. Inputs edited in the meantime would put
    an old result under a new name, so a stage whose inputs changed while it ran fails.
    """

    def guarded(*arguments: Any, **options: Any) -> None:
        with _told(), storage.only_process("-".join([_stage_name(main), *map(str, (*arguments, *options.values()))])):
            before = dict(_fingerprints(_stage_name(main)))
            main(*arguments, **options)
            changed = [path for path, seen in _fingerprints(_stage_name(main)) if before.pop(path, None) != seen]
            if changed or before:
                names = ", ".join(map(str, sorted([*changed, *before])[:3]))
                raise UserError(
                    f"{names} changed while this stage ran, so its result belongs to neither state; run again"
                )

    guarded.__signature__ = signature(main)  # type: ignore[attr-defined]  # typer reads the arguments from it
    guarded.__doc__ = main.__doc__
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(guarded)
    app()


@contextmanager
def _told() -> Iterator[None]:
    """A mistake, a fault or an interruption ends in one message and an exit code."""
    try:
        with interruptible():
            yield
    except UserError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt as stop:
        sys.stderr.write(f"\n{farewell(str(stop))}\n")
        sys.exit(EXIT_CODE)
    except Exception as error:
        message = explain(error)
        if message is None:
            raise
        sys.exit(f"error: {message}")


def _stage_name(main: Callable[..., None]) -> str:
    module = sys.modules[main.__module__]
    return Path(str(module.__file__)).stem


def _fingerprints(stage: str) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Each source file that the stage depends on, with its length and time of change."""
    entry = YAML(typ="safe", pure=True).load(PIPELINE_FILE.read_text(encoding="utf-8"))["stages"][stage]
    deps: list[str] = entry.get("do", entry).get("deps", [])
    if any(dep.startswith("${") for dep in deps):
        params = load_params()
        paths = {"${data.path}": params.data.path, "${weights.path}": params.weights.path}
        deps = [paths.get(dep, dep) for dep in deps]
    for dep in deps:
        root = Path(dep)
        # Results change through DVC alone, which holds a lock while a stage runs.
        if root.parts[0] == "results" or "$" in dep:
            continue
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and "__pycache__" not in path.parts:
                stat = path.stat()
                yield path, (stat.st_size, stat.st_mtime_ns)
