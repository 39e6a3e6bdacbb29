"""The one look of all figures: sizes, lines, typeface."""

from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from transfer_report.figures.palette import GREY, GRID, INK
from transfer_report.fonts import FACES, font_path

MM = 1 / 25.4
TEXT_WIDTH_MM = 144.0
"""Width of the report's text block; a wide figure fills it."""

RC: dict[Any, Any] = {
    "font.family": "Report Sans",
    "font.size": 7.8,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": 7.8,
    "axes.titlesize": 8.0,
    "axes.titleweight": 600,
    "axes.titlelocation": "left",
    "axes.titlepad": 5,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "grid.color": GRID,
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.3,
    "lines.solid_capstyle": "round",
    "savefig.transparent": True,
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 7.2,
    "xtick.major.pad": 2.5,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.color": GREY,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 7.2,
    "ytick.major.pad": 3,
    "ytick.major.size": 0,
    # Text stays text: smaller, selectable, and set in the report's own typeface.
    "svg.fonttype": "none",
    # Names of classes and conditions are no formulas, whatever signs they have.
    "text.parse_math": False,
    # Without it the ids of clip paths and markers are random.
    "svg.hashsalt": "transfer-report",
}


def apply_style() -> None:
    """Set the look, whatever matplotlibrc the machine has."""
    mpl.rcdefaults()
    for face in FACES:
        font_manager.fontManager.addfont(font_path(face, "ttf"))
    mpl.rcParams.update(RC)


def new_figure(height_mm: float, width_mm: float = TEXT_WIDTH_MM) -> Figure:
    """An empty figure of the report's style."""
    apply_style()
    return Figure(figsize=(width_mm * MM, height_mm * MM))


def without_frame(axes: Axes) -> None:
    """Leave out spines, ticks and grid, where the marks themselves make the grid."""
    axes.grid(False)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
