"""Source `folder`: image files in one folder per class, with or without a folder per split above them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import regex

from transfer_report.data.image_file import image_suffixes, read_image
from transfer_report.data.source import Entries, Entry, Pixels, Source
from transfer_report.errors import UserError, did_you_mean
from transfer_report.records import SPLITS, Split

PATTERN_PATIENCE_S = 5.0
"""Some patterns would be tried on a name for ever; any sensible one is done in microseconds."""


class ClassFolder(NamedTuple):
    """The images of one class, in one split where there are splits."""

    split: Split | None
    label: str
    path: Path


def read_folder(root: Path, group_pattern: str) -> Source:
    """Image files under `root`: `train/<class>/…`, `test/<class>/…` and optionally `val/<class>/…`, or `<class>/…`.

    Args:
        root: the folder.
        group_pattern: regular expression whose group, found in a file name, is the patient; empty: none is known.

    Raises:
        UserError: the layout is another one, a class is empty, a link leads outside, or no name matches the pattern.
    """
    if not root.is_dir():
        raise UserError(f"{root}: no such folder; set data.path to the folder of the images")
    folders, unused = _class_folders(root)
    classes = sorted({folder.label for folder in folders})
    entries = Entries(
        Entry(name, classes.index(folder.label), group_of(name, group_pattern), folder.split)
        for folder in folders
        for name in _images_of_class(folder.path, root, unused)
    )
    if group_pattern and all(entry.group == entry.id for entry in entries):
        example = Path(entries[0].id).name
        raise UserError(f"data.group_pattern: {group_pattern!r} matches no file name, such as {example}")

    def load(index: int) -> Pixels:
        return read_image(f"{root}/{entries.ids[index]}")

    return Source(classes, entries, load, unused_files=unused, notes={"folder": root.resolve().name})


def group_of(image: str, pattern: str) -> str:
    """The patient that a file name tells, by the first group of the pattern that takes part; else the image itself.

    Raises:
        UserError: the pattern comes to no end.
    """
    name = image.rpartition("/")[2]
    try:
        match = regex.search(pattern, name, timeout=PATTERN_PATIENCE_S) if pattern else None
    except TimeoutError as error:
        raise UserError(
            f"data.group_pattern: {pattern!r} takes too long on {name}; "
            "repetitions within repetitions, as in (a+)+, are tried in too many ways: write it without"
        ) from error
    return next(filter(None, match.groups()), image) if match else image


def _class_folders(root: Path) -> tuple[list[ClassFolder], list[str]]:
    """The class folders in the order of the splits and of their names, and files that lie where none are read."""
    folders, unused = _children(root, root)
    unused = [name for name in unused if not name.lower().startswith("readme")]
    names = [folder.name for folder in folders]
    if not names:
        raise UserError(
            f"{root}: has no folders; expected one per class, or train/<class>/… and test/<class>/…; "
            "data.path in params.yaml says where they are"
        )
    if not {"train", "test"} & set(names):
        return [ClassFolder(None, folder.name, folder) for folder in folders], unused
    for missing in {"train", "test"} - set(names):
        raise UserError(f"{root}: has no folder {missing}; expected train/<class>/… and test/<class>/…")
    for name in names:
        if name not in SPLITS:
            hint = did_you_mean(name, SPLITS)
            raise UserError(f"{root / name}: beside train and test, only val is read; {hint} Rename or move it")
    classes: list[ClassFolder] = []
    for split in SPLITS:
        below, files = _children(root / split, root) if split in names else ([], [])
        classes += [ClassFolder(split, folder.name, folder) for folder in below]
        unused += files
    if not classes:
        raise UserError(f"{root}: train and test have no folders; expected one per class in each")
    return classes, unused


def _children(folder: Path, root: Path) -> tuple[list[Path], list[str]]:
    """Folders, and the names of the files, in a folder; hidden ones left out."""
    children = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    for path in children:
        _refuse_stray_link(path, root)
    return (
        [path for path in children if path.is_dir()],
        [path.relative_to(root).as_posix() for path in children if not path.is_dir()],
    )


def _images_of_class(folder: Path, root: Path, unused: list[str]) -> Iterator[str]:
    """Ids of the images under a class folder, one by one; files of other kinds are added to the unused ones."""
    suffixes, before, empty = tuple(image_suffixes()), len(unused), True
    for name in _files(folder, root):
        if name.lower().endswith(suffixes):
            empty = False
            yield name
        else:
            unused.append(name)
    if empty:
        found = f", only other files such as {Path(unused[before]).name}" if unused[before:] else ""
        raise UserError(
            f"{folder}: the class is empty{found}; put its images there (JPEG, PNG, TIFF, …), or remove the folder"
        )


def _files(folder: Path, root: Path) -> Iterator[str]:
    """Names of all files below a folder, relative to the root; hidden ones left out."""
    below = folder.relative_to(root).as_posix()
    with os.scandir(folder) as found:  # whose children know what they are, where a Path would ask the system again
        children = sorted((child for child in found if not child.name.startswith(".")), key=lambda child: child.name)
    for child in children:
        if child.is_symlink():
            _refuse_stray_link(Path(child.path), root)
        if child.is_dir():
            yield from _files(Path(child.path), root)
        elif child.is_file():
            yield f"{below}/{child.name}"


def _refuse_stray_link(path: Path, root: Path) -> None:
    """A link may name an image of the data set; other linked things would be read twice, or not be versioned."""
    if path.is_symlink():
        target = path.resolve()
        if not target.is_file() or not target.is_relative_to(root.resolve()):
            raise UserError(f"{path}: a link to a folder, to nothing or out of {root}; put the files themselves there")
