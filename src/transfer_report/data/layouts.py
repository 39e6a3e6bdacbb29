"""Layouts of data sets in folders: the class and split of each folder of images."""

import os
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from transfer_report.data.positive_class import is_healthy
from transfer_report.data.reading import is_image
from transfer_report.errors import UserError, did_you_mean
from transfer_report.records.base import SPLITS, Split

_SPLIT_WORDS: dict[Split, str] = {
    "train": "train|training|trn",
    "val": "val|valid|validation|validate|dev|development",
    "test": "test|testing|tst|eval|evaluation|holdout",
}
_SPLIT_NAMES = {
    split: re.compile(rf"({words})[\W_]*(set|data|dataset|images|imgs|split)?", re.IGNORECASE)
    for split, words in _SPLIT_WORDS.items()
}
_IMAGE_FOLDER = re.compile(r"(.*[\W_])?(images?|imgs?|pictures?|pics?|photos?|scans?)", re.IGNORECASE)
_MASK_FOLDER = re.compile(r"(.*[\W_])?(masks?|segmentations?|segs?|annotations?|ground[\W_]?truths?|gt)", re.IGNORECASE)
_MASK_FILE = re.compile(r"[\W_](masks?|seg|segmentation|ground[\W_]?truth|gt)([\W_]?\d+)?$", re.IGNORECASE)
PATIENT_FOLDER = re.compile(r"(patients?|pat|person|subject|subj|sub|case|pid)[\s_-]*\d+", re.IGNORECASE)
"""Names of folders that are usual for patients."""
_OF_A_PATIENT = re.compile(rf"{PATIENT_FOLDER.pattern}([\W_].*)?", re.IGNORECASE)
_PART_OF_IMAGES = re.compile(rf"{_IMAGE_FOLDER.pattern}[\W_]*(part|batch)?[\W_]*\d+", re.IGNORECASE)
"""Names of folders that images were put into for their number alone, such as images_001."""
_OF_DVC = re.compile(r"/files/md5/[0-9a-f]{2}/[0-9a-f]{30}$")
"""Where DVC's cache keeps a file, which `cache.type symlink` links to."""
_NO_DATA = ("__MACOSX",)


class ClassFolder(NamedTuple):
    """The images of one class, in one split where there are splits."""

    split: Split | None
    label: str
    path: Path


@dataclass
class FolderLayout:
    """Where the images of a data set lie, and what had to be assumed to find them."""

    root: Path
    folders: list[ClassFolder] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    """Files that lie where no images are read, or are none."""
    masks: list[str] = field(default_factory=list)
    """Masks of images, which are left out: folders and files."""
    assumed: dict[str, list[str]] = field(default_factory=dict)
    """By the name of a check: what was assumed."""

    def assume(self, check: str, example: str) -> None:
        """Note an assumption."""
        self.assumed.setdefault(check, []).append(example)

    def name(self, path: Path) -> str:
        """Return a path relative to the root."""
        return path.relative_to(self.root).as_posix()


def split_of(name: str) -> Split | None:
    """Return the split that a folder or a cell of a table names in any usual way, such as Training."""
    return next((split for split, pattern in _SPLIT_NAMES.items() if pattern.fullmatch(name.strip())), None)


def natural_order(name: str) -> list[str | int]:
    """Return a sort key by which class2 stands before class10."""
    return [int(part) if number % 2 else part for number, part in enumerate(re.split(r"([0-9]+)", name))]


def masks_among(names: Iterable[str]) -> set[str]:
    """Return the file names that are masks of others: `a_mask.png` and `a_mask_1.png` where `a.png` is there, too."""
    stems = {Path(name).stem: name for name in names}
    return {
        name for stem, name in stems.items() if (found := _MASK_FILE.search(stem)) and stem[: found.start()] in stems
    }


def is_mask_folder(name: str) -> bool:
    """Return whether a folder inside a class holds masks by its name."""
    return bool(_MASK_FOLDER.fullmatch(name))


def find_layout(root: Path) -> FolderLayout:
    """Find `train/<class>/…`, `<class>/train/…` or `<class>/…`, at the root or inside its only folder.

    Raises:
        UserError: it is none of these, or could be two.
    """
    layout = FolderLayout(root)
    base, folders = _descend(root, layout)
    if base != root:
        layout.assume("found_deeper", layout.name(base))
    if any(split_of(folder.name) in ("train", "test") for folder in folders):
        found = _split_folders(base, folders, layout)
    else:
        _refuse_several_sets(root, folders, layout)
        found = _class_folders(folders, layout)
    _refuse_no_classes(root, sorted({folder.label for folder in found}))
    layout.folders = _with_labels(root, found, layout)
    return layout


def _refuse_no_classes(root: Path, names: Sequence[str]) -> None:
    """Refuse folders whose names say that they are no classes."""
    for pattern, what in ((_OF_A_PATIENT, "patients"), (_PART_OF_IMAGES, "parts of one set")):
        if len(names) > 1 and all(map(pattern.fullmatch, names)):
            raise UserError(
                f"{root}: its folders are named like {what} ({names[0]}, {names[1]}), not like classes; put them below "
                "a folder for each class, or list images and labels in a table (data.source: table)"
            )


def visible(folder: Path, root: Path) -> list[os.DirEntry[str]]:
    """Return what is in a folder, by name; hidden things left out.

    Raises:
        UserError: a link leads outside.
    """
    with os.scandir(folder) as found:  # whose entries know what they are, where a Path would ask the system again
        entries = [entry for entry in found if not entry.name.startswith(".") and entry.name not in _NO_DATA]
    for entry in entries:
        if entry.is_symlink():
            refuse_stray_link(Path(entry.path), root)
    return sorted(entries, key=lambda entry: entry.name)


def children(folder: Path, layout: FolderLayout) -> tuple[list[Path], list[Path]]:
    """Return folders and files in a folder, as `visible` finds them."""
    entries = visible(folder, layout.root)
    return (
        [Path(entry.path) for entry in entries if entry.is_dir()],
        [Path(entry.path) for entry in entries if not entry.is_dir()],
    )


def refuse_stray_link(path: Path, root: Path) -> None:
    """Refuse links, except to an image of the data set or, where DVC's cache is linked, to a file of that cache.

    Other linked things would be read twice, or not be versioned.
    """
    if path.is_symlink():
        target = path.resolve()
        inside = target.is_relative_to(root.resolve()) or _OF_DVC.search(target.as_posix())
        if not target.is_file() or not inside:
            raise UserError(f"{path}: a link to a folder, to nothing or out of {root}; put the files themselves there")


def _descend(root: Path, layout: FolderLayout) -> tuple[Path, list[Path]]:
    """The folder whose folders are classes or splits: the root, or the only one in it, and so on."""
    base = root
    while True:
        folders, files = children(base, layout)
        layout.unused += [layout.name(file) for file in files if not file.name.lower().startswith("readme")]
        folders = _without_masks(folders, layout)
        if not folders:
            raise UserError(_no_folders(root, files))
        below = _folders(folders[0], layout) if len(folders) == 1 and not split_of(folders[0].name) else []
        if not below or any(PATIENT_FOLDER.fullmatch(folder.name) for folder in below):
            return base, folders
        base = folders[0]


def _no_folders(root: Path, files: Sequence[Path]) -> str:
    tables = [file.name for file in files if file.suffix.lower() in (".csv", ".tsv", ".parquet")]
    if tables:
        return f"{root}: has no folders, but {tables[0]}; if it lists images and labels, set data.source to table"
    return (
        f"{root}: has no folders; expected one per class, or train/<class>/… and test/<class>/…; "
        "data.path in params.yaml says where they are"
    )


def _folders(folder: Path, layout: FolderLayout) -> list[Path]:
    return children(folder, layout)[0]


def _without_masks(folders: list[Path], layout: FolderLayout) -> list[Path]:
    """Folders without those of masks next to one of images."""
    if not any(_IMAGE_FOLDER.fullmatch(folder.name) for folder in folders):
        return folders
    masks = [folder for folder in folders if _MASK_FOLDER.fullmatch(folder.name)]
    layout.masks += map(layout.name, masks)
    return [folder for folder in folders if folder not in masks]


def _split_folders(base: Path, folders: list[Path], layout: FolderLayout) -> list[ClassFolder]:
    """Class folders below folders of splits."""
    splits: dict[Split, Path] = {}
    for folder in folders:
        split = split_of(folder.name)
        if split is None:
            hint = did_you_mean(folder.name, SPLITS)
            raise UserError(f"{folder}: only train, val and test are read; {hint} Rename or move it")
        if split in splits:
            raise UserError(f"{base}: {splits[split].name} and {folder.name} both name the {split} split; rename one")
        splits[split] = folder
        if folder.name != split:
            layout.assume("split_folders", f"{folder.name} = {split}")
    _refuse_missing(base, splits)
    found = []
    for split in (split for split in SPLITS if split in splits):
        below, files = children(splits[split], layout)
        below = _without_masks(below, layout)
        if len(below) == 1 and _IMAGE_FOLDER.fullmatch(below[0].name):
            layout.assume("found_deeper", layout.name(below[0]))
            below, deeper = children(below[0], layout)
            files += deeper
        layout.unused += map(layout.name, files)
        found += [ClassFolder(split, folder.name, folder) for folder in below]
    if not found:
        raise UserError(f"{base}: train and test have no folders; expected one per class in each")
    return found


def _refuse_missing(base: Path, splits: Mapping[Split, Path]) -> None:
    if "train" not in splits:
        raise UserError(f"{base}: has no folder train; expected train/<class>/… and test/<class>/…")
    if "test" not in splits:
        help_ = (
            f"rename {splits['val'].name} to test (validation is then cut from training)"
            if "val" in splits
            else f"set data.path to {splits['train']} to have a test split cut from it"
        )
        raise UserError(f"{base}: has no folder test; expected train/<class>/… and test/<class>/…, or {help_}")


def _class_folders(folders: list[Path], layout: FolderLayout) -> list[ClassFolder]:
    """Class folders without splits above them, perhaps with splits in each."""
    below = {folder: _folders(folder, layout) for folder in folders}
    if not all(subfolders and all(split_of(each.name) for each in subfolders) for subfolders in below.values()):
        return [ClassFolder(None, folder.name, folder) for folder in folders]
    for folder, subfolders in below.items():
        _refuse_missing(folder, {split_of(each.name) or "train": each for each in subfolders})
    layout.assume("split_folders", f"{layout.name(below[folders[0]][0])}, … inside the classes")
    return [
        ClassFolder(split_of(each.name), folder.name, each)
        for split in SPLITS
        for folder, subfolders in below.items()
        for each in subfolders
        if split_of(each.name) == split
    ]


def _refuse_several_sets(root: Path, folders: list[Path], layout: FolderLayout) -> None:
    """Refuse data sets side by side, which would be read as classes."""
    below = {folder: _folders(folder, layout) for folder in folders}
    sets = [
        folder
        for folder, subfolders in below.items()
        if any(split_of(each.name) in ("train", "test") and not _has_images(each, layout) for each in subfolders)
    ]
    names = [frozenset(_plain(each.name) for each in subfolders) for subfolders in below.values()]
    if len(folders) > 1 and len(set(names)) == 1 and len(names[0]) > 1 and any(map(is_healthy, names[0])):
        sets = folders
    if sets:
        listed = " and ".join(folder.name for folder in (sets if len(sets) > 1 else folders)[:3])
        example = layout.name(below[sets[0]][0])
        raise UserError(
            f"{root}: {listed} look like data sets of their own, side by side ({example}); set data.path to one of "
            "them, or put them together by hand"
        )


def _has_images(folder: Path, layout: FolderLayout) -> bool:
    return any(is_image(str(file)) for file in children(folder, layout)[1])


def _with_labels(root: Path, folders: Sequence[ClassFolder], layout: FolderLayout) -> list[ClassFolder]:
    """The class folders, one name for each class whatever the case, white space or Unicode form of its folders."""
    labels: dict[str, str] = {}
    seen: dict[tuple[Split | None, str], ClassFolder] = {}
    named = []
    for folder in folders:
        key = _plain(folder.label)
        if other := seen.get((folder.split, key)):
            refuse_lookalikes((other.label, folder.label), str(root))
        seen[folder.split, key] = folder
        label = labels.setdefault(key, unicodedata.normalize("NFC", folder.label).strip())
        if folder.split != "train" and (train := seen.get(("train", key))) and train.label != folder.label:
            example = f"{layout.name(folder.path)} = {label} ({_difference(train.label, folder.label)})"
            layout.assume("class_names_joined", example)
        named.append(folder._replace(label=label))
    for split in {folder.split for folder in folders}:
        for key, label in labels.items():
            if (split, key) not in seen:
                there = [labels[own] for own_split, own in seen if own_split == split]
                raise UserError(
                    f"{root}: the class {label!r} has no folder in the {split} split, which has {', '.join(there)}; "
                    f"{did_you_mean(label, there)} Classes need the same name in every split"
                )
    return named


def refuse_lookalikes(names: Iterable[str], where: str) -> None:
    """Refuse names of classes that differ in case, white space or Unicode form alone.

    Raises:
        UserError: naming two of them.
    """
    seen: dict[str, str] = {}
    for name in names:
        if (other := seen.setdefault(_plain(name), name)) != name:
            raise UserError(
                f"{where}: the classes {other!r} and {name!r} differ in {_difference(other, name)} alone; put them "
                "under one name, or give one another"
            )


def _plain(name: str) -> str:
    """A name without what people do not see or mean: case, white space, Unicode form."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _difference(one: str, other: str) -> str:
    """In what two names that are alike differ."""
    if unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other):
        return "Unicode form"
    if one.split() == other.split():
        return "white space"
    return "case" if one.casefold() == other.casefold() else "case, white space or Unicode form"
