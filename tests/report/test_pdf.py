import re

import page as page_validation
import pikepdf
import pypdf
import pytest
from tests.report.conftest import context

from transfer_report.errors import UserError
from transfer_report.report import pdf as pdf_module
from transfer_report.report.pdf import render_pdf


@pytest.mark.parametrize("profile", ["ua1", "2a"])
def test_is_accessible_and_archivable(pdf, profile):
    report = page_validation.validate_pdf(str(pdf), profile=profile)
    assert report.is_compliant, [f"{failure.rule_id}: {failure.message}" for failure in report.failures][:5]


def structure(node, found):
    if isinstance(node, pikepdf.Array):
        for kid in node:
            structure(kid, found)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        found.append(node)
        if "/K" in node:
            structure(node.K, found)
    return found


def test_every_picture_has_words_and_every_header_a_scope(pdf):
    with pikepdf.open(pdf) as document:
        elements = structure(document.Root.StructTreeRoot.K, [])
        figures = [element for element in elements if element.S == "/Figure"]
        heads = [element for element in elements if element.S == "/TH"]
        assert len(figures) > 10
        assert all(len(str(figure.Alt)) > 20 for figure in figures)
        assert {str(head.A.Scope) for head in heads} == {"/Row", "/Column"}
        assert str(document.Root.Lang) == "en"


def test_bookmarks_follow_the_sections(pdf):
    titles = [entry.title for entry in pypdf.PdfReader(pdf).outline[1] if not isinstance(entry, list)]
    assert [title[0] for title in titles[:8]] == list("ABCLDEFA")  # LP-FT and the appendix are no tasks of the homework


def test_a_caption_stands_on_the_page_of_its_table(study, pdf):
    it = context(study, "pdf")
    pages = [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(pdf).pages]
    assert len(it.tables) > 10
    for id_, table in it.tables.items():
        label = f"{it.numbering.label(id_)}.".replace("\u00a0", " ")
        begin = next(page for page in pages if label in page)
        behind = begin[begin.index(label) :]
        first_cell = re.sub("<[^>]*>", "", str(table.rows[0][0]))
        assert first_cell.split()[0] in behind, label


def test_only_links_of_the_report(pdf):
    with pikepdf.open(pdf) as document:
        links = [
            str(note.A.URI)
            for page in document.pages
            for note in page.get("/Annots", [])
            if "/URI" in note.get("/A", {})
        ]
    assert links
    assert all(link.startswith("https://") for link in links)


def test_a_warning_stops_the_build(study, monkeypatch):
    source = '<html lang="en"><title>x</title><p style="text-wrap: sideways; widht: 3px">x</p></html>'
    monkeypatch.setattr(pdf_module, "print_source", lambda *_: source)
    with pytest.raises(UserError, match="without a fault"):
        render_pdf(context(study, "pdf"))


def test_a_sign_that_no_typeface_has_is_named(study, monkeypatch):
    source = '<html lang="en"><title>x</title><p>Author: \u0378</p></html>'
    monkeypatch.setattr(pdf_module, "print_source", lambda *_: source)
    with pytest.raises(UserError, match=r"no typeface of this machine has .*U\+0378.*; install one"):
        render_pdf(context(study, "pdf"))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "https://example.org/x.png", "report:../params.yaml"])
def test_no_other_address_is_read(study, monkeypatch, address):
    source = f'<html lang="en"><title>x</title><img src="{address}" alt="x"></html>'
    monkeypatch.setattr(pdf_module, "print_source", lambda *_: source)
    with pytest.raises(UserError, match="not a part of the report"):
        render_pdf(context(study, "pdf"))


def test_missing_system_libraries_are_named(monkeypatch):
    def fail(*_args, **_kwargs):
        raise OSError("cannot load library 'libgobject-2.0-0'")

    monkeypatch.setattr("builtins.__import__", fail)
    with pytest.raises(UserError, match="apt-get install"):
        pdf_module.load_weasyprint()


def test_fonts_are_named_by_their_order_not_by_pango_s_description(pdf):
    with pikepdf.open(pdf) as document:
        fonts = document.pages[0].Resources.Font
        tags = [f"/RPTAA{letter}" for letter in "ABCDEFGH"][: len(fonts)]
        assert sorted(fonts.keys()) == tags
        assert sorted(str(font.BaseFont).partition("+")[0] for font in fonts.values()) == tags
        drawn = [step for page in document.pages for step in pikepdf.parse_content_stream(page)]
        assert {str(step.operands[0]) for step in drawn if str(step.operator) == "Tf"} == set(tags)


def test_running_heads_are_set_aside_and_nothing_else(pdf):
    with pikepdf.open(pdf) as document:
        parents = pikepdf.NumberTree(document.Root.StructTreeRoot.ParentTree)
        for page in document.pages[1:]:
            begins = [step.operands for step in pikepdf.parse_content_stream(page) if str(step.operator) == "BDC"]
            held = {mark for mark, element in enumerate(parents[int(page.StructParents)]) if element is not None}
            assert {int(detail.MCID) for _, detail in begins if "/MCID" in detail} == held
            assert any(detail.get("/Type") == "/Pagination" for _, detail in begins)
