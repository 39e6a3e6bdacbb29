import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.dvc

SCRIPT = """
import hashlib
from tests.report.conftest import context
from tests.report.study import make_study
from transfer_report.report.html import render_html
from transfer_report.report.markdown import render_markdown
from transfer_report.report.pdf import render_pdf
study = make_study()
parts = [render_html(context(study, "html")).encode(), render_markdown(context(study, "markdown")).encode()]
parts += [render_pdf(context(study, "pdf")), *study.files.values(), study.figures.model_dump_json().encode()]
print(*(hashlib.sha256(part).hexdigest() for part in parts))
"""


def hashes(tmp_path, **environment):
    home = tmp_path / environment["PYTHONHASHSEED"]
    home.mkdir()
    settings = os.environ | {"PYTHONPATH": f"src{os.pathsep}{Path.cwd()}", "HOME": str(home)} | environment
    return subprocess.run(
        [sys.executable, "-c", SCRIPT], env=settings, capture_output=True, text=True, check=True
    ).stdout


def test_the_same_records_give_the_same_bytes_in_another_process_place_and_time(tmp_path):
    first = hashes(tmp_path, PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C.UTF-8")
    second = hashes(tmp_path, PYTHONHASHSEED="2", TZ="Asia/Taipei", LC_ALL="POSIX")
    assert first == second
    assert len(first.split()[0]) == len(hashlib.sha256().hexdigest())
