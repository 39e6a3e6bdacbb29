"""The order of the report, the same in each form."""

import re
from dataclasses import replace

import pytest
from tests.report.conftest import context
from tests.report.test_external import with_external
from tests.report.test_size_curves import with_curves
from tests.report.test_tuning import tuned_study

from transfer_report.report.contents import report_document
from transfer_report.report.html import render_html
from transfer_report.report.markdown import render_markdown
from transfer_report.report.pdf import print_source

PAGE = r"<h[23][^>]*>(?P<heading>.*?)(?:<a class=\"anchor\".*?)?</h[23]>|\"label\">(?P<table>Table\u00a0\w+)\.</b>"
SHORT = (
    r"^##+ (?P<heading>.*)|^\*\*(?P<table>Table\u00a0\w+)\.\*\*"
    r"|^<details><summary>(?:(?P<folded>Table\u00a0\w+)\.|(?P<last>.*)</summary>)"
)


@pytest.fixture(scope="module")
def whole(study):
    """The study with every section."""
    analysis = tuned_study(with_curves(with_external(study)), 1e-3, 22).analysis
    # The other sentences of this study are made up, so that its texts have none of these.
    analysis = analysis.model_copy(update={"findings": study.analysis.findings})
    return replace(study, analysis=analysis, notes={"making": "Written for making."})


@pytest.fixture(scope="module")
def html(whole):
    return render_html(context(whole, "html"))


@pytest.fixture(scope="module")
def markdown(whole):
    return render_markdown(context(whole, "markdown"))


def order(text, pattern=PAGE):
    """Headings and tables in order, as plain text."""
    found = re.finditer(pattern, text, re.MULTILINE)
    return [re.sub(r"<[^>]*>", "", part[part.lastgroup]).replace("&ensp;", " ") for part in found]


def test_html_and_pdf_have_the_same_headings_and_tables_in_the_same_order(html, whole):
    assert len(order(html)) > 50
    # The gallery needs a script.
    shown = [part for part in order(html) if part != "The test images, one by one"]
    assert shown == order(print_source(context(whole, "pdf")))


def test_markdown_has_headings_and_tables_in_the_order_of_the_page(html, markdown):
    page, short = order(html), order(markdown, SHORT)
    assert len(short) > 25
    assert set(short) < set(page)
    assert short == [part for part in page if part in short]
    assert (short[0], short[-2:]) == ("A Models and images", ["Table\u00a0S19", "References"])


def test_numbers_of_figures_and_tables_ascend_within_their_letters(html):
    """Their order is that of `report/context.py` and of the stage that draws."""
    numbers = {}
    for kind, letter, number, part in re.findall(r">(Figure|Table)\u00a0([A-Z]?)(\d+)(b?)\.</b>", html):
        numbers.setdefault((kind, letter), []).append((int(number), part))
    assert len(numbers) == 8
    assert numbers == {key: sorted(found) for key, found in numbers.items()}


def test_citations_count_in_reading_order_and_only_where_they_can_be_read(html, markdown):
    cited = []
    for shown in (html.partition('<ol class="references">'), markdown.partition("<summary>References")):
        body, references = shown[0], shown[2]
        numbers = list(dict.fromkeys(map(int, re.findall(r"\[(\d+)\]", body))))
        listed = re.findall(r'<li id="ref-|^\d+\. ', references, re.MULTILINE)
        assert numbers == list(range(1, len(listed) + 1))
        cited.append(len(listed))
    assert cited[0] > cited[1] > 5


def test_blocks_that_a_form_leaves_out_are_not_in_its_document(whole):
    for target in ("html", "pdf", "markdown"):
        document = report_document(context(whole, target))
        blocks = [block for section in document.sections for block in section.blocks]
        assert all(target in block.forms for block in blocks)
        assert any(block.kind == "Extra" for block in blocks) is (target == "html")
        assert bool(list(document.figures())) is (target != "markdown")
