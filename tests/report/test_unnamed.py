"""A report without images shows none, and names no file and no patient: in the page, on paper, in Markdown and JSON."""

import re
import subprocess
from dataclasses import replace

import pytest
from tests.report.conftest import context
from tests.report.study import make_study

from transfer_report.records.data import CheckResult
from transfer_report.report.html import render_html
from transfer_report.report.machine import render_json
from transfer_report.report.markdown import render_markdown
from transfer_report.report.pdf import render_pdf
from transfer_report.report.unnamed import without_names

NAMED = re.compile(r"(train|val|test)-\d{3}|ward-7")
PICTURE = re.compile(r"data:image/(png|webp|jpeg)")


def with_names(study):
    """The study with a check whose examples are patients, and one whose examples are classes."""
    checks = [
        CheckResult(check="patients_across_splits", passed=False, count=3, examples=["ward-7", "test-003 = test-004"]),
        *study.data.checks,
    ]
    return replace(study, data=study.data.model_copy(update={"checks": checks}))


@pytest.fixture(scope="module")
def unnamed():
    return without_names(with_names(make_study(shows_images=False)))


def texts(study):
    """The report as text, in each form but paper."""
    yield render_html(context(study, "html"))
    yield render_markdown(context(study, "markdown"))
    yield render_json(context(study, "markdown"))


def test_no_form_names_or_shows_an_image(unnamed):
    for text in texts(unnamed):
        assert not NAMED.search(text)
        assert not PICTURE.search(text)
        assert "consolidation" in text  # the example of a check that is a class


def test_paper_has_no_picture_and_no_name(unnamed, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(render_pdf(context(unnamed, "pdf")))
    read = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True, text=True).stdout
    assert "This report is made without images" in " ".join(read.split())
    assert not NAMED.search(read)
    listed = subprocess.run(["pdfimages", "-list", path], capture_output=True, check=True, text=True).stdout
    assert len(listed.splitlines()) == 2  # its head


def test_the_usual_report_has_both(study):
    """What the other tests look for is found where it is."""
    page, _, machine = texts(with_names(study))
    assert PICTURE.search(page)
    assert {"ward-7", "test-003"} <= {found[0] for found in NAMED.finditer(page)}
    assert NAMED.search(machine)


def test_files_of_figures_are_drawings_alone(unnamed):
    assert {name.rpartition(".")[2] for name in unnamed.files} == {"svg"}
    assert not [figure.id for figure in unnamed.figures.figures if figure.tiles]
