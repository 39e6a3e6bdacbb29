import re
from xml.etree import ElementTree

import pytest

from transfer_report.figures import style
from transfer_report.figures.svg import to_svg
from transfer_report.report.paper_svg import for_paper, whole_texts
from transfer_report.report.pdf import load_weasyprint, own_parts_only

TEXT = '<text x="50" y="20" style="font-size: 8px; font-family: \'Report Sans\'; {style}">{inner}</text>'


def svg(inner):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="30" viewBox="0 0 100 30">{inner}</svg>'.encode()
    )


def test_a_drawing_has_nothing_left_to_parse_or_to_group():
    figure = style.new_figure(20)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], gid="about:panel-0:fine_tuning/a")
    axes.set_ylabel("upwards")
    light = for_paper(to_svg(figure).encode()).decode()
    assert not re.search(r"style=|<style|about:|<g>|rotate\(-0 |text-anchor", light)
    assert "rotate(-90 " in light
    root = ElementTree.fromstring(light)  # noqa: S314
    assert root.get("stroke-linejoin") == "round"
    assert {element.get("stroke-width") for element in root.iter() if "stroke" in element.attrib} >= {"0.5", "1.3"}


def test_only_what_has_no_outline_is_filled_thinly_instead_of_blended():
    light = for_paper(svg('<path d="M 0 0" style="opacity: 0.3"/><path d="M 1 1" style="opacity: 0.4; stroke: red"/>'))
    assert b'fill-opacity="0.3"' in light
    assert b' opacity="0.4"' in light


def drawn(drawing):
    """What WeasyPrint writes for texts: places from the left and glyphs."""
    weasyprint = load_weasyprint()
    source = '<style>@page { size: 100px 30px; margin: 0 } img { display: block }</style><img src="report:a.svg">'
    fetcher = own_parts_only({"report:a.svg": (drawing, "image/svg+xml")})
    page = weasyprint.HTML(string=source, base_url="report:", url_fetcher=fetcher)
    with whole_texts():
        pdf = page.render().write_pdf(uncompressed_pdf=True)
    places = [float(place) for place in re.findall(rb"([\d.]+) [\d.]+ Tm", pdf)]
    return places, re.findall(rb"\[(.*)\] TJ", pdf)


def test_a_text_is_set_as_a_whole_where_it_is_anchored():
    start, middle, end = (
        drawn(for_paper(svg(TEXT.format(style=f"text-anchor: {anchor}", inner="Taverne"))))
        for anchor in ("start", "middle", "end")
    )
    assert [len(glyphs) for _, glyphs in (start, middle, end)] == [1, 1, 1]
    (left,), (centre,), (right,) = (places for places, _ in (start, middle, end))
    assert left == 50
    assert 50 - right == pytest.approx(2 * (50 - centre), abs=0.01)
    assert 22 < 50 - right < 30


def test_texts_of_several_parts_are_left_to_weasyprint():
    _, glyphs = drawn(for_paper(svg(TEXT.format(style="", inner='<tspan x="50">ab</tspan>'))))
    assert len(glyphs) == len("ab")


def test_weasyprint_is_left_as_it_was():
    tags = load_weasyprint().svg.TAGS
    before = dict(tags)
    with whole_texts():
        assert tags != before
    assert tags == before
