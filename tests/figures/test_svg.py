import re
from xml.etree import ElementTree

from transfer_report.figures import style
from transfer_report.figures.svg import to_svg


def drawn():
    figure = style.new_figure(20)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], gid="about:panel-0:fine_tuning/a")
    axes.set_title("A title, and its tail")
    return to_svg(figure)


def test_a_drawing_keeps_its_texts_and_what_the_page_needs():
    svg = drawn()
    assert 'id="about:panel-0:fine_tuning/a"' in svg
    assert ">A title, and its tail</text>" in svg
    named = set(re.findall(r'\bid="([^"]+)"', svg))
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg)) <= named


def test_a_drawing_has_no_ids_groups_or_digits_that_nothing_needs():
    svg = drawn()
    assert "axes_1" not in svg
    assert "<g>" not in svg
    assert not re.search(r' d="[^"]*\.\d{3}', svg)


def test_a_library_that_takes_the_empty_prefix_changes_nothing():
    # WeasyPrint does so when it is imported, for the whole process.
    before = drawn()
    ElementTree.register_namespace("", "")
    assert drawn() == before
    assert "<svg " in before
