"""Return value of a figure's function: the drawing, its words and its data."""

from dataclasses import dataclass, field

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.spines import Spine

from transfer_report.records.figures import Panel


@dataclass(frozen=True)
class Drawing:
    """A drawn figure with the text that stands for it and the numbers that it shows."""

    id: str
    kind: str
    figure: Figure
    alt: str
    columns: list[str]
    rows: list[list[str]]
    values: dict[str, float | int | str] = field(default_factory=dict)
    panels: list[Panel] = field(default_factory=list)
    about: list[list[str]] = field(default_factory=list)
    """Conditions that each row is about; empty where rows are about none."""


@dataclass(frozen=True)
class Picture:
    """One picture of a sheet: PNG bytes, and alternative text."""

    png: bytes
    width_px: int
    height_px: int
    caption: str
    alt: str


@dataclass(frozen=True)
class Sheet:
    """A sheet of images."""

    id: str
    kind: str
    pictures: list[Picture]
    columns: list[str]
    rows: list[list[str]]
    values: dict[str, float | int | str] = field(default_factory=dict)


def mark(artist: Artist, part: str, *conditions: str) -> None:
    """Name the conditions that an artist shows, so that a page can hide or highlight it.

    Args:
        artist: Any mark of a figure.
        part: Name of the part; unique among the marks of these conditions.
        conditions: Their keys.
    """
    artist.set_gid(":".join(("about", part, *conditions)))


def mark_axes(axes: Axes, part: str, condition: str) -> None:
    """Name the condition of everything that was drawn on some axes; scales, frame and grid stay nameless."""
    for number, artist in enumerate(axes.get_children()):
        if not isinstance(artist, Axis | Spine) and artist is not axes.patch and artist.get_gid() is None:
            mark(artist, f"{part}-{number}", condition)


def panel(axes: Axes, label: str, condition: str, x: list[float], series: dict[str, list[str]]) -> Panel:
    """Where a pair of axes lies on its figure, with the values that it shows."""
    figure = axes.get_figure(root=True)
    assert figure is not None  # noqa: S101  # axes in hand have a figure
    width, height = (float(inches) * 72 for inches in figure.get_size_inches())
    box = axes.get_position()
    return Panel(
        label=label,
        condition=condition,
        left=round(box.x0 * width, 2),
        right=round(box.x1 * width, 2),
        top=round((1 - box.y1) * height, 2),
        bottom=round((1 - box.y0) * height, 2),
        x=x,
        places=[round(float(axes.transData.transform((value, 0))[0]) * 72 / figure.dpi, 2) for value in x],
        series=series,
    )
