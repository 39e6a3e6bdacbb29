"""A drawing as SVG text, the same bytes each time."""

import io
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:  # not at run time: pages read drawings without matplotlib
    from matplotlib.figure import Figure

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
GROUP, PATH = f"{{{SVG}}}g", f"{{{SVG}}}path"
WITH_TEXT = (f"{{{SVG}}}text", f"{{{SVG}}}tspan", f"{{{SVG}}}style")
NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
NAMED_BY_US = ("about:", "cell:")
"""How the ids begin by which figures tell the page what an artist shows."""
LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
REFERENCE = re.compile(r"#([^);\s]+)")


def to_svg(figure: "Figure") -> str:
    """The figure as SVG, without date or program name, so that drawing the same gives the same bytes.

    Invisible parts that matplotlib writes are left out (a group around each artist, ids, invisible backgrounds, tens of
    nanometres): WeasyPrint's time to draw and the size of the page go by the number of elements.
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata=NO_METADATA)
    root = ElementTree.fromstring(buffer.getvalue())  # noqa: S314  # our own drawing
    _drop_ids(root)
    _drop_unseen(root)
    return svg_text(root)


def svg_text(root: ElementTree.Element) -> str:
    """A drawing's elements as text, SVG without a prefix, as a page needs it.

    Prefixes are registered each time, because they are global and other libraries register theirs.
    """
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    return ElementTree.tostring(root, encoding="unicode")


def _drop_ids(root: ElementTree.Element) -> None:
    used = {name for element in root.iter() for value in element.attrib.values() for name in REFERENCE.findall(value)}
    for element in root.iter():
        name = element.get("id")
        if name is not None and name not in used and not name.startswith(NAMED_BY_US):
            del element.attrib["id"]


def _drop_unseen(parent: ElementTree.Element) -> None:
    kept: list[ElementTree.Element] = []
    for child in parent:
        _drop_unseen(child)
        if "d" in child.attrib:
            path = LONG_NUMBER.sub(lambda number: f"{float(number[0]):.2f}", child.attrib["d"])
            child.set("d", " ".join(path.split()))
        if child.tag == GROUP and not child.attrib:
            kept += child
        elif not (child.tag == PATH and child.get("style") == "fill: none"):
            kept.append(child)
    if parent.tag not in WITH_TEXT:
        parent.text = None
        for child in kept:
            child.tail = None
    parent[:] = kept
