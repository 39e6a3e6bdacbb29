"""Check of DVC's records, its cache and the results for damage.

DVC itself trusts a cached file that is read-only, and writes its records in place: killed then, it leaves half of one.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import JsonValue, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from transfer_report.errors import UserError
from transfer_report.files import md5_of_file
from transfer_report.layout import HERE
from transfer_report.revisions.lock import LockFile

AT_WORK = Path(".dvc/tmp/rwlock")
"""DVC's record of the files that its processes use."""


_AT_WORK = TypeAdapter(dict[Literal["read", "write"], dict[str, JsonValue]])


def objects_folder(cache: Path) -> Path:
    """Where DVC keeps files by the sum of their contents."""
    return cache / "files" / "md5"


def damaged_objects(cache: Path) -> Iterator[Path]:
    """Files of DVC's cache whose contents are not those that their names say."""
    for path in sorted(objects_folder(cache).glob("??/*")):
        if md5_of_file(path) != path.parent.name + path.name.removesuffix(".dir"):
            yield path


def damaged_records(lock: Path = HERE.lock, at_work: Path = AT_WORK) -> Iterator[Path]:
    """Records of DVC that cannot be read. Without them it takes results from its cache and assumes no other process."""
    for path, read in ((lock, _read), (at_work, lambda path: _AT_WORK.validate_json(path.read_bytes()))):
        try:
            read(path)
        except FileNotFoundError:
            continue
        except (YAMLError, UnicodeDecodeError, ValidationError):
            yield path


def changed_results(cache: Path, lock: Path = HERE.lock) -> Iterator[Path]:
    """Outputs in the workspace whose contents are not those that their stage wrote; missing ones are none.

    Raises:
        UserError: there is no record of a finished stage, or it names a file outside of the project.
    """
    return (path for path, expected in _results(cache, lock) if path.is_file() and md5_of_file(path) != expected)


def missing_results(cache: Path, lock: Path = HERE.lock) -> Iterator[Path]:
    """Outputs that their stage wrote and that are not in the workspace.

    Raises:
        UserError: as for `changed_results`.
    """
    return (path for path, _ in _results(cache, lock) if not path.exists())


def _results(cache: Path, lock: Path) -> Iterator[tuple[Path, str]]:
    """Each file of each output, or an output that is missing as a whole, with the sum that it should have."""
    try:
        stages = _read(lock).stages
    except FileNotFoundError:
        raise UserError(f"{lock}: no such file; `dvc repro` writes it, in the root of the project") from None
    for stage in stages.values():
        for out in stage.outs:
            output = Path(out.path)
            files = _files_of(output, out.md5, cache) if output.exists() else [(output, out.md5)]
            for path, expected in files:
                if path.is_absolute() or ".." in path.parts:
                    raise UserError(f"{lock}: names {path}, outside of the project; `dvc repro` writes no such thing")
                yield path, expected


def _read(lock: Path) -> LockFile:
    return LockFile.model_validate(YAML(typ="safe", pure=True).load(lock.read_text(encoding="utf-8")))


def _files_of(path: Path, name: str, cache: Path) -> Iterator[tuple[Path, str]]:
    """Each file of an output, with the sum that it should have."""
    if not name.endswith(".dir"):
        yield path, name
        return
    listing = objects_folder(cache) / name[:2] / name[2:]
    try:
        entries = json.loads(listing.read_bytes())
    except (FileNotFoundError, ValueError):  # a damaged listing is found among the objects
        return
    for entry in entries:
        yield path / entry["relpath"], entry["md5"]
