"""Fits a matplotlib SVG into an HTML page: ids of its own, no style attributes, colours that follow the page."""

import re
from xml.etree import ElementTree

from markupsafe import Markup

from transfer_report.figures.palette import CSS_VARIABLES
from transfer_report.figures.svg import NAMED_BY_US, SVG, XLINK, svg_text

LOCAL_URL = re.compile(r"url\(#([^)]+)\)")


def inline_svg(svg: str, key: str, title: str, description: str) -> Markup:
    """An SVG element for HTML with its title and alternative text.

    Style attributes become presentation attributes, since the page's content security policy allows no inline style;
    palette colours become variables of the style sheet, so that a dark page has light ink.

    Args:
        svg: As `to_svg` writes it.
        key: Id of the figure, prefix of all ids inside.
        title: Short name of the figure.
        description: Its alternative text.
    """
    root = ElementTree.fromstring(svg)  # noqa: S314  # our own drawing
    for parent in root.iter():
        for child in [child for child in parent if child.tag == f"{{{SVG}}}style"]:
            parent.remove(child)
    for element in root.iter():
        _adapt(element, key)
    _describe(root, key, title, description)
    return Markup(svg_text(root))  # noqa: S704  # serialised, so escaped


def _adapt(element: ElementTree.Element, key: str) -> None:
    for declaration in element.attrib.pop("style", "").split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            element.set(name.strip(), value.strip())
    for name, value in list(element.attrib.items()):
        if name == "id" and value.startswith(NAMED_BY_US):
            del element.attrib["id"]
            _name_conditions(element, *value.split(":"))
        elif name == "id":
            element.set(name, f"{key}-{value}")
        elif name in ("href", f"{{{XLINK}}}href"):
            del element.attrib[name]
            element.set("href", f"#{key}-{value.removeprefix('#')}")
        elif value in CSS_VARIABLES:
            element.set(name, f"var({CSS_VARIABLES[value]})")
        else:
            element.set(name, LOCAL_URL.sub(rf"url(#{key}-\1)", value))


def _name_conditions(element: ElementTree.Element, kind: str, *parts: str) -> None:
    """Name the parts of a figure: an artist of some conditions, or one cell of a condition's confusion matrix."""
    if kind == "cell":
        element.set("data-cell", " ".join(parts))
    element.set("data-conditions", parts[0] if kind == "cell" else " ".join(parts[1:]))


def _describe(root: ElementTree.Element, key: str, title: str, description: str) -> None:
    box = root.attrib["viewBox"]
    root.attrib.clear()
    root.attrib.update(
        {
            "viewBox": box,
            "role": "img",
            "aria-labelledby": f"{key}-title {key}-description",
            "focusable": "false",
            "stroke-linejoin": "round",
            "stroke-linecap": "butt",
        }
    )
    for index, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ElementTree.Element(
            f"{{{SVG}}}{tag}", {"id": f"{key}-{'title' if tag == 'title' else 'description'}"}
        )
        element.text = text
        root.insert(index, element)
