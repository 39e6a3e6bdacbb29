import logging
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from transfer_report.report import floats
from transfer_report.report.floats import LARGEST_HOLE_MM, floating
from transfer_report.report.pdf import load_weasyprint

STYLE = """
@page { size: 100mm 120mm; margin: 10mm }
* { margin: 0; font: 10mm/10mm "Report Sans" } a::after { content: target-counter(attr(href url), page) }
figure, .tbl { break-inside: avoid } table { width: 100%; border-collapse: collapse } td { padding: 0 }
.footnote { float: footnote } dt { float: left; clear: left; width: 30mm } dd { margin-left: 32mm; break-inside: avoid }
h3 { break-after: avoid } .columns { columns: 2 } .flex { display: flex } figcaption { break-before: avoid }
"""


def figure(name, mm):
    return f'<figure id="{name}"><div style="padding-top: {mm - 10}mm"><p>{name}</p></div></figure>'


def table(name, rows):
    return f'<div class="tbl" id="{name}"><table>{f"<tr><td>{name}</td></tr>" * rows}</table></div>'


def words(*names):
    """Paragraphs of one line."""
    return "".join(f"<p>{name}</p>" for name in names)


def texts(box):
    if hasattr(box, "text"):
        yield box.text
    for child in getattr(box, "children", ()):
        yield from texts(child)


class Hole(NamedTuple):
    """Empty space at the foot of a page, and the figure or table that begins the next one."""

    height_mm: float
    cause: str


def first_float(page_box):
    """The figure or table with which a page begins; empty where something else does."""
    box = next((child for child in page_box.children if child.element_tag == "html"), None)
    while box is not None:
        if floats._kind(box):
            return box.element.get("id")
        inner = [child for child in getattr(box, "children", ()) if type(child).__name__ != "FootnoteAreaBox"]
        box = inner[0] if inner else None
    return ""


def holes(document):
    """The empty space at the foot of every page but the last."""
    boxes = [page._page_box for page in document.pages]
    return [Hole(floats._hole_mm(box), first_float(following)) for box, following in pairwise(boxes)]


@pytest.fixture
def layout(caplog):
    """The words on each page of 100 mm, and the holes."""
    weasyprint = load_weasyprint()

    def lay_out(body):
        source = f"<style>{STYLE}</style><main>{body}</main>"
        with floating():
            document = weasyprint.HTML(string=source).render()
        return [" ".join(texts(page._page_box)) for page in document.pages], holes(document)

    yield lay_out
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_text_goes_before_a_figure_that_would_leave_a_hole(layout):
    pages, left = layout(words("a", "b") + figure("f", 90) + words(*"cdefghijkl"))
    assert pages == ["a b c d e f g h i j", "f k", "l"]
    assert [round(hole.height_mm) for hole in left] == [0, 0]


def test_a_small_hole_stays(layout):
    pages, left = layout(figure("f", 101 - LARGEST_HOLE_MM) + figure("g", 50) + words("a"))
    assert pages == ["f", "g a"]
    assert [(round(hole.height_mm), hole.cause) for hole in left] == [(LARGEST_HOLE_MM - 1, "g")]


def test_two_of_a_kind_keep_their_order_and_text_goes_before_both(layout):
    pages, _ = layout(words("a") + figure("f", 95) + figure("g", 20) + words("b", "c", "d"))
    assert pages == ["a b c d", "f", "g"]


def test_a_table_that_fits_goes_before_a_figure_and_one_that_does_not_is_left_out(layout):
    pages, _ = layout(words("a") + figure("f", 95) + table("s", 3) + table("t", 7) + words("b", "c"))
    assert pages == ["a s s s b c", "f", "t t t t t t t"]


def test_a_figure_stays_in_its_section(layout):
    pages, left = layout(f"<section>{words('a') + figure('f', 95)}</section><section>{words('b')}</section>")
    assert pages == ["a", "f", "b"]
    assert left[0].cause == "f"


@pytest.mark.parametrize(("rows", "first"), [(7, "a b c d"), (8, "a b c d t t t t t t")])
def test_a_table_of_many_rows_breaks_where_nothing_else_fills_the_page(layout, rows, first):
    pages, _ = layout(words(*"abcd") + table("t", rows))
    assert pages[0] == first
    assert " ".join(pages).split() == [*"abcd", *"t" * rows]


def test_a_figure_lets_a_long_table_begin(layout):
    pages, _ = layout(words(*"ab") + figure("f", 95) + table("t", 12))
    assert pages == ["a b t t t t t t t t", "t t t t", "f"]


def test_page_numbers_that_point_forward_are_right(layout):
    link = '<p id="first">see <a href="#last"></a></p>'
    pages, _ = layout(link + figure("f", 95) + words(*"abcdefghijk") + '<p id="last">end</p>')
    assert pages == ["see  3 a b c d e f g h i", "f", "j k end"]


def test_nothing_is_lost_and_text_keeps_its_order(layout):
    rows = [1 + 5 * n % 9 for n in range(30)]
    parts = [words(f"w{n}") + figure(f"f{n}", 20 + 13 * n % 70) + table(f"t{n}", rows[n]) for n in range(30)]
    pages, _ = layout("".join(parts))
    seen = " ".join(pages).split()
    for kind in "wft":
        numbers = [int(word[1:]) for word in seen if word[0] == kind]
        assert numbers == sorted(numbers)
    assert len(seen) == 30 + 30 + sum(rows)


def parts_of_a_report():
    """Kinds and sizes: words, figures, tables, headings, footnotes, columns, flex, definitions, ends of sections."""
    lines = st.integers(1, 14)
    one = st.one_of(
        st.tuples(st.just("w"), lines),
        st.tuples(st.just("f"), st.integers(11, 99)),
        st.tuples(st.just("t"), st.integers(1, 25)),
        st.tuples(st.sampled_from("hns"), st.just(1)),
        st.tuples(st.sampled_from("cxd"), lines),
    )
    return st.lists(one, min_size=1, max_size=25)


def set_out(parts):
    """The parts as HTML, and the words of each kind in their order."""
    html, expected = "", {}
    for number, (kind, size) in enumerate(parts):
        name = f"{kind}{number}"
        several = words(*[name] * size)
        html += {
            "w": several,
            "f": figure(name, size),
            "t": table(name, size),
            "h": f"<h3>{name}</h3>",
            "n": f'<p>note<span class="footnote">{name}</span></p>',
            "s": "</section><section>",
            "c": f'<div class="columns">{several}</div>',
            "x": f'<div class="flex"><div>{several}</div></div>',
            "d": "<dl>" + f"<dt>term</dt><dd>{name}</dd>" * size + "</dl>",
        }[kind]
        if kind != "s":
            expected.setdefault(kind, []).extend([name] * (1 if kind in "fhn" else size))
    return f"<section>{html}</section>", expected


@pytest.mark.parametrize("examples", [40, pytest.param(1500, marks=pytest.mark.soak)])
def test_whatever_a_report_holds_is_set_whole_and_in_order(layout, examples):
    how = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)

    @settings(how, derandomize=examples < 100)
    @given(parts_of_a_report())
    def attempt(parts):
        body, expected = set_out(parts)
        pages, _ = layout(body)
        seen = [word for page in pages for word in page.split() if word[1:].isdigit() and word[0] in expected]
        assert {kind: [word for word in seen if word[0] == kind] for kind in expected} == expected

    attempt()


def test_weasyprint_is_left_as_it_was():
    pages = load_weasyprint().layout.page
    make = pages.remake_page
    with floating():
        assert pages.remake_page is not make
    assert pages.remake_page is make
