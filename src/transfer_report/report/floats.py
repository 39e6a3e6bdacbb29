"""Page floats: a figure or table that leaves a hole at a page's foot moves behind what follows it.

WeasyPrint has no floats to the next page. The templates put every figure and table between comments that name it; after
layout the pages tell where holes are.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

MM_PER_PX = 25.4 / 96
LARGEST_HOLE_MM = 25.0
MOST_LAYOUTS = 2

FEWEST_ROWS_BROKEN = 7
"""A table of as many rows, its head counted, stays whole."""
NEXT_FLOAT = re.compile(r"\s*<!--float:([\w-]+)-->.*?<!--/float:\1-->\n?", re.DOTALL)

Document = Any
"""A laid-out document of WeasyPrint, which carries no types."""


class Hole(NamedTuple):
    """Empty space at the foot of a page."""

    page: int
    height_mm: float
    cause: str
    """Id of the figure or table that begins the next page; empty where something else does."""


def settle(html: str, render: Callable[[str], Document]) -> Document:
    """Lay out a page source so that few holes are left.

    A layout takes most of a build's time, so there are few: what causes holes moves all at once, and where that does
    not help, the first alone. A move that leaves more pages or more empty space than before is taken back.
    """
    document, alone = render(html), False
    left = holes(document)
    for _ in range(MOST_LAYOUTS - 1):
        causes = [hole for hole in left if hole.cause and hole.height_mm > LARGEST_HOLE_MM]
        if alone and len(causes) < 2:
            break
        moved, heights = html, _heights(document)
        for hole in causes[:1] if alone else causes:
            moved = (
                behind_next_paragraph(moved, hole.cause)
                or behind_floats_that_fit(moved, hole.cause, hole.height_mm, heights)
                or broken(moved, hole.cause)
                or moved
            )
        if moved == html:
            break
        attempt = render(moved)
        left_then = holes(attempt)
        alone = _cost(left_then) >= _cost(left)
        if not alone:
            html, document, left = moved, attempt, left_then
    return document


def holes(document: Document) -> list[Hole]:
    """The empty space at the foot of every page but the last, and what began the next page."""
    found = []
    for index, page in enumerate(document.pages[:-1]):
        box = page._page_box
        bottom, last = box.content_box_y() + box.height, 0.0
        for child in box.children:
            kind = type(child).__name__
            if kind == "FootnoteAreaBox" and child.children:
                bottom = min(bottom, child.position_y)
            elif kind not in ("FootnoteAreaBox", "MarginBox"):
                last = max([last, *(leaf.position_y + leaf.height for leaf in _leaves(child))])
        found.append(Hole(index, (bottom - last) * MM_PER_PX, _first_float(document.pages[index + 1]._page_box)))
    return found


def behind_next_paragraph(html: str, id_: str) -> str | None:
    """The source with a figure or table behind the next paragraph, and its heading, of its section; None without one.

    Floats that stand between stay before it, so that their order is kept: a move over another float of the same kind
    would put their numbers out of order and is refused.
    """
    start = _float(html, id_)
    rest = html[start.end() :]
    following = re.match(
        r"\s*(?:<!--float:([\w-]+)-->.*?<!--/float:\1-->\s*)*(?:<h[34][^>]*>.*?</h[34]>\s*)?<p>.*?</p>", rest, re.DOTALL
    )
    if following is None or f"<!--float:{id_[:4]}" in following.group():
        return None
    return html[: start.start()] + rest[: following.end()] + "\n" + start.group() + rest[following.end() :]


def behind_floats_that_fit(html: str, id_: str, room_mm: float, heights_mm: Mapping[str, float]) -> str | None:
    """The source with a figure behind the tables that follow at once, or a table behind figures, that the hole holds.

    None where none fits.
    """
    start = _float(html, id_)
    end = start.end()
    while following := NEXT_FLOAT.match(html, end):
        room_mm -= heights_mm[following[1]]
        if room_mm < 0 or following[1][:4] == id_[:4]:
            break
        end = following.end()
    return None if end == start.end() else html[: start.start()] + html[start.end() : end] + start.group() + html[end:]


def broken(html: str, id_: str) -> str | None:
    """The source with a table that may break between its rows; None for a figure, and for a table of few rows."""
    start = _float(html, id_)
    if start.group().count("<tr") <= FEWEST_ROWS_BROKEN or not id_.startswith("tab-"):
        return None
    return html[: start.start()] + start.group().replace('class="tbl ', 'class="tbl long ', 1) + html[start.end() :]


def _float(html: str, id_: str) -> re.Match[str]:
    found = re.search(rf"<!--float:{re.escape(id_)}-->.*?<!--/float:{re.escape(id_)}-->\n?", html, re.DOTALL)
    assert found is not None  # noqa: S101  # the id comes from this very source
    return found


def _heights(document: Document) -> dict[str, float]:
    """Height in mm of every figure and table by id, with its margins; of a broken one, of its last part."""
    return {
        str(box.element.get("id")): box.margin_height() * MM_PER_PX
        for page in document.pages
        for box in page._page_box.descendants()
        if box.element is not None and box.element_tag in ("figure", "div") and box.element.get("id")
    }


def _cost(left: Sequence[Hole]) -> tuple[int, float]:
    """Pages but the last, and empty space in mm."""
    return len(left), sum(max(0.0, hole.height_mm - LARGEST_HOLE_MM) for hole in left)


def _leaves(box: Any) -> Iterator[Any]:  # WeasyPrint's boxes carry no types
    if type(box).__name__ in ("LineBox", "TableRowBox") or "Replaced" in type(box).__name__:
        yield box
    else:
        for child in getattr(box, "children", ()):
            yield from _leaves(child)


def _first_float(page_box: Any) -> str:
    box = next((child for child in page_box.children if child.element_tag == "html"), None)
    while box is not None:
        element = box.element
        if (
            element is not None
            and element.get("id")
            and (element.tag == "figure" or "tbl" in element.get("class", "").split())
        ):
            return str(element.get("id"))
        inner = [child for child in getattr(box, "children", ()) if type(child).__name__ != "FootnoteAreaBox"]
        box = inner[0] if inner else None
    return ""
