"""How every stage runs: its arguments, its one-line errors, and the check that nothing moved under its feet."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import Any

import typer

from transfer_report.dvc_yaml import declared_stages
from transfer_report.errors import UserError
from transfer_report.faults import explain
from transfer_report.interruption import EXIT_CODE, farewell, interruptible
from transfer_report.layout import PARAMS_FILE
from transfer_report.loading import load_params
from transfer_report.log import set_up_log
from transfer_report.processes import only_process
from transfer_report.yaml_files import read_yaml


def run_stage(main: Callable[..., None]) -> None:
    """Run a stage's `main` with the command line's arguments; what goes wrong outside the code ends in one message.

    DVC files a result under the hashes that its inputs, and the settings that it declares, have after the run. If one
    changed during the run, DVC would cache the old result under the new hash; so the stage fails.
    """

    def guarded(*arguments: Any, **options: Any) -> None:
        with (
            _reported(),
            only_process("-".join([_stage_name(main), *map(str, (*arguments, *options.values()))]).replace("/", "-")),
        ):
            before = dict(_inputs(_stage_name(main)))
            main(*arguments, **options)
            changed = [name for name, seen in _inputs(_stage_name(main)) if before.pop(name, None) != seen]
            if changed or before:
                names = ", ".join(sorted([*changed, *before])[:3])
                raise UserError(
                    f"{names} changed while this stage ran, so its result belongs to neither state; run again"
                )

    set_up_log()
    guarded.__signature__ = signature(main)  # type: ignore[attr-defined]  # typer reads the arguments from it
    guarded.__doc__ = main.__doc__
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(guarded)
    app()


@contextmanager
def _reported() -> Iterator[None]:
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


def _inputs(stage: str) -> Iterator[tuple[str, object]]:
    """Yield the stage's dependencies: settings with values, source files with length and time of change."""
    declared = declared_stages()[stage]
    yield from _settings(declared.params)
    deps = list(declared.deps)
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
                yield str(path), (stat.st_size, stat.st_mtime_ns)


def _settings(declared: Sequence[str | dict[str, None]]) -> Iterator[tuple[str, object]]:
    """The settings that a stage declares, each by its place, or all where it declares the whole file."""
    tree = read_yaml(PARAMS_FILE) if declared else {}
    for place in declared:
        if not isinstance(place, str):
            yield f"{PARAMS_FILE}: its settings", tree
            continue
        value: object = tree
        for key in place.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        yield f"{PARAMS_FILE}: {place}", value
