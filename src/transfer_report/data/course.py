"""Source `course`: the four arrays of the course, from a local folder or their public address."""

from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from transfer_report.data.download import fetch
from transfer_report.data.hashes import git_blob_id
from transfer_report.data.source import Entries, Entry, Source
from transfer_report.data.stacks import Stacks, check_images, open_npy
from transfer_report.errors import UserError
from transfer_report.records.base import Split

REPOSITORY = "TacoXDD/homeworks"
COMMIT = "12f6dbf9a113a328a78c8cca356f7a0ec63d55cd"
ADDRESS = f"https://raw.githubusercontent.com/{REPOSITORY}/{COMMIT}/dataset"
CLASSES = ("normal", "pneumonia")


class CourseFile(NamedTuple):
    """One of the four arrays."""

    name: str
    split: Split
    label: int
    blob: str
    """git's name of its contents in the course's repository."""


FILES = (
    CourseFile("train/normal.npy", "train", 0, "3441143ccc293a939b2661dd7265df93df9db2dc"),
    CourseFile("train/pneumonia.npy", "train", 1, "1a979a1fbb475c0b232d7c3b268d3f7b4562c47e"),
    CourseFile("test/test_normal.npy", "test", 0, "c36d547316eb3d1a1669c9d54e653f08980a86ca"),
    CourseFile("test/test_pneumonia.npy", "test", 1, "ea2ff47c2f68ad02c0b2adcc40d901a26c3f996f"),
)


def read_course(root: Path, download: bool, cache: Path) -> Source:
    """The course's arrays: of `root` where they are, else downloaded.

    Args:
        root: folder with `dataset/`, or that folder itself.
        download: whether a missing array may be fetched.
        cache: folder for what is fetched.

    Raises:
        UserError: an array is missing, broken, or of another shape or type than images have.
    """
    paths = [_locate(file, root, download, cache) for file in FILES]
    verified = all(git_blob_id(path) == file.blob for file, path in zip(FILES, paths, strict=True))
    arrays: list[NDArray[Any]] = []
    for path in paths:
        array = open_npy(path, str(path))
        check_images(array, str(path))
        arrays.append(array)
    entries = Entries(
        Entry(name := f"{file.name}[{row}]", file.label, name, file.split)
        for file, array in zip(FILES, arrays, strict=True)
        for row in range(len(array))
    )
    stacks = Stacks(arrays)
    notes: dict[str, str | float | int] = {"Address": f"https://github.com/{REPOSITORY}/tree/{COMMIT}/dataset"}
    return Source(CLASSES, entries, stacks.load, stacks.release, verified=verified, notes=notes if verified else {})


def _locate(file: CourseFile, root: Path, download: bool, cache: Path) -> Path:
    folder = root / "dataset" if (root / "dataset").is_dir() else root
    local = folder / file.name
    if local.exists():
        return local
    if download:
        target = cache / "course" / COMMIT / file.name
        return fetch(f"{ADDRESS}/{file.name}", target, lambda path: git_blob_id(path) == file.blob)
    raise UserError(
        f"{root / 'dataset' / file.name}: no such file; put it there ({ADDRESS}/{file.name}), "
        "or set data.download to true"
    )
