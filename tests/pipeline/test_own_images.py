"""Own images by `init`, under DVC: clones and experiments have the same ones, and `report.images: none` hides them."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from ruamel.yaml import YAML
from tests.pipeline.clone import SMALL, Clone, small_clone

pytestmark = pytest.mark.dvc

NAMED = re.compile(rb"radiograph-\d+|mrn-\d+")
"""Names of the image files and of the patients."""
PICTURE = re.compile(rb"data:image/|<image\b")
PATIENTS = 22
BASELINE = {"small-baseline": {"model": "small", "lr": None, "dropout": None}}
EXTERNAL = {"source": "table", "path": "data/clinic", "table": {"split": "split", "patient": "patient_id"}}


def write_images(folder, seed):
    """Write a table and its radiographs, some of them flat, some patients in both splits, and a file of no row."""
    generator = np.random.default_rng(seed)
    (folder / "files").mkdir(parents=True)
    rows = ["image,label,split,patient_id,device"]
    for split in ("train", "test"):
        for label in ("normal", "sick"):
            for number in range(12):
                name = f"files/radiograph-{len(rows)}.png"
                pixels = generator.integers(0, 256 if number else 4, (32, 32), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / name)
                rows.append(f"{name},{label},{split},mrn-{len(rows) // 2 % PATIENTS},{'ab'[number % 2]}")
    Image.fromarray(pixels).save(folder / "files/radiograph-0.png")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")


def own_names(clone):
    for key, value in (("user.name", "A Tester"), ("user.email", "tester@example.org")):
        clone.run("git", "config", key, value)


def finish_own(folder):
    """Make a study of images in `data/own`, run, commit and push it; the stages that ran."""
    clone = small_clone(folder / "checkout")
    write_images(clone.folder / "data/own", seed=0)
    write_images(clone.folder / "data/clinic", seed=1)
    clone.run("transfer-report", "init", "data/own", "--yes")
    clone.run("dvc", "add", "data/clinic")
    clone.edit(
        seeds={strategy: [0] for strategy in SMALL["seeds"]},
        conditions={"fine_tuning": BASELINE, "linear_probe": {}, "lp_ft": {}},
        data__external={"clinic": EXTERNAL},
        report__images="none",
    )
    ran = clone.reproduce()
    own_names(clone)
    clone.run("dvc", "remote", "add", "--default", "store", str(folder / "store"))
    clone.run("git", "add", "--all")
    clone.run("git", "commit", "--quiet", "--message", "Own images")
    clone.run("dvc", "push")
    return ran


@pytest.fixture(scope="module")
def own(made_once):
    """A finished study of own images, committed and pushed, whose report shows none of them."""
    folder, ran = made_once("own", finish_own)
    return Clone(folder / "checkout", ran)


def try_two_variants(own, clone):
    """Two experiments in copies of a clone of the study, each a branch then."""
    subprocess.run(["git", "clone", "--quiet", str(own.folder), str(clone.folder)], check=True)
    own_names(clone)
    early = clone.run("transfer-report", "reproduce", check=False)
    assert early.stderr.splitlines()[-1].startswith("error: params.yaml: data.path: data/own: no such folder")
    clone.run("dvc", "pull")
    assert clone.repro() == []
    clone.run("dvc", "exp", "run", "--temp", "--name", "recut", "-S", "data.seed=7", "analyse")
    clone.run("dvc", "exp", "run", "--queue", "--name", "slower", "-S", "lr=1e-5", "fine_tune@small-baseline-0")
    clone.run("dvc", "exp", "run", "--run-all")
    for name in ("recut", "slower"):
        clone.run("dvc", "exp", "branch", name, f"branch-{name}")


@pytest.fixture(scope="module")
def colleague(own, made_once):
    """Another clone, with the experiments."""
    folder, _ = made_once("colleague", lambda folder: try_two_variants(own, Clone(folder / "checkout")))
    return Clone(folder / "checkout")


def locked(clone, revision):
    """Stages of a revision as `dvc.lock` has them."""
    return YAML(typ="safe").load(clone.run("git", "show", f"{revision}:dvc.lock").stdout)["stages"]


def test_clones_and_experiments_have_the_same_images(own, colleague):
    assert {"prepare", "fine_tune@small-baseline-0", "external@clinic", "report", "export"} <= set(own.ran)
    tracked = own.run("git", "ls-files", "data").stdout.split()
    assert tracked == ["data/README.md", "data/clinic.dvc", "data/own.dvc"]
    first = locked(own, "HEAD")
    for name, prepared_anew in (("recut", True), ("slower", False)):
        stages = locked(colleague, f"branch-{name}")
        assert stages["prepare"]["deps"][0] == first["prepare"]["deps"][0]
        assert (stages["prepare"]["outs"] != first["prepare"]["outs"]) == prepared_anew
        assert stages["fine_tune@small-baseline-0"]["outs"] != first["fine_tune@small-baseline-0"]["outs"]


def revealing(folder):
    """Files that name an image or a patient, or show an image."""
    found = set()
    for path in filter(Path.is_file, folder.rglob("*")):
        content, pictures = path.read_bytes(), path.suffix in (".jpg", ".npy", ".webp")
        if path.suffix == ".pdf":
            content = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout
            listed = subprocess.run(["pdfimages", "-list", path], capture_output=True, check=True).stdout
            pictures = len(listed.splitlines()) > 2  # its head
        elif path.suffix == ".png":
            pictures = not path.with_suffix(".svg").is_file()  # which is looked at below
        if pictures or NAMED.search(content) or PICTURE.search(content):
            found.add(path.name)
    return found


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ("none", set()),
        ("all", {"report.html", "report.json", "report.md", "report.pdf", "compare.html"}),
    ],
)
def test_without_images_no_output_shows_or_names_one(colleague, tmp_path, images, expected):
    clone = colleague.copy(tmp_path / "checkout")
    if images == "all":
        clone.edit(report__images="all")
        clone.repro("--single-item", "figures", "report")
    pages = tmp_path / "pages"
    for command in (["compare", "HEAD", "recut"], ["experiments"]):
        options = [f"--{form}={pages / command[0]}.{end}" for form, end in (("html", "html"), ("markdown", "md"))]
        clone.run("transfer-report", *command, *options)
    assert len(list(pages.iterdir())) == 4
    assert revealing(pages) | revealing(clone.folder / "results/report") == expected
    assert revealing(clone.folder / "results/export") == set()
    assert NAMED.search((clone.folder / "metrics.json").read_bytes()) is None
