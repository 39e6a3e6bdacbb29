"""From a source to the prepared data set: draw, decode, check, split, describe."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfer_report.data.checks import (
    CheckedImages,
    check_classes,
    check_splits,
    class_counts,
    copies_toward_training,
    findings,
    refuse_copies,
)
from transfer_report.data.decoding import BLOCK, DecodedImages, decode_images
from transfer_report.data.source import Entry, Source
from transfer_report.data.sources import open_source
from transfer_report.data.splits import assign_splits, bind, draw_limited
from transfer_report.params import DataSettings
from transfer_report.records import SPLITS, CheckResult, DataDescription, ImageTable, Split, TestLabels
from transfer_report.storage import release

MOST_FREQUENT_SIZES = 5


@dataclass(frozen=True)
class PreparedData:
    """A data set, ready to be written."""

    pixels: NDArray[Any]
    """Of all splits, memory-mapped, (images, side, side, channels)."""
    rows: dict[Split, NDArray[np.intp]]
    """Which of them are a split's, in the order of its table."""
    tables: dict[Split, ImageTable]
    test_labels: TestLabels
    description: DataDescription

    def shape(self, split: Split) -> tuple[int, ...]:
        """Shape of a split's array."""
        return (len(self.rows[split]), *self.pixels.shape[1:])

    def copy(self, split: Split, target: NDArray[Any]) -> None:
        """Fill an array with the images of a split, piece by piece."""
        rows = self.rows[split]
        for start in range(0, len(rows), BLOCK):
            target[start : start + BLOCK] = self.pixels[rows[start : start + BLOCK]]
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
    drawn = draw_limited(source.entries, settings.limit_per_class, settings.seed)
    decoded = decode_images(source, drawn, settings.image_px, settings.fit, cache)
    entries = [source.entries[position] for position in drawn]
    contents = _numbers(decoded.digests)
    copies = copies_toward_training(entries, contents)
    if settings.duplicates == "fail":
        refuse_copies(entries, copies, where)
    kept = np.array([row for row in range(len(entries)) if row not in copies])
    dropped = [f"{entries[copy].id} = {entries[original].id}" for copy, original in copies.items()]
    images = _split([entries[row] for row in kept], contents[kept], decoded, kept, settings)
    check_splits(source.classes, images.entries, images.splits, where)
    checks = findings(images, source.classes, dropped, source.unused_files, settings.image_px, settings.group_pattern)
    return _assemble(source, images, decoded, kept, checks, settings)


def _split(
    entries: Sequence[Entry],
    contents: NDArray[np.intp],
    decoded: DecodedImages,
    rows: NDArray[np.intp],
    settings: DataSettings,
) -> CheckedImages:
    splits = assign_splits(
        [entry.split for entry in entries],
        np.array([entry.label for entry in entries]),
        bind([entry.group for entry in entries], contents),
        settings.val_fraction,
        settings.test_fraction,
        settings.seed,
    )
    return CheckedImages(entries, splits, contents, decoded.hashes[rows], decoded.sizes[rows], decoded.ranges[rows])


def _assemble(
    source: Source,
    images: CheckedImages,
    decoded: DecodedImages,
    kept: NDArray[np.intp],
    checks: list[CheckResult],
    settings: DataSettings,
) -> PreparedData:
    members = {split: [i for i, own in enumerate(images.splits) if own == split] for split in SPLITS}
    labels = {split: [images.entries[i].label for i in members[split]] for split in SPLITS}
    tables = {
        split: ImageTable(
            ids=[images.entries[i].id for i in members[split]],
            groups=[images.entries[i].group for i in members[split]],
            labels=None if split == "test" else labels[split],
        )
        for split in SPLITS
    }
    group_counts = {split: len(set(tables[split].groups)) for split in SPLITS}
    description = DataDescription(
        source=settings.source,
        simulated=source.simulated,
        verified=source.verified,
        classes=list(source.classes),
        counts=class_counts(images.entries, images.splits, len(source.classes)),
        group_counts=group_counts,
        grouped=any(group_counts[split] < len(members[split]) for split in SPLITS),
        image_px=settings.image_px,
        channels=decoded.pixels.shape[3],
        original_sizes=_most_frequent(images.sizes),
        content_sha256=_content_sha256(source.classes, images, decoded.digests[kept], decoded.pixels.shape[1:]),
        checks=checks,
        notes=source.notes,
    )
    rows = {split: kept[members[split]] for split in SPLITS}
    return PreparedData(decoded.pixels, rows, tables, TestLabels(labels=labels["test"]), description)


def _most_frequent(sizes: NDArray[np.int32]) -> list[str]:
    counted = Counter(map(tuple, sizes.tolist()))
    # Equally frequent ones in the order of their size, so that the order of the files does not matter.
    ranked = sorted(counted, key=lambda width_height: (-counted[width_height], width_height))
    return [f"{width} × {height}" for width, height in ranked[:MOST_FREQUENT_SIZES]]


def _numbers(digests: NDArray[np.uint8]) -> NDArray[np.intp]:
    """A number for each digest, equal for equal ones."""
    words = digests.view(np.uint64)  # (images, 4)
    numbers: NDArray[np.intp] = np.unique(words, axis=0, return_inverse=True)[1].reshape(-1)
    return numbers


def _content_sha256(
    classes: Sequence[str], images: CheckedImages, digests: NDArray[np.uint8], shape: tuple[int, ...]
) -> str:
    """One hash of everything that a study sees: names and pixels of the images, their labels, groups and splits."""
    content = hashlib.sha256(json.dumps([list(classes), list(shape)]).encode())
    for entry, split, digest in zip(images.entries, images.splits, digests, strict=True):
        content.update(json.dumps([split, entry.id, entry.group, entry.label, digest.tobytes().hex()]).encode())
    return content.hexdigest()
