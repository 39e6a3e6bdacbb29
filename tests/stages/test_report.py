import pytest

from transfer_report.errors import UserError
from transfer_report.layout import HERE
from transfer_report.stages import report


@pytest.fixture
def forms(tmp_path, monkeypatch):
    """A report whose forms say their names, and where it is written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(report, "_context", lambda _, target: target)
    for name in ("html", "markdown", "json"):
        monkeypatch.setattr(report, f"render_{name}", f"{name} from {{}}".format)
    monkeypatch.setattr(report, "render_pdf", str.encode)
    return tmp_path / HERE.report


def test_every_form_is_written_once_and_whole(forms):
    report.write_report(None)
    written = {file.suffix: file.read_text() for file in forms.iterdir()}
    assert written == {
        ".html": "html from html", ".md": "markdown from markdown", ".json": "json from markdown", ".pdf": "pdf",
    }  # fmt: skip


@pytest.mark.usefixtures("forms")
def test_what_stops_the_pages_is_told_as_if_there_were_one_process(monkeypatch, capfd):
    def fail(_):
        raise UserError("page.html.j2: 'nope' is undefined")

    monkeypatch.setattr(report, "render_markdown", fail)
    with pytest.raises(UserError, match="nope"):
        report.write_report(None)
    assert capfd.readouterr() == ("", "")
