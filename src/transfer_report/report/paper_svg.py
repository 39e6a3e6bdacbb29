"""Drawings for paper: light for WeasyPrint to draw, and with each text set as a whole.

WeasyPrint sets the text of an SVG letter by letter, without kerning, and draws all that is not aligned left into a
group of its own: half of the time in which a report's PDF is written. The function that does so
(`weasyprint.svg.TAGS["text"]`) is wrapped here for texts that `for_paper` has marked.
"""

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from math import inf
from typing import Any
from xml.etree import ElementTree

from transfer_report.figures.svg import GROUP, SVG, svg_text

TEXT, STYLE = f"{{{SVG}}}text", f"{{{SVG}}}style"
ANCHOR = "data-anchor"
"""Marks a text that is set as a whole, and says which part of it stands at its place."""
BEFORE_PLACE = {"start": 0.0, "middle": 0.5, "end": 1.0}
"""Share of a text's width that stands before its place."""
NO_TURN = "rotate(-0 "

Svg = Any
"""A drawing of WeasyPrint, which carries no types; nor do its nodes."""
Node = Any


def for_paper(svg: bytes) -> bytes:
    """A drawing with the same look, of fewer elements: no style to parse, no groups that nobody marks on paper.

    Args:
        svg: As `to_svg` writes it.
    """
    root = ElementTree.fromstring(svg)  # noqa: S314  # our own drawing
    _lighten(root)
    # What the style sheet, now gone, said of all elements.
    root.set("stroke-linejoin", "round")
    return svg_text(root).encode()


@contextmanager
def whole_texts(tags: MutableMapping[str, Callable[[Svg, Node, float], None]]) -> Iterator[None]:
    """Have WeasyPrint set marked texts of drawings as a whole.

    Args:
        tags: Its `weasyprint.svg.TAGS`: what draws each kind of element.
    """
    by_letter = tags["text"]

    def text(svg: Svg, node: Node, font_size: float) -> None:
        if ANCHOR in node.attrib:
            _set_text(svg, node, font_size)
        else:
            by_letter(svg, node, font_size)

    tags["text"] = text
    try:
        yield
    finally:
        tags["text"] = by_letter


def _lighten(parent: ElementTree.Element) -> None:
    kept: list[ElementTree.Element] = []
    for child in parent:
        _lighten(child)
        for declaration in child.attrib.pop("style", "").split(";"):
            name, colon, value = declaration.partition(":")
            if colon:
                child.set(name.strip(), value.strip())
        if child.get("transform", "").startswith(NO_TURN):
            del child.attrib["transform"]
        if "opacity" in child.attrib and "stroke" not in child.attrib:
            # The same, without a group to be blended.
            child.set("fill-opacity", child.attrib.pop("opacity"))
        if child.tag == TEXT and not len(child):
            child.set(ANCHOR, child.attrib.pop("text-anchor", "start"))
        if child.tag == GROUP and set(child.attrib) <= {"id"}:
            kept += child
        elif child.tag != STYLE:
            kept.append(child)
    parent[:] = kept


def _set_text(svg: Svg, node: Node, font_size: float) -> None:
    """Draw a text in one piece, as WeasyPrint's own function draws a letter."""
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
    x -= width * BEFORE_PLACE[node.get(ANCHOR)]
    with svg.stream.stacked():
        fill, stroke = svg.set_graphical_state(node, font_size)
        svg.stream.begin_text()
        layout.reactivate(style)
        svg.fill_stroke(fill, stroke, text=True)
        draw_first_line(svg.stream, TextBox(layout, style), "none", "none", Matrix(d=-1, e=x, f=y))
        svg.stream.end_text()
