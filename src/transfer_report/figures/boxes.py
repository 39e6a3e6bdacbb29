"""Boxes and arrows of the diagrams."""

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from transfer_report.figures.palette import BLUE, GREY

Point = tuple[float, float]


def draw_box(axes: Axes, corner: Point, width: float, height: float, rounding: float) -> None:
    """Draw a box from its lower left corner, all in units of the axes."""
    axes.add_patch(
        FancyBboxPatch(
            corner,
            width,
            height,
            boxstyle=f"round,pad=0,rounding_size={rounding}",
            fc="#ffffff",
            ec=BLUE,
            lw=0.9,
            zorder=2,
        )
    )


def draw_line(axes: Axes, start: Point, end: Point, *, arrow: bool = True, gap: float = 0.0) -> None:
    """Draw a line between two points, with a gap before its end in points of print."""
    style = "-|>,head_width=1.8,head_length=3.2" if arrow else "-"
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle=style, lw=0.8, color=GREY, shrinkA=0, shrinkB=gap))
