"""A drawing as SVG text, the same bytes each time."""

import io

from matplotlib.figure import Figure

NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


def to_svg(figure: Figure) -> str:
    """The figure as SVG, without date or program name, so that drawing the same gives the same bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata=NO_METADATA)
    return buffer.getvalue().decode("utf-8")
