from itertools import combinations

import matplotlib as mpl
import pytest
from matplotlib.colors import to_rgb

from transfer_report.figures import style
from transfer_report.figures.svg import to_svg


def luminance(colour):
    """Relative luminance of WCAG 2.2."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def contrast(first, second):
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", [style.INK, style.GREY, style.BLUE, style.RUST])
def test_text_and_lines_stand_out_from_the_paper(colour):
    assert contrast(colour, style.PAPER) >= 4.5


def test_every_colour_can_follow_the_page():
    assert set(style.CSS_VARIABLES) == {style.INK, style.GREY, style.GRID, style.PAPER, style.BLUE, style.RUST}
    assert all(first != second for first, second in combinations(style.CSS_VARIABLES.values(), 2))


def test_a_figure_is_the_same_each_time_whatever_the_machine_sets():
    drawn = []
    for size in (4, 40):
        mpl.rcParams["font.size"] = size
        figure = style.new_figure(20)
        figure.subplots().plot([1, 2])
        drawn.append(to_svg(figure))
    assert drawn[0] == drawn[1]
    assert "Report Sans" in drawn[0]
    assert "<metadata" not in drawn[0]
