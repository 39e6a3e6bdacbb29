"""What every source of images offers: its classes, its images by name, and a way to load one of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from transfer_report.errors import UserError
from transfer_report.records import SPLITS, Split

Pixels = NDArray[np.uint8]
"""One image: (height, width) when grey, (height, width, 3) in colour."""

_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """One image by name, not yet read."""

    id: str
    """Where it came from, relative to the source; unique."""
    label: int
    group: str
    """The patient; the id where nothing is known."""
    split: Split | None
    """As the source brings it; None where it brings no splits."""


class Entries(Sequence[Entry]):
    """Entries as columns: for 100,000 images 6 MB, where objects and their texts would take 25."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Keep entries, which may come one by one.

        Raises:
            UserError: a name is no text.
        """
        rest = iter(entries)
        blocks = [_columns(block) for block in iter(lambda: list(islice(rest, _BLOCK)), [])] or [_columns([])]
        ids, groups, labels, splits = (np.concatenate(column) for column in zip(*blocks, strict=True))
        self.ids: NDArray[Any] = ids
        """Texts, (images,)."""
        self.labels: NDArray[np.intp] = labels
        self.splits: NDArray[np.int8] = splits
        """Position in SPLITS; -1 for None."""
        self.group_names: NDArray[Any]
        self.groups: NDArray[np.intp]
        """Position among the names, (images,)."""
        if np.array_equal(ids, groups):
            self.group_names, self.groups = ids, np.arange(len(ids), dtype=np.intp)
        else:
            self.group_names, numbers = np.unique(groups, return_inverse=True)
            self.groups = numbers.astype(np.intp)

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, position: int) -> Entry: ...
    @overload
    def __getitem__(self, position: slice) -> "Entries": ...
    def __getitem__(self, position: int | slice) -> "Entry | Entries":
        if isinstance(position, slice):
            return self.take(np.arange(len(self))[position])
        split = self.splits[position]
        return Entry(
            self.ids[position],
            int(self.labels[position]),
            self.group_names[self.groups[position]],
            None if split < 0 else SPLITS[split],
        )

    def __iter__(self) -> Iterator[Entry]:
        return (self[position] for position in range(len(self)))

    def take(self, positions: ArrayLike) -> "Entries":
        """Some of the entries, in the order of their positions."""
        taken = Entries(())
        rows = np.asarray(positions, dtype=np.intp)
        taken.ids, taken.labels, taken.splits = self.ids[rows], self.labels[rows], self.splits[rows]
        taken.group_names, taken.groups = self.group_names, self.groups[rows]
        return taken


def _columns(entries: Sequence[Entry]) -> tuple[NDArray[Any], ...]:
    ids, groups = [entry.id for entry in entries], [entry.group for entry in entries]
    try:
        texts = [np.array(column, dtype=np.dtypes.StringDType()) for column in (ids, groups)]
    except UnicodeEncodeError as error:
        raise UserError(f"{error.object!r}: the name is not in UTF-8; give the file another one") from None
    labels = np.array([entry.label for entry in entries], dtype=np.intp)
    splits = [SPLITS.index(entry.split) if entry.split else -1 for entry in entries]
    return *texts, labels, np.array(splits, dtype=np.int8)


def nothing_to_release() -> None:
    """For sources that hold no memory between images."""


@dataclass(frozen=True)
class Source:
    """Labelled images that are read one by one."""

    classes: Sequence[str]
    entries: Entries
    load: Callable[[int], Pixels]
    """Reads the image of an entry, by its position among the entries; called from several threads or processes."""
    release: Callable[[], None] = nothing_to_release
    """Gives back memory that loading has taken."""
    simulated: bool = False
    verified: bool | None = None
    """Whether the contents are the published ones; None where nothing is published to compare with."""
    unused_files: Sequence[str] = ()
    """Files that were found but are no images."""
    notes: dict[str, str | float | int] = field(default_factory=dict)
