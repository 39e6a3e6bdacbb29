"""The private parts of WeasyPrint that the report needs: all of them are here, and its version is checked by a test.

A newer WeasyPrint may have moved or changed any of these. Needed instead: page floats, or a call between two
pages that may put the boxes to come in another order; texts of drawings that are set as a whole, with kerning, where
they are aligned to their middle or end.

WeasyPrint is imported within the functions: it loads system libraries, and these read once which typefaces there are.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from math import inf
from typing import Any

WEASYPRINT_VERSION = "70.0"
"""The version whose private parts these are."""

Box = Any
"""Of WeasyPrint, which carries no types."""
Resume = Mapping[int, Any] | None
"""Where a page ends: index of the child that the next one begins with or goes on with, and where inside of it."""
Svg = Any
"""A drawing; nor do its nodes carry types."""
Node = Any
HANDED_ON = (
    "footnotes",
    "page_footnotes",
    "reported_footnotes",
    "rendered_notes",
    "running_elements",
    "broken_out_of_flow",
)
"""State that one page passes to the next in the layout context, besides `page_maker`."""


@dataclass
class PageLayout:
    """A page about to be laid out, by `make`; and once more, after its boxes were put in another order, by `again`."""

    root: Box
    """All that is to be set."""
    index: int
    _context: Any
    _make: Callable[[], tuple[Box, Resume]]
    _begin: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self._begin = {name: copy(getattr(self._context, name)) for name in HANDED_ON}

    def make(self) -> tuple[Box, Resume]:
        """Lay the page out; return it and where the next one begins."""
        return self._make()

    def again(self) -> tuple[Box, Resume]:
        """Lay the page out again, as if for the first time."""
        for name, value in self._begin.items():
            setattr(self._context, name, copy(value))
        # As WeasyPrint's own loop does before it makes a page.
        self._context.page_maker[self.index][-1].update(anchors=[], content_lookups=[])
        made = self._make()
        # What waits is in another order: pages made of it before count no more.
        for resume, *_, state in self._context.page_maker[self.index + 1 :]:
            state["content_changed"] = resume is not None
        return made


@contextmanager
def pages_made_by(lay_out: Callable[[PageLayout], tuple[Box, Resume]]) -> Iterator[None]:
    """Have WeasyPrint make each page by a function of ours.

    It makes pages again itself, when a page number in them turns out otherwise, by the function that is wrapped here.
    """
    from weasyprint.layout import page as pages

    make = pages.remake_page

    def made(index: int, context: Any, root: Box, html: Any) -> tuple[Box, Resume]:
        return lay_out(PageLayout(root, index, context, lambda: make(index, context, root, html)))

    pages.remake_page = made
    try:
        yield
    finally:
        pages.remake_page = make


@contextmanager
def texts_drawn_by(draw: Callable[[Svg, Node, float], bool]) -> Iterator[None]:
    """Have WeasyPrint draw the texts of drawings by a function of ours, where it does: where it returns True."""
    from weasyprint.svg import TAGS

    by_letter = TAGS["text"]

    def text(svg: Svg, node: Node, font_size: float) -> None:
        if not draw(svg, node, font_size):
            by_letter(svg, node, font_size)

    TAGS["text"] = text
    try:
        yield
    finally:
        TAGS["text"] = by_letter


def draw_whole_text(svg: Svg, node: Node, font_size: float, before_place: float) -> None:
    """Draw a text of a drawing in one piece, as WeasyPrint's own function draws a letter.

    Args:
        svg: the drawing.
        node: its element.
        font_size: in the drawing's units.
        before_place: share of the text's width that stands before its place.
    """
    from weasyprint.css.properties import INITIAL_VALUES
    from weasyprint.draw.text import draw_first_line
    from weasyprint.matrix import Matrix
    from weasyprint.svg.text import Style, TextBox
    from weasyprint.text.line_break import split_first_line

    style = Style(INITIAL_VALUES)
    style.font_config = svg.font_config
    style["font_family"] = [name.strip(" \"'") for name in node.get("font-family", "sans-serif").split(",")]
    style["font_style"] = node.get("font-style", "normal")
    style["font_weight"] = int(node.get("font-weight", 400))
    style["font_size"] = font_size
    layout, _, _, width, _, _ = split_first_line(node.text, style, svg.context, inf, 0)
    x, y = svg.point(node.get("x"), node.get("y"), font_size)
    x -= width * before_place
    with svg.stream.stacked():
        fill, stroke = svg.set_graphical_state(node, font_size)
        svg.stream.begin_text()
        layout.reactivate(style)
        svg.fill_stroke(fill, stroke, text=True)
        draw_first_line(svg.stream, TextBox(layout, style), "none", "none", Matrix(d=-1, e=x, f=y))
        svg.stream.end_text()
