"""With `report.images: none`, nothing that is made for others shows an image or names one, or a patient."""

import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.dvc

NAME = re.compile(r"\b(train|test)/patient-\d{4}")
PICTURE = re.compile(r"data:image/(png|webp|jpeg)|<image\b")


@pytest.fixture(scope="module")
def study(finished_study, tmp_path_factory):
    """A finished study whose results are committed, and an experiment with other predictions."""
    clone = finished_study.copy(tmp_path_factory.mktemp("without") / "checkout")
    for key, value in (("user.name", "A Tester"), ("user.email", "tester@example.org")):
        clone.run("git", "config", key, value)
    clone.run("git", "add", "--all")
    clone.run("git", "commit", "--quiet", "--message", "Results")
    clone.run("dvc", "exp", "run", "--name", "other", "-S", "conditions.fine_tuning.small-lr.dropout=0.3", "analyse")
    clone.run("git", "reset", "--quiet", "--hard")
    clone.run("dvc", "checkout", "--quiet")
    return clone


def pages(study):
    """Pages over revisions, as text."""
    for name, command in (("compare", ("compare", "HEAD", "other")), ("experiments", ("experiments",))):
        study.run("transfer-report", *command, "--html", f"{name}.html", "--markdown", f"{name}.md")
        yield from (study.folder / f"{name}.{ending}" for ending in ("html", "md"))


def readable(file):
    """What a person or a program can read in a file."""
    if file.suffix == ".pdf":
        return subprocess.run(["pdftotext", file, "-"], capture_output=True, check=True, text=True).stdout
    return file.read_bytes().decode("utf-8", "replace")


def shows_pictures(file):
    """Whether a file holds an image of the data; drawings as PNG stand beside the same as SVG."""
    if file.suffix == ".pdf":
        listed = subprocess.run(["pdfimages", "-list", file], capture_output=True, check=True, text=True).stdout
        return len(listed.splitlines()) > 2  # its head
    if file.suffix in (".png", ".webp", ".jpg"):
        return not file.with_suffix(".svg").is_file()
    return file.suffix != ".safetensors" and bool(PICTURE.search(readable(file)))


def outputs(study):
    """All that is made for others."""
    made = [file for name in ("report", "export") for file in Path(study.folder, "results", name).rglob("*")]
    return [*(file for file in made if file.is_file()), *pages(study)]


def test_the_usual_outputs_show_and_name_images(study):
    """What the next test looks for is found where it is."""
    found = outputs(study)
    showing = {file.name for file in found if shows_pictures(file)}
    naming = {file.name for file in found if NAME.search(readable(file))}
    assert {"report.html", "report.pdf", "compare.html"} <= showing
    assert {"report.html", "report.json", "compare.html"} <= naming


def test_without_images_none_shows_or_names_one(study):
    study.edit(report__images="none")
    ran = study.reproduce()
    assert "report" in ran
    assert not [name for name in ran if name.startswith(("fine_tune", "linear_probe", "lp_ft", "prepare"))]
    found = outputs(study)
    assert {"report.html", "report.pdf", "report.json", "report.md", "predictions.csv", "compare.html"} <= {
        file.name for file in found
    }
    assert [file.name for file in found if shows_pictures(file)] == []
    assert [file.name for file in found if NAME.search(readable(file))] == []
