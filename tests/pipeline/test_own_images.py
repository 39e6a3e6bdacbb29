"""Own images by `init`, under DVC: experiments in copies and a colleague's clone have the same ones."""

import subprocess

import numpy as np
import pytest
from PIL import Image
from tests.pipeline.clone import Clone, small_clone


def images(folder):
    generator = np.random.default_rng(0)
    for split in ("Training", "Testing"):
        for name in ("normal", "sick"):
            for number in range(12):
                path = folder / split / name / f"{number}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(generator.integers(0, 256, (32, 32), dtype=np.uint8)).save(path)


@pytest.fixture
def own(tmp_path):
    """A checkout that was set up for images in `data/own` and has prepared them, committed and pushed."""
    clone = small_clone(tmp_path / "own")
    images(clone.folder / "data/own")
    clone.run("transfer-report", "init", "data/own", "--yes")
    assert clone.repro("--single-item", "prepare") == ["prepare"]
    for key, value in (("user.name", "A Tester"), ("user.email", "tester@example.org")):
        clone.run("git", "config", key, value)
    clone.run("dvc", "remote", "add", "--default", "store", str(tmp_path / "store"))
    clone.run("git", "add", "--all")
    clone.run("git", "commit", "--quiet", "--message", "Own images")
    clone.run("dvc", "push", "data/own.dvc", "prepare")
    return clone


def test_copies_and_clones_have_the_images(own, tmp_path):
    tracked = own.run("git", "ls-files", "data").stdout.split()
    assert tracked == ["data/README.md", "data/own.dvc"]
    own.run("dvc", "exp", "run", "--temp", "--single-item", "--name", "another-cut", "-S", "data.seed=7", "prepare")
    own.run("dvc", "exp", "branch", "another-cut", "branch-of-it")
    lock = own.run("git", "show", "branch-of-it:dvc.lock").stdout
    assert "seed: 7" in lock

    subprocess.run(["git", "clone", "--quiet", str(own.folder), str(tmp_path / "colleague")], check=True)
    colleague = Clone(tmp_path / "colleague")
    colleague.run("dvc", "pull", "data/own.dvc", "prepare")
    assert colleague.repro("--single-item", "prepare") == []
    assert len(list((colleague.folder / "data/own").rglob("*.png"))) == 48
