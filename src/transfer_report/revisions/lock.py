"""Earlier runs by `dvc.lock`."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from transfer_report.errors import UserError, first_few
from transfer_report.files import md5_of_file
from transfer_report.layout import HERE, PARAMS_FILE
from transfer_report.yaml_files import read_yaml

NAMED = 12
"""Conditions that are named, before the rest is counted."""


class LockedFile(BaseModel):
    """A file or folder that a stage read, with its sum."""

    path: str
    md5: str = ""


class LockedOutput(LockedFile):
    """Output of a stage, always with its hash: half a record could otherwise pass for a whole one."""

    md5: str


class LockedStage(BaseModel):
    """How a stage ran."""

    cmd: str | list[str]
    deps: list[LockedFile] = []
    params: dict[str, dict[str, Any]] = {}
    outs: list[LockedOutput] = []


class LockFile(BaseModel):
    """The file as DVC writes it."""

    version: str = Field(alias="schema")
    stages: dict[str, LockedStage] = {}


class Lock:
    """A `dvc.lock`: which stages ran, on what.

    Raises:
        UserError: the file is missing, no YAML or half-written; after a merge, git's marks may stand in it.
    """

    def __init__(self, path: Path = HERE.lock) -> None:
        tree = read_yaml(path, largest=None)
        try:
            self._stages = LockFile.model_validate(tree).stages
        except ValidationError:
            raise UserError(
                f"{path}: is not what DVC writes, such as half of it; `transfer-report verify --remove` removes a "
                "damaged one, and `dvc repro` then takes results from its cache"
            ) from None

    def settings(self, stage: str) -> dict[str, Any]:
        """The settings of params.yaml that a stage ran with; empty where it never ran."""
        return self._stages[stage].params.get(str(PARAMS_FILE), {}) if stage in self._stages else {}

    def dependency(self, stage: str, path: str) -> str:
        """DVC's hash of what a stage read at a path; empty where it did not read there."""
        return self._sum(self._stages[stage].deps if stage in self._stages else [], path)

    def output(self, stage: str, path: str) -> str:
        """DVC's hash of what a stage wrote at a path; empty where it wrote nothing there."""
        return self._sum(self._stages[stage].outs if stage in self._stages else [], path)

    def has_run_on(self, path: Path) -> bool:
        """Return whether some stage has run on a file as it is now."""
        found = LockedFile(path=path.as_posix(), md5=md5_of_file(path))
        return any(found in stage.deps for stage in self._stages.values())

    @staticmethod
    def _sum(files: Sequence[LockedFile], path: str) -> str:
        return next((file.md5 for file in files if file.path == path), "")


def changed_inputs(files: Iterable[Path], path: Path = HERE.lock) -> list[Path] | None:
    """The files that no stage has run on as they are now, in their order; None where nothing has run yet.

    Args:
        files: dependencies of stages, as `dvc.yaml` names them.
        path: of the `dvc.lock` that DVC wrote after the last run.
    """
    if not path.is_file():
        return None
    lock = Lock(path)
    return [file for file in files if not lock.has_run_on(file)]


def edit_summary(conditions: Mapping[Path, str], path: Path = HERE.lock) -> str:
    """Return what an edit of the settings comes to: the conditions whose settings differ from those that last ran.

    Args:
        conditions: the name of each by its resolved file.
        path: of the `dvc.lock` that DVC wrote after the last run.
    """
    changed = changed_inputs(conditions, path)
    if changed is None:
        return f"{len(conditions)} conditions"
    if not changed:
        return "this edit changes the settings of no condition"
    names = [conditions[file] for file in changed]
    return f"{len(names)} of {len(conditions)} conditions have new settings: {first_few(names, NAMED)}"
