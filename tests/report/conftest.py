from pathlib import Path

import pytest
from tests.report.study import make_study, texts

from transfer_report.report.bibliography import read_bibliography
from transfer_report.report.context import Context
from transfer_report.report.html import render_html
from transfer_report.report.pdf import render_pdf


def context(study, target):
    return Context(study, texts(), read_bibliography(Path("report/references.bib")), target, "wording")


@pytest.fixture(scope="session")
def study():
    return make_study()


@pytest.fixture(scope="session")
def html(study):
    return render_html(context(study, "html"))


@pytest.fixture(scope="session")
def pdf(study, tmp_path_factory):
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    path.write_bytes(render_pdf(context(study, "pdf")))
    return path
