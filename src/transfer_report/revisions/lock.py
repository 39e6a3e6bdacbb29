"""What `dvc.lock` says of earlier runs."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from transfer_report.errors import UserError
from transfer_report.params import PARAMS_FILE
from transfer_report.storage import LOCK, md5
from transfer_report.yaml_files import read_yaml


class LockedFile(BaseModel):
    """A file or folder that a stage read, with its sum."""

    path: str
    md5: str = ""


class LockedOutput(LockedFile):
    """What a stage wrote: always with its sum, without which half of a record could not be told from a whole one."""

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

    def __init__(self, path: Path = LOCK) -> None:
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
        """Whether some stage has run on a file as it is now."""
        found = LockedFile(path=path.as_posix(), md5=md5(path))
        return any(found in stage.deps for stage in self._stages.values())

    @staticmethod
    def _sum(files: Sequence[LockedFile], path: str) -> str:
        return next((file.md5 for file in files if file.path == path), "")


def changed_inputs(files: Iterable[Path], path: Path = LOCK) -> list[Path] | None:
    """The files that no stage has run on as they are now, in their order; None where nothing has run yet.

    Args:
        files: dependencies of stages, as `dvc.yaml` names them.
        path: of the `dvc.lock` that DVC wrote after the last run.
    """
    if not path.is_file():
        return None
    lock = Lock(path)
    return [file for file in files if not lock.has_run_on(file)]
