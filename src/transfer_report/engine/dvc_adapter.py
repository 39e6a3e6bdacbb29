"""The private parts of DVC that the engine needs: all of them are here, and its version is checked by a test.

A newer DVC may have moved or changed any of these. Needed instead: a public way to compute the key of a
stage in the run cache and the place of its entry; a public way to wait for its lock; a public way to get the command of
a stage as DVC would start it.
"""

from pathlib import Path
from typing import Any, NamedTuple

from dvc.repo import Repo
from dvc.stage.cache import _can_hash, _get_cache_hash, _get_stage_hash
from dvc.stage.run import _make_cmd, get_executable
from dvc.stage.serialize import to_single_stage_lockfile

DVC_VERSION = "3.67.1"
"""The version whose private parts these are."""

DvcStage = Any
"""A stage of DVC, which carries no types."""


class RunCacheKey(NamedTuple):
    """The address of an entry in the run cache."""

    key: str
    """Hash of the stage and its inputs."""
    value: str
    """Hash of the stage, its inputs and its outputs."""


def waiting_repository(folder: Path, **options: Any) -> Repo:
    """Open DVC's project in a folder; its locks wait for other processes instead of failing."""
    return Repo(str(folder), _wait_for_lock=True, **options)


def run_cache_key(stage: DvcStage) -> RunCacheKey | None:
    """Return where the run cache files a stage's present result; None for a stage that it does not take."""
    key = _get_stage_hash(stage) if _can_hash(stage) else None
    return None if key is None else RunCacheKey(key, _get_cache_hash(to_single_stage_lockfile(stage)))


def run_cache_path(repository: Repo, key: RunCacheKey) -> Path:
    """Return the file of an entry of the run cache."""
    return Path(repository.stage_cache._get_cache_path(key.key, key.value))


def shell_arguments(command: str) -> list[str]:
    """Return a command of a stage as DVC starts it: a shell and its arguments."""
    arguments: list[str] = _make_cmd(get_executable(), command)
    return arguments
