"""Figures, their data, and the gallery."""

from typing import ClassVar

from transfer_report.records.base import Record


class Panel(Record):
    """One pair of axes of a figure, so that a reader's pointer and arrow keys find its values."""

    label: str
    condition: str
    left: float
    right: float
    top: float
    bottom: float
    """Edges in points from the figure's upper left corner."""
    x: list[float]
    places: list[float]
    """Where each `x` lies, in points from the figure's left edge."""
    series: dict[str, list[str]]
    """Values as printed, by the name of the line."""


class Tile(Record):
    """One picture of a figure that is a sheet of images."""

    file: str
    """A PNG next to the figures' record."""
    width_px: int
    height_px: int
    caption: str
    alt: str


class FigureRecord(Record):
    """One figure of the report: its drawing, what it shows in words and as a table, and what it was made from."""

    KEY: ClassVar[tuple[str, ...]] = ("id",)
    WITHOUT_ADDRESS: ClassVar[tuple[str, ...]] = (
        "id", "kind", "file", "tiles", "width_pt", "title", "alt", "columns", "rows", "about", "panels", "inputs"
    )  # fmt: skip

    id: str
    kind: str
    """Key of its caption in the wording file."""
    file: str
    """The SVG next to this record; empty for a sheet of images."""
    tiles: list[Tile]
    width_pt: float
    title: str
    alt: str
    values: dict[str, float | int | str]
    """Gaps of the caption."""
    columns: list[str]
    rows: list[list[str]]
    """The data that the figure shows, as printed."""
    about: list[list[str]]
    """Conditions that each row is about; empty where rows are about none."""
    panels: list[Panel]
    inputs: dict[str, str]
    """SHA-256 of each file that it was made from."""


class GalleryImage(Record):
    """One thumbnail of the gallery."""

    id: str
    label: int


class Gallery(Record):
    """Test images as thumbnails, row by row on one sheet, with what every run takes them for."""

    file: str
    """The sheet, next to the figures' record."""
    side_px: int
    columns: int
    images: list[GalleryImage]
    total: int
    """How many test images there are; the gallery holds those that the most runs get wrong."""
    runs: dict[str, list[str]]
    """By condition, for every seed one character per image: `0` for the first class, then in the order of Unicode."""


class FigureList(Record):
    """All figures, in the order of the report, and the gallery."""

    figures: list[FigureRecord]
    gallery: Gallery | None
    """None where no images are shown."""
