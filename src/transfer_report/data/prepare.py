"""From a source to the prepared data set: draw, decode, check, split, describe."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfer_report.data.checks import (
    CheckedImages,
    assumption,
    check_classes,
    check_results,
    check_splits,
    class_counts,
    copies_toward_training,
    refuse_copies,
)
from transfer_report.data.cohort import describe_characteristics, flow_of
from transfer_report.data.decoding import DecodedImages, decode_images
from transfer_report.data.image_file import image_suffixes
from transfer_report.data.positive_class import with_positive_last
from transfer_report.data.pseudonyms import pseudonym
from transfer_report.data.source import Entries, Source
from transfer_report.data.sources import open_source
from transfer_report.data.splits import assign_splits, bind, draw_limited, rejoin, rows_of, shared_toward_training
from transfer_report.files import release
from transfer_report.records.base import SPLITS, Split
from transfer_report.records.data import CheckResult, DataDescription, TestCharacteristics, TestLabels
from transfer_report.settings import DataSettings

MOST_FREQUENT_SIZES = 5
NAMES_FILES = ("masks_left_out", "patient_folders", "found_deeper")
"""Assumptions whose examples are files or folders, which may name patients; those of others are classes."""
_BLOCK = 512
"""Images that are copied between two returns of memory: some 75 MB in colour at 224 px."""


@dataclass(frozen=True)
class PreparedData:
    """A data set, ready to be written."""

    pixels: NDArray[Any]
    """Of all splits, memory-mapped, (images, side, side, channels)."""
    rows: dict[Split, NDArray[np.intp]]
    """Rows of each split, in the order of its table."""
    entries: Entries
    """Of all splits, (images,) in the order of the pixels."""
    test_labels: TestLabels
    test_characteristics: TestCharacteristics
    description: DataDescription

    def shape(self, split: Split) -> tuple[int, ...]:
        """Shape of a split's array."""
        return (len(self.rows[split]), *self.pixels.shape[1:])

    def table(self, split: Split) -> dict[str, Iterable[str | int] | None]:
        """Return the columns of a split's `ImageTable`."""
        entries, rows = self.entries, self.rows[split]
        return {
            "ids": (entries.ids[row] for row in rows),
            "patients": (entries.patient(row) for row in rows),
            "labels": None if split == "test" else (int(entries.labels[row]) for row in rows),
        }

    def copy(self, split: Split, target: NDArray[Any]) -> None:
        """Fill an array with the images of a split, piece by piece."""
        rows = self.rows[split]
        for start in range(0, len(rows), _BLOCK):
            target[start : start + _BLOCK] = self.pixels[rows[start : start + _BLOCK]]
            release(target)
            release(self.pixels)


def prepare(settings: DataSettings, cache: Path) -> PreparedData:
    """Read, check and split the images that the settings name.

    Args:
        settings: which images, and how.
        cache: folder for downloads and scratch files.

    Raises:
        UserError: naming the file, what is wrong with it and what to do.
    """
    source = open_source(settings, cache)
    where = "data.phantom" if source.simulated else settings.path
    check_classes(source, where)
    source = with_positive_last(source, settings.positive_class)
    given = rejoin(source.entries, settings.shared_patients, settings.recut_val)
    drawn = draw_limited(given, settings.limit_per_class, settings.seed)
    decoded = decode_images(source, drawn, settings.image_px, settings.fit, cache)
    entries = given.take(drawn) if settings.limit_per_class else given
    contents = _numbers(decoded.digests)
    decoded.release()
    copies = copies_toward_training(entries, contents)
    if settings.duplicates == "fail":
        refuse_copies(entries, copies, where)
    shown = _file_pseudonym if settings.pseudonyms else str
    if settings.pseudonyms:  # from here on: what was refused above is to be found by its name
        entries = entries.renamed(_file_pseudonym, pseudonym)
    shared = shared_toward_training(entries).tolist() if settings.shared_patients == "drop_from_train" else []
    kept = np.delete(np.arange(len(entries)), [*copies, *shared])
    dropped = [f"{entries.ids[copy]} = {entries.ids[original]}" for copy, original in copies.items()]
    images = _split(
        entries.take(kept) if len(kept) < len(entries) else entries, contents[kept], decoded, kept, settings
    )
    check_splits(source.classes, images.entries, images.splits, where)
    checks = check_results(images, source.classes, dropped, list(map(shown, source.unused_files)), settings.image_px)
    moved = np.flatnonzero(given.splits != source.entries.splits)
    assumed = {
        check: list(map(shown, examples)) if check in NAMES_FILES else examples
        for check, examples in source.assumed.items()
    }
    changed = {
        "shared_patients_dropped": [entries.ids[row] for row in shared],
        "splits_changed": [shown(source.entries.ids[row]) for row in moved],
    }
    checks += [assumption(check, examples) for check, examples in {**assumed, **changed}.items() if examples]
    read = np.asarray(drawn)
    left_out = {
        "not_drawn": len(source.entries) - len(drawn),
        "duplicates": len(copies),
        "shared_patients": len(set(shared) - set(copies)),
    }
    description = _describe(source, images, decoded, kept, checks, settings).model_copy(
        update={
            "flow": flow_of(source.entries, left_out),
            "characteristics": describe_characteristics(
                {name: values[read[kept]] for name, values in source.characteristics.items()},
                {split: rows_of(split, images.splits) for split in SPLITS},
            ),
        }
    )
    rows = {split: kept[rows_of(split, images.splits)] for split in SPLITS}
    return PreparedData(
        decoded.pixels,
        rows,
        entries,
        TestLabels(labels=entries.labels[rows["test"]].tolist()),
        TestCharacteristics(
            columns={name: values[read[rows["test"]]].tolist() for name, values in source.characteristics.items()}
        ),
        description,
    )


def _file_pseudonym(name: str) -> str:
    """A pseudonym that keeps the ending, which tells the format; others may be parts of numbers."""
    ending = Path(name).suffix.lower()
    return pseudonym(name) + (ending if ending in image_suffixes() else "")


def _split(
    entries: Entries,
    contents: NDArray[np.intp],
    decoded: DecodedImages,
    rows: NDArray[np.intp],
    settings: DataSettings,
) -> CheckedImages:
    splits = assign_splits(
        [None if split < 0 else SPLITS[split] for split in entries.splits],
        entries.labels,
        bind(entries.patients, contents),
        settings.val_fraction,
        settings.test_fraction,
        settings.seed,
    )
    images = CheckedImages(entries, splits, contents, decoded.hashes[rows], decoded.sizes[rows], decoded.ranges[rows])
    decoded.release()
    return images


def _describe(
    source: Source,
    images: CheckedImages,
    decoded: DecodedImages,
    kept: NDArray[np.intp],
    checks: list[CheckResult],
    settings: DataSettings,
) -> DataDescription:
    members = {split: rows_of(split, images.splits) for split in SPLITS}
    patient_counts = {split: len(np.unique(images.entries.patients[members[split]])) for split in SPLITS}
    return DataDescription(
        source=settings.source,
        simulated=source.simulated,
        verified=source.verified,
        classes=list(source.classes),
        positive_class=source.classes[1] if len(source.classes) == 2 else None,
        counts=class_counts(images.entries, images.splits, len(source.classes)),
        patient_counts=patient_counts,
        has_patients=any(patient_counts[split] < len(members[split]) for split in SPLITS),
        limit_per_class=settings.limit_per_class,
        image_px=settings.image_px,
        channels=decoded.pixels.shape[3],
        original_sizes=_most_frequent(images.sizes),
        content_sha256=_content_sha256(source.classes, images, decoded, kept),
        checks=checks,
        notes=source.notes,
    )


def _most_frequent(sizes: NDArray[np.int32]) -> list[str]:
    found, counts = np.unique(sizes, axis=0, return_counts=True)
    # Equally frequent ones in the order of their size, so that the order of the files does not matter.
    ranked = np.argsort(-counts, kind="stable")
    return [f"{width} × {height}" for width, height in found[ranked[:MOST_FREQUENT_SIZES]].tolist()]


def _numbers(digests: NDArray[np.uint8]) -> NDArray[np.intp]:
    """A number for each digest, equal for equal ones."""
    words = np.asarray(digests).view(np.uint64)  # (images, 4)
    order = np.lexsort(words.T)
    is_next = np.ones(len(order), dtype=np.intp)
    for start in range(1, len(order), _BLOCK):
        here, before = order[start : start + _BLOCK], order[start - 1 : start + _BLOCK - 1]
        is_next[start : start + _BLOCK] = (words[here] != words[before[: len(here)]]).any(axis=1)
    numbers = np.empty(len(order), dtype=np.intp)
    numbers[order] = np.cumsum(is_next) - 1
    return numbers


def _content_sha256(
    classes: Sequence[str], images: CheckedImages, decoded: DecodedImages, rows: NDArray[np.intp]
) -> str:
    """One hash of everything that a study sees: names and pixels of the images, their labels, patients and splits."""
    content = hashlib.sha256(json.dumps([list(classes), list(decoded.pixels.shape[1:])]).encode())
    digests = np.asarray(decoded.digests)
    for entry, split, row in zip(images.entries, images.splits, rows, strict=True):
        content.update(json.dumps([split, entry.id, entry.patient, entry.label, digests[row].tobytes().hex()]).encode())
    return content.hexdigest()
