"""Images from elsewhere, read as the study's own are, under the names of its classes."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from transfer_report.data.decoding import decode_images
from transfer_report.data.pseudonyms import pseudonym
from transfer_report.data.source import Source
from transfer_report.data.sources import open_source
from transfer_report.errors import UserError, did_you_mean
from transfer_report.files import release
from transfer_report.settings import DataSettings, ExternalSettings

_DROPPED = -1
_BLOCK = 512
"""Images that are read between two returns of memory."""


@dataclass(frozen=True)
class ExternalImages:
    """Images of an external set, with what they are held against."""

    pixels: NDArray[np.uint8]
    """(images, side, side, channels of the study)."""
    labels: list[int]
    """Index of the study's class."""
    patients: list[str]
    left_out: dict[str, int]
    assumed: Mapping[str, Sequence[str]]
    """Assumptions made to read them: examples, by the name of a check."""


def read_external(
    name: str,
    entry: ExternalSettings,
    settings: DataSettings,
    classes: Sequence[str],
    own: Iterable[NDArray[np.uint8]],
    cache: Path,
) -> ExternalImages:
    """Read an external set; images that are also among the study's are left out.

    Args:
        name: of the set, for messages.
        entry: where it is.
        settings: how the study's images are read.
        classes: of the study, in its order.
        own: prepared images of each split of the study, (images, side, side, channels).
        cache: folder for downloads and scratch files.

    Raises:
        UserError: a class is not the study's, or one of the study's has no image; a file cannot be read.
    """
    where = f"params.yaml: data.external.{name}"
    source, indices = _opened(where, entry, settings, classes, cache)
    labels = np.array(indices, dtype=np.intp)[source.entries.labels]
    positions = np.flatnonzero(labels != _DROPPED)
    decoded = decode_images(source, positions.tolist(), settings.image_px, settings.fit, cache)
    known, channels = set(), 1
    for images in own:
        known |= _digests(images)
        channels = images.shape[3]
    copies = np.array([digest.tobytes() in known for digest in np.asarray(decoded.digests)], dtype=bool)
    kept = np.flatnonzero(~copies)
    labels, entries = labels[positions[kept]], source.entries.take(positions[kept])
    present = set(labels.tolist())
    if missing := [title for label, title in enumerate(classes) if label not in present]:
        raise UserError(
            f"{where}: has no image of {', '.join(missing)}{' besides copies of the study’s' if copies.any() else ''}; "
            "every class of the study is needed, and `classes` says which class here is which"
        )
    if settings.pseudonyms:
        entries = entries.renamed(pseudonym, pseudonym)
    return ExternalImages(
        pixels=_with_channels(decoded.pixels, kept, channels),
        labels=labels.tolist(),
        patients=[entries.patient(row) for row in range(len(entries))],
        left_out={
            reason: count
            for reason, count in {
                "classes": len(source.entries) - len(positions), "copies": int(copies.sum())
            }.items()
            if count
        },
        assumed=source.assumed,
    )  # fmt: skip


def check_external_classes(
    name: str, entry: ExternalSettings, settings: DataSettings, classes: Sequence[str], cache: Path
) -> None:
    """Refuse an external set whose classes are not the study's, before anything trains. Arguments as `read_external`.

    A set that is not there is not looked at: an experiment in a copy has those alone that its target needs.

    Raises:
        UserError: naming the class.
    """
    if Path(entry.path).exists():
        _opened(f"params.yaml: data.external.{name}", entry, settings, classes, cache)


def _opened(
    where: str, entry: ExternalSettings, settings: DataSettings, classes: Sequence[str], cache: Path
) -> tuple[Source, list[int]]:
    """Return an external set, with the index of the study's class for each of its classes."""
    reading = settings.model_copy(
        update={
            "source": entry.source, "path": entry.path, "patient_pattern": entry.patient_pattern, "table": entry.table,
            "medmnist": entry.medmnist or settings.medmnist,
        }
    )  # fmt: skip
    source = open_source(reading, cache)
    return source, classes_of_study(source.classes, entry.classes, classes, f"{where}.classes")


def classes_of_study(
    names: Sequence[str], given: Mapping[str, str | None], classes: Sequence[str], where: str
) -> list[int]:
    """Return the index of the study's class for each class of an external set; −1 where its images are left out.

    Args:
        names: classes of the external set.
        given: the study's class of some of them; None: left out.
        classes: of the study.
        where: file and key of `given`, for messages.

    Raises:
        UserError: naming the class that is none.
    """
    for theirs, ours in given.items():
        if theirs not in names:
            raise UserError(f"{where}.{theirs}: there is no such class there; {did_you_mean(theirs, list(names))}")
        if ours is not None and ours not in classes:
            raise UserError(f"{where}.{theirs}: {ours!r} is no class of the study; {did_you_mean(ours, list(classes))}")
    if unknown := [name for name in names if name not in given and name not in classes]:
        raise UserError(
            f"{where}: {', '.join(unknown)}: no class of the study, whose classes are {', '.join(classes)}; say "
            f"which it is, as in `classes: {{{unknown[0]}: {classes[0]}}}`, or nothing behind the colon to leave "
            "its images out"
        )
    wanted = [given.get(name, name) for name in names]
    return [_DROPPED if name is None else classes.index(name) for name in wanted]


def _digests(images: NDArray[np.uint8]) -> set[bytes]:
    """Hashes of prepared images as `decode_images` makes them: of one channel where all are equal."""
    found = set()
    for start in range(0, len(images), _BLOCK):
        for image in np.asarray(images[start : start + _BLOCK]):
            grey = image.shape[2] == 1 or bool((image == image[:, :, :1]).all())
            found.add(hashlib.sha256(np.ascontiguousarray(image[:, :, 0] if grey else image).data).digest())
        release(images)
    return found


def _with_channels(pixels: NDArray[Any], rows: NDArray[np.intp], channels: int) -> NDArray[np.uint8]:
    """Some rows in grey where the study's images are grey; networks make colour of grey by themselves."""
    if channels == pixels.shape[3] or pixels.shape[3] == 1:
        return pixels if len(rows) == len(pixels) else pixels[rows]
    return np.stack([np.asarray(Image.fromarray(pixels[row]).convert("L"))[:, :, None] for row in rows])
