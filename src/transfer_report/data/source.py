"""Interface of image sources: classes, names of images, and a function that loads one."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from transfer_report.errors import UserError
from transfer_report.records.base import SPLITS, Split

Pixels = NDArray[np.uint8]
"""One image: (height, width) when grey, (height, width, 3) in colour."""
Size = tuple[int, int]
"""Width and height of an image as it was stored, in pixels."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One image by name, not yet read."""

    id: str
    """Where it came from, relative to the source; unique."""
    label: int
    patient: str
    """The patient; the id where nothing is known."""
    split: Split | None
    """As the source brings it; None where it brings no splits."""


class Entries(Sequence[Entry]):
    """Entries as columns: for 100,000 images 7 MB, where objects and their texts would take 25."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Keep entries, which may come one by one.

        Raises:
            UserError: a name is no text.
        """
        labels, splits, patients = array("q"), array("b"), array("q")
        names: dict[str, int] = {}

        def ids() -> Iterator[str]:
            for entry in entries:
                labels.append(entry.label)
                splits.append(SPLITS.index(entry.split) if entry.split else -1)
                patients.append(-1 if entry.patient == entry.id else names.setdefault(entry.patient, len(names)))
                yield entry.id

        self.ids = _texts(ids())
        """Texts, (images,)."""
        self.labels: NDArray[np.intp] = np.array(labels, dtype=np.intp)
        self.splits: NDArray[np.int8] = np.array(splits, dtype=np.int8)
        """Position in SPLITS; -1 for None."""
        self.names = _texts(names)
        """Of patients that are no image's id."""
        numbers = np.array(patients, dtype=np.intp)
        self.patients: NDArray[np.intp] = np.where(numbers < 0, len(names) + np.arange(len(numbers)), numbers)
        """Position among the names, or a number beyond for an image that is its own patient."""

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
            self.patient(position),
            None if split < 0 else SPLITS[split],
        )

    def __iter__(self) -> Iterator[Entry]:
        return (self[position] for position in range(len(self)))

    def patient(self, position: int) -> str:
        """Name of an entry's patient."""
        number = self.patients[position]
        name: str = self.names[number] if number < len(self.names) else self.ids[position]
        return name

    def take(self, positions: ArrayLike) -> "Entries":
        """Some of the entries, in the order of their positions."""
        rows = np.asarray(positions, dtype=np.intp)
        taken = copy(self)
        taken.ids, taken.labels, taken.splits = self.ids[rows], self.labels[rows], self.splits[rows]
        taken.patients = self.patients[rows]
        return taken

    def renamed(self, image: Callable[[str], str], patient: Callable[[str], str]) -> "Entries":
        """The entries with other names of images and patients."""
        other = copy(self)
        other.ids, other.names = _texts(map(image, self.ids)), _texts(map(patient, self.names))
        return other

    def with_labels(self, labels: ArrayLike) -> "Entries":
        """The entries under other labels, (images,)."""
        named = copy(self)
        named.labels = np.asarray(labels, dtype=np.intp)
        return named

    def with_splits(self, splits: ArrayLike) -> "Entries":
        """The entries in other splits, as positions in SPLITS; -1 for None."""
        moved = copy(self)
        moved.splits = np.asarray(splits, dtype=np.int8)
        return moved


def _texts(texts: Iterable[str]) -> NDArray[Any]:
    try:
        return np.fromiter(texts, dtype=np.dtypes.StringDType())
    except UnicodeEncodeError as error:
        raise UserError(f"{error.object!r}: the name is not in UTF-8; give the file another one") from None


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
    """True if the contents are the published ones; None where nothing is published to compare with."""
    unused_files: Sequence[str] = ()
    """Files that were found but are no images."""
    assumed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Assumptions made to read the source: examples, by the name of a check."""
    characteristics: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """Further columns of each entry: texts by name, empty where unknown, (images,)."""
    notes: dict[str, str | float | int] = field(default_factory=dict)
    load_reduced: Callable[[int, int], tuple[Pixels, Size]] | None = None
    """Reads an image for a square of some side, at a fraction of its size where that is faster, with its whole size.

    None where nothing is faster.
    """
    stamp: Callable[[int], str] | None = None
    """Tells two versions of an image apart without reading it; None where images are no files."""
