"""Source `medmnist`: one `.npz` of the MedMNIST collection, any of its 2-D sets and sizes."""

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from transfer_report.data.download import fetch
from transfer_report.data.medmnist_catalogue import RECORD, SETS, PublishedSet
from transfer_report.data.source import Entries, Entry, Source
from transfer_report.data.stacks import Stacks, check_images, open_npy
from transfer_report.errors import UserError, did_you_mean
from transfer_report.faults import explain
from transfer_report.files import md5_of_file
from transfer_report.records.base import SPLITS, Split

# Beyond both, a member of an archive is no set of images: those shrink to a half or a tenth.
BOMB_BYTES = 1 << 28
BOMB_RATIO = 100


class PublishedFile(NamedTuple):
    """A file of the collection."""

    name: str
    published: PublishedSet
    side_px: int

    def is_published(self, path: Path) -> bool:
        """Return whether the contents are the published ones."""
        return md5_of_file(path) == self.published.md5[self.side_px]


PUBLISHED_FILES = {
    (name := f"{key}.npz" if side_px == 28 else f"{key}_{side_px}.npz"): PublishedFile(name, published, side_px)
    for key, published in SETS.items()
    for side_px in published.md5
}


class SplitArrays(NamedTuple):
    """One split of the file."""

    split: Split
    images: NDArray[Any]
    labels: NDArray[Any]


def read_medmnist(path: Path, name: str, download: bool, cache: Path) -> Source:
    """A set of MedMNIST.

    Args:
        path: the `.npz` file, or a folder.
        name: of the set, `pneumoniamnist` or `pneumoniamnist_64`; used where `path` is a folder.
        download: whether a missing file of the collection may be fetched.
        cache: folder for what is fetched and unpacked.

    Raises:
        UserError: the file is missing or broken, or its arrays are no 2-D images with one label each.
    """
    file = _locate(path, name, download, cache)
    known = PUBLISHED_FILES.get(file.name)
    splits = _read_splits(file, cache)
    numbers = np.unique(np.concatenate([arrays.labels for arrays in splits]))
    classes = known.published.classes if known else tuple(map(str, numbers))
    if known and not np.isin(numbers, range(len(classes))).all():
        raise UserError(
            f"{file}: labels are {', '.join(map(str, numbers))}, but {known.name} has {len(classes)} classes"
        )
    positions = np.arange(len(classes)) if known else numbers
    entries = Entries(
        Entry(image := f"{arrays.split}[{row}]", int(label), image, arrays.split)
        for arrays in splits
        for row, label in enumerate(np.searchsorted(positions, arrays.labels))
    )
    stacks = Stacks([arrays.images for arrays in splits])
    verified = known.is_published(file) if known else None
    return Source(
        classes,
        entries,
        stacks.load,
        stacks.release,
        verified=verified,
        notes=_notes(known) if known and verified else {},
    )


def _notes(known: PublishedFile) -> dict[str, str | float | int]:
    return {"Address": f"{RECORD}/files/{known.name}", "Licence": known.published.licence}


def _locate(path: Path, name: str, download: bool, cache: Path) -> Path:
    if path.is_file():
        return path
    file = path / f"{name}.npz"
    if file.is_file():
        return file
    known = PUBLISHED_FILES.get(file.name)
    if known is None:
        hint = did_you_mean(name, [Path(file_name).stem for file_name in PUBLISHED_FILES])
        raise UserError(f"{file}: no such file, and data.medmnist: {name!r} is no 2-D set of the collection; {hint}")
    url = f"{RECORD}/files/{known.name}"
    if not download:
        raise UserError(f"{file}: no such file; put it there ({url}), or set data.download to true")
    return fetch(f"{url}?download=1", cache / "medmnist" / known.name, known.is_published)


def _read_splits(file: Path, cache: Path) -> list[SplitArrays]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = {name.removesuffix(".npy") for name in archive.namelist()}
            present = [split for split in SPLITS if f"{split}_images" in members]
            _refuse_missing(file, members, present)
            return [_read_split(archive, file, split, cache) for split in present]
    except UserError:
        raise
    except Exception as error:  # what a damaged archive brings its decompressors to is not foreseeable
        if explain(error):
            raise
        raise UserError(f"{file}: not a readable .npz file ({error}); replace it") from None


def _refuse_missing(file: Path, members: set[str], present: Sequence[Split]) -> None:
    needed = ["train_images", "test_images", *(f"{split}_labels" for split in present)]
    for name in needed:
        if name not in members:
            found = ", ".join(sorted(members)) or "nothing"
            raise UserError(f"{file}: has no array {name}; a file of MedMNIST is expected (found: {found})")


def _read_split(archive: zipfile.ZipFile, file: Path, split: Split, cache: Path) -> SplitArrays:
    images = _open_member(archive, file, f"{split}_images", cache)
    check_images(images, f"{file}: {split}_images")
    labels = _open_member(archive, file, f"{split}_labels", cache)
    name = f"{file}: {split}_labels"
    if labels.dtype.kind not in "iu":
        raise UserError(f"{name}: labels are whole numbers, not {labels.dtype}")
    if labels.shape not in ((len(images),), (len(images), 1)):
        raise UserError(f"{name}: has the shape {labels.shape}; expected one label for each of {len(images)} images")
    return SplitArrays(split, images, np.array(labels).reshape(-1))


def _open_member(archive: zipfile.ZipFile, file: Path, name: str, cache: Path) -> NDArray[Any]:
    """An array of the archive, unpacked to disk and memory-mapped: the larger sets exceed many a machine's memory."""
    cache.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=cache, suffix=".npy") as unpacked:
        _refuse_bomb(archive.getinfo(f"{name}.npy"), f"{file}: {name}")
        with archive.open(f"{name}.npy") as member:
            shutil.copyfileobj(member, unpacked)
        unpacked.flush()
        # The mapping outlives the file's name.
        return open_npy(Path(unpacked.name), f"{file}: {name}")


def _refuse_bomb(member: zipfile.ZipInfo, name: str) -> None:
    """Refuse what unpacks to far more than images do; zipfile itself unpacks no more than is announced."""
    if member.file_size > BOMB_BYTES and member.file_size > BOMB_RATIO * member.compress_size:
        raise UserError(
            f"{name}: unpacks from {member.compress_size:,} to {member.file_size:,} bytes, as no images do; replace it"
        )
