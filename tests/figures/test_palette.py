from itertools import combinations

import pytest
from matplotlib.colors import to_rgb

from transfer_report.figures import palette


def luminance(colour):
    """Relative luminance of WCAG 2.2."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def contrast(first, second):
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", [palette.INK, palette.GREY, palette.BLUE, palette.RUST])
def test_text_and_lines_stand_out_from_the_paper(colour):
    assert contrast(colour, palette.PAPER) >= 4.5


def test_every_colour_can_follow_the_page():
    assert set(palette.CSS_VARIABLES) == {
        palette.INK,
        palette.GREY,
        palette.GRID,
        palette.PAPER,
        palette.BLUE,
        palette.RUST,
    }
    assert all(first != second for first, second in combinations(palette.CSS_VARIABLES.values(), 2))
