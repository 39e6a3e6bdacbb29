"""Drawings for paper: light for WeasyPrint to draw, and with each text set as a whole.

WeasyPrint sets the text of an SVG letter by letter, without kerning, and draws all that is not aligned left into a
group of its own: half of the time in which a report's PDF is written. Texts that `for_paper` has marked are drawn here
instead.
"""

from contextlib import AbstractContextManager
from xml.etree import ElementTree

from transfer_report.figures.svg import GROUP, SVG, svg_text
from transfer_report.report.weasyprint_adapter import Node, Svg, draw_whole_text, texts_drawn_by

TEXT, STYLE = f"{{{SVG}}}text", f"{{{SVG}}}style"
ANCHOR = "data-anchor"
"""Marks a text that is set as a whole, and says which part of it stands at its place."""
BEFORE_PLACE = {"start": 0.0, "middle": 0.5, "end": 1.0}
"""Share of a text's width that stands before its place."""
NO_TURN = "rotate(-0 "


def for_paper(svg: bytes) -> bytes:
    """A drawing with the same look, of fewer elements: no style to parse, no groups for interaction.

    Args:
        svg: As `to_svg` writes it.
    """
    root = ElementTree.fromstring(svg)  # noqa: S314  # our own drawing
    _lighten(root)
    # What the style sheet, now gone, said of all elements.
    root.set("stroke-linejoin", "round")
    return svg_text(root).encode()


def whole_texts() -> AbstractContextManager[None]:
    """Have WeasyPrint set marked texts of drawings as a whole."""
    return texts_drawn_by(_draw_if_marked)


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


def _draw_if_marked(svg: Svg, node: Node, font_size: float) -> bool:
    if ANCHOR not in node.attrib:
        return False
    draw_whole_text(svg, node, font_size, BEFORE_PLACE[node.get(ANCHOR)])
    return True
