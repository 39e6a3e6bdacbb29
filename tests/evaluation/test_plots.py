"""The curves go through the real `dvc plots`."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from transfer_report.evaluation.summary import curves_table

pytestmark = pytest.mark.dvc

ROOT = Path(__file__).parents[2]
PLOTS = (ROOT / "dvc.yaml").read_text().partition("\nplots:\n")[2]


def test_dvc_draws_every_condition(evaluation, tmp_path):
    def run(*command):
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    run("git", "init", "--quiet")
    run("dvc", "init", "--quiet")
    shutil.copytree(ROOT / ".dvc/plots", tmp_path / ".dvc/plots", dirs_exist_ok=True)
    (tmp_path / "dvc.yaml").write_text(f"plots:\n{PLOTS}")
    (tmp_path / "results").mkdir()
    (tmp_path / "results/curves.tsv").write_text(curves_table(evaluation.conditions))
    shown = json.loads(run("dvc", "plots", "show", "--json"))["data"]
    assert sorted(shown) == ["accuracy", "loss"]
    drawing = json.dumps(shown["accuracy"])
    assert "Accuracy by epoch" in drawing
    assert "linear_probe" in drawing
    page = Path(run("dvc", "plots", "show").strip().removeprefix("file://")).read_text()
    assert "<DVC_METRIC" not in page
    assert "toNumber(datum['accuracy'])" in page
