"""Whether DVC's cache and the results are still what was written: DVC itself trusts a cached file that is read-only."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

from transfer_report.errors import UserError

LOCK = Path("dvc.lock")


def md5(path: Path) -> str:
    """The sum by which DVC names a file's contents."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def objects_folder(cache: Path) -> Path:
    """Where DVC keeps files by the sum of their contents."""
    return cache / "files" / "md5"


def damaged_objects(cache: Path) -> Iterator[Path]:
    """Files of DVC's cache whose contents are not those that their names say."""
    for path in sorted(objects_folder(cache).glob("??/*")):
        if md5(path) != path.parent.name + path.name.removesuffix(".dir"):
            yield path


def changed_results(cache: Path, lock: Path = LOCK) -> Iterator[Path]:
    """Outputs in the workspace whose contents are not those that their stage wrote; missing ones are none.

    Raises:
        UserError: there is no record of a finished stage.
    """
    if not lock.is_file():
        raise UserError(f"{lock}: no such file; `dvc repro` writes it, in the root of the project")
    stages = YAML(typ="safe", pure=True).load(lock.read_text(encoding="utf-8"))["stages"]
    for stage in stages.values():
        for out in stage.get("outs", []):
            for path, expected in _files_of(Path(out["path"]), out["md5"], cache):
                if path.is_file() and md5(path) != expected:
                    yield path


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
