"""What every source of images offers: its classes, its images by name, and a way to load one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from transfer_report.records import Split

Pixels = NDArray[np.uint8]
"""One image: (height, width) when grey, (height, width, 3) in colour."""


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


def nothing_to_release() -> None:
    """For sources that hold no memory between images."""


@dataclass(frozen=True)
class Source:
    """Labelled images that are read one by one."""

    classes: Sequence[str]
    entries: Sequence[Entry]
    load: Callable[[int], Pixels]
    """Reads the image of an entry, by its position among the entries; called from several threads."""
    release: Callable[[], None] = nothing_to_release
    """Gives back memory that loading has taken."""
    simulated: bool = False
    verified: bool | None = None
    """Whether the contents are the published ones; None where nothing is published to compare with."""
    unused_files: Sequence[str] = ()
    """Files that were found but are no images."""
    notes: dict[str, str | float | int] = field(default_factory=dict)
