"""What `dvc.lock` says of earlier runs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from transfer_report.params import PARAMS_FILE
from transfer_report.storage import LOCK, md5
from transfer_report.yaml_files import read_yaml


class Lock:
    """A `dvc.lock`: which stages ran, on what.

    Raises:
        UserError: the file is missing or no YAML; after a merge, git's marks may stand in it.
    """

    def __init__(self, path: Path = LOCK) -> None:
        self._stages: dict[str, dict[str, Any]] = read_yaml(path).get("stages") or {}

    def settings(self, stage: str) -> dict[str, Any]:
        """The settings of params.yaml that a stage ran with; empty where it never ran."""
        settings: dict[str, Any] = self._stages.get(stage, {}).get("params", {}).get(str(PARAMS_FILE), {})
        return settings

    def dependency(self, stage: str, path: str) -> str:
        """DVC's hash of what a stage read at a path; empty where it did not read there."""
        return dict(self._files(stage, "deps")).get(path, "")

    def output(self, stage: str, path: str) -> str:
        """DVC's hash of what a stage wrote at a path; empty where it wrote nothing there."""
        return dict(self._files(stage, "outs")).get(path, "")

    def has_run_on(self, path: Path) -> bool:
        """Whether some stage has run on a file as it is now."""
        found = (path.as_posix(), md5(path))
        return any(found in self._files(stage, "deps") for stage in self._stages)

    def _files(self, stage: str, kind: str) -> list[tuple[str, str]]:
        return [(file["path"], file.get("md5", "")) for file in self._stages.get(stage, {}).get(kind, [])]


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
