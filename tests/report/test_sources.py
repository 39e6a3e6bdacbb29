"""Everything that is shown says which stage made it, from which files."""

import re
import subprocess
from pathlib import Path

from tests.report.conftest import context

from transfer_report.report.provenance import provenance

BY_HAND = {"tab-packages", "tab-sources", "fig-pipeline", "tab-claim-2024", "tab-stard-ai-2025", "tab-tripod-ai-2024"}
"""Made from no result: versions of programs, this table itself, the pipeline's drawing, checklists of the report."""


def test_settings_are_those_that_the_pipeline_gives_the_stages(study):
    sources = context(study, "html").sources
    assert sources["fig-cost"].settings == ("models", "report.images", "report.language")
    assert sources["tab-settings"].settings == ("report",)


def test_every_figure_and_table_has_a_source(study):
    it = context(study, "html")
    assert set(it.sources) | BY_HAND == set(it.figures) | set(it.tables)


def test_the_page_has_whole_hashes_and_the_table_their_beginnings(study, html):
    it = context(study, "html")
    rows = {str(row[2]): str(row[0]) for row in it.tables["tab-sources"].rows}
    of_checks = next(shown for files, shown in rows.items() if files == "results/data/description.json cccccccccccc")
    found = re.findall(r"Table.A\d", re.sub("<[^>]+>", "", of_checks))
    assert found == [f"Table\u00a0A{number}" for number in range(1, 1 + len(found))]
    assert len(found) > 2
    assert f"results/data/description.json {'c' * 64}" in html


def test_optional_packages_are_named_where_a_network_needs_them(tmp_path):
    assert "safetensors" not in provenance(tmp_path, ["resnet50"]).packages
    assert list(provenance(tmp_path, ["resnet50", "safetensors:x", "none:y"]).packages)[-1] == "safetensors"


def test_an_edited_checkout_is_noticed_and_what_dvc_writes_is_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert (provenance(tmp_path).commit, provenance(tmp_path).edited) == ("", False)
    Path("src").mkdir()
    Path("src/code.py").write_text("x = 1\n")
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "One"]):
        subprocess.run(["git", *words], check=True)
    Path("dvc.lock").touch()
    assert (len(provenance(tmp_path).commit), provenance(tmp_path).edited) == (40, False)
    Path("src/code.py").write_text("x = 2\n")
    assert provenance(tmp_path).edited
    Path("src/code.py").write_text("x = 1\n")
    Path("src/more.py").touch()
    assert provenance(tmp_path).edited
