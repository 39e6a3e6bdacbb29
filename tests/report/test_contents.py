"""The order of the report, the same in each form."""

import re
from dataclasses import replace
from functools import cache

import pytest
from tests.report.conftest import context
from tests.report.study import make_study
from tests.report.test_external import with_external
from tests.report.test_size_curves import with_curves
from tests.report.test_tuning import tuned_study

from transfer_report.report.contents import report_document
from transfer_report.report.html import render_html
from transfer_report.report.markdown import render_markdown
from transfer_report.report.pdf import print_source

HEADING = r"<h[23][^>]*>(?P<heading>.*?)(?:<a class=\"anchor\".*?)?</h[23]>"
TABLE = r"<b class=\"label\">(?P<table>Table\u00a0\w+)\.</b>"
SUMMARY = r"^<details><summary>(?:(?P<folded>Table\u00a0\w+)\.|(?P<last>.*)</summary>)"


@cache
def whole_study():
    """A study with every section, and notes in all places."""
    study = make_study()
    analysis = tuned_study(with_curves(with_external(study)), 1e-3, 22).analysis
    analysis = analysis.model_copy(update={"findings": study.analysis.findings})
    return replace(study, analysis=analysis, notes={"making": "Written for making."})


@cache
def text(target):
    render = {"html": render_html, "pdf": print_source, "markdown": render_markdown}[target]
    return render(context(whole_study(), target))


def order(target):
    """Headings and tables in order, as plain text."""
    pattern = rf"^##+ (?P<heading>.*)|^\*\*(?P<table>Table\u00a0\w+)\.\*\*|{SUMMARY}"
    pages = rf"{HEADING}|{TABLE}"
    found = re.finditer(pattern if target == "markdown" else pages, text(target), re.MULTILINE)
    return [
        re.sub(r"<[^>]*>", "", part[part.lastgroup]).replace("\u2002", " ").replace("&ensp;", " ") for part in found
    ]


def test_html_and_pdf_have_the_same_headings_and_tables_in_the_same_order():
    assert len(order("html")) > 50
    # The gallery needs a script.
    assert [part for part in order("html") if part != "The test images, one by one"] == order("pdf")


def test_markdown_has_headings_and_tables_in_the_order_of_the_page():
    page, short = order("html"), order("markdown")
    assert len(short) > 25
    assert set(short) < set(page)
    assert short == [part for part in page if part in short]
    sections = report_document(context(whole_study(), "html")).sections
    assert (short[0], short[-1]) == (f"A {sections[0].title}", sections[-1].title)


@pytest.mark.parametrize("target", ["html", "markdown"])
def test_citations_count_in_reading_order(target):
    shown = text(target).partition("<ol class" if target == "html" else "<summary>References")[0]
    numbers = list(dict.fromkeys(map(int, re.findall(r"\[(\d+)\]", shown))))
    built = context(whole_study(), target)
    report_document(built)
    assert numbers == list(range(1, len(built.citations.cited) + 1))


def test_what_markdown_leaves_out_is_not_among_its_references():
    pages, short = (context(whole_study(), target) for target in ("html", "markdown"))
    report_document(pages)
    report_document(short)
    assert set(short.citations.cited) < set(pages.citations.cited)
