"""The report's own typefaces, so that it looks the same on every machine.

Cut from Source Serif 4 and Source Sans 3 (SIL Open Font License, texts next to the files) to Latin, Greek and signs,
without hinting, and renamed as the licence asks. TTF for figures and PDF, WOFF2 for HTML.
"""

from importlib.resources import files
from pathlib import Path
from typing import Literal, NamedTuple

FONTS = Path(str(files(__name__)))


class Face(NamedTuple):
    """One typeface as a style sheet knows it."""

    family: str
    weight: int
    style: Literal["normal", "italic"]
    file: str
    """Name of the file without its ending."""


FACES = (
    Face("Report Serif", 400, "normal", "ReportSerif-Regular"),
    Face("Report Serif", 400, "italic", "ReportSerif-Italic"),
    Face("Report Serif", 600, "normal", "ReportSerif-Semibold"),
    Face("Report Serif Display", 600, "normal", "ReportSerif-Display"),
    Face("Report Sans", 400, "normal", "ReportSans-Regular"),
    Face("Report Sans", 600, "normal", "ReportSans-Semibold"),
)


def font_path(face: Face, ending: Literal["ttf", "woff2"]) -> Path:
    """Where the file of a typeface lies."""
    return FONTS / f"{face.file}.{ending}"
