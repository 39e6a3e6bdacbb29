"""Page floats: a figure or table that would leave a hole at a page's foot lets what follows it go first.

WeasyPrint has no floats to the next page. Here they are, in its own layout: after each page a hole is looked for, and
where a figure or table begins the next page and thereby made it, the boxes that wait are put in another order and that
page alone is made again.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple

from transfer_report.report.weasyprint_adapter import Box, PageLayout, Resume, pages_made_by

MM_PER_PX = 25.4 / 96
LARGEST_HOLE_MM = 25.0
FEWEST_ROWS_BROKEN = 7
"""A table of as many rows, its head counted, stays whole."""


class BoxPlace(NamedTuple):
    """The child of a box with which a page begins."""

    path: tuple[int, ...]
    """Indices of the boxes around it, from the root."""
    parent: Box
    child: int


def floating() -> AbstractContextManager[None]:
    """Have WeasyPrint fill pages."""
    return pages_made_by(_filled_page)


def _filled_page(layout: PageLayout) -> tuple[Box, Resume]:
    """Lay out a page, with a hole only where nothing may fill it.

    A second layout of the page finds how much of the text after the figure or table goes before it. Floats that
    still do not fit are remembered, so that each is tried once.
    """
    tried: list[Box] = []
    page, resume = layout.make()
    while (hole := _hole_mm(page)) > LARGEST_HOLE_MM and (place := _float_at(layout.root, resume)):
        boxes = list(place.parent.children)
        before, waiting = boxes[: place.child], boxes[place.child :]
        first, later = _split(waiting, tried)
        if first:
            place.parent.children = [*before, *first, *later]
            page, resume = layout.again()
            taken = first[: max(0, _end(place, resume) - place.child)]
            # What begins the next page instead did not fit, nor would it later.
            tried += first[len(taken) : len(taken) + 1]
            place.parent.children = [*before, *taken, *(box for box in waiting if box not in taken)]
            if _hole_mm(page) > hole:
                place.parent.children = boxes
                return layout.again()
            if taken or _kind(tried[-1]):
                continue
        table = next((box for box in waiting if _kind(box) == "table"), None)
        if table is None or not _may_break(table):
            break
        table.style["break_inside"] = "auto"
        tried = [box for box in tried if box is not table]
        page, resume = layout.again()
    return page, resume


def _split(boxes: list[Box], tried: list[Box]) -> tuple[list[Box], list[Box]]:
    """Split siblings into those that may precede the figure or table, the first of them, and the rest.

    Text goes before it, and so do tables before figures and figures before tables; two of a kind keep their order,
    since they are numbered. A float that was tried on this page does not fit.
    """
    first: list[Box] = []
    later: list[Box] = []
    kinds: set[str] = set()
    for number, box in enumerate(boxes):
        if not box.is_in_normal_flow() or (number and box.style["break_before"] not in ("auto", "avoid")):
            return first, [*later, *boxes[number:]]
        kind = _kind(box)
        if kind and (number == 0 or kind in kinds or box in tried):
            kinds.add(kind)
            later.append(box)
        else:
            first.append(box)
    return first, later


def _float_at(root: Box, resume: Resume) -> BoxPlace | None:
    """The place of the figure or table with which the next page begins; None where something else does."""
    place = _place(root, resume)
    return place if place and _kind(place.parent.children[place.child]) else None


def _place(root: Box, resume: Resume) -> BoxPlace | None:
    """The place of the box with which the next page begins; None where it begins inside a line, row or column."""
    path: list[int] = []
    box = root
    while resume and len(resume) == 1:
        ((index, resume),) = resume.items()
        # WeasyPrint may go on behind the last child: with whatever follows its parent.
        if index >= len(getattr(box, "children", ())):
            return None
        if resume is None:
            return BoxPlace(tuple(path), box, index)
        path.append(index)
        box = box.children[index]
    return None


def _end(place: BoxPlace, resume: Resume) -> int:
    """How many children of the box at `place` a page holds, the one that goes on behind it counted."""
    for index in place.path:
        if resume is None or index not in resume:
            return len(place.parent.children)
        resume = resume[index]
    if resume is None:
        return len(place.parent.children)
    ((index, inside),) = resume.items()
    return index if inside is None else index + 1


def _kind(box: Box) -> str:
    """Return the kind by which a box is numbered; empty if it is neither figure nor table."""
    if box.element is None or not box.element.get("id"):
        return ""
    if box.element.tag == "figure":
        return "figure"
    return "table" if "tbl" in box.element.get("class", "").split() else ""


def _may_break(box: Box) -> bool:
    rows = sum(inner.element_tag == "tr" for inner in box.descendants())
    return _kind(box) == "table" and box.style["break_inside"] != "auto" and rows > FEWEST_ROWS_BROKEN


def _hole_mm(page_box: Box) -> float:
    """Height of the empty space at the foot of a page."""
    bottom, last = page_box.content_box_y() + page_box.height, page_box.content_box_y()
    for child in page_box.children:
        kind = type(child).__name__
        if kind == "FootnoteAreaBox" and child.children:
            bottom = min(bottom, child.position_y)
        elif kind not in ("FootnoteAreaBox", "MarginBox"):
            last = max([last, *(leaf.position_y + leaf.height for leaf in _leaves(child))])
    return float((bottom - last) * MM_PER_PX)


def _leaves(box: Box) -> Iterator[Box]:
    if type(box).__name__ in ("LineBox", "TableRowBox") or "Replaced" in type(box).__name__:
        yield box
    else:
        for child in getattr(box, "children", ()):
            yield from _leaves(child)
