"""Attention maps and whose they are."""

from typing import ClassVar, Literal

from transfer_report.records.base import Record

AttentionKind = Literal["correct", "incorrect", "hard"]
"""Why an image was chosen: the run is confident and correct or incorrect, or most conditions are incorrect."""


class AttentionImage(Record):
    """A test image with maps for its true class and for the predicted one."""

    row: int
    id: str
    label: int
    predicted: int
    kind: AttentionKind


class Attention(Record):
    """Whose attention maps there are, and what stands against reading much into them."""

    WITHOUT_ADDRESS: ClassVar[tuple[str, ...]] = ("images",)

    condition: str
    seed: int
    missing: Literal["", "not_kept", "no_maps", "draft"]
    """Why there are none; empty where there are."""
    layer: str
    tokens: bool = False
    """True if its maps are tokens of a transformer, laid out by their places."""
    side: int
    """Cells of a map, a side."""
    images: list[AttentionImage]
    likeness: float | None
    """Median rank correlation with the maps of the same network with random weights."""
