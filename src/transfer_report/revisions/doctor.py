"""Prerequisites of variants in git and DVC, with the command that provides each."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from transfer_report.errors import UserError
from transfer_report.git import git, is_of_another_owner
from transfer_report.layout import HERE, PARAMS_FILE
from transfer_report.loading import load_params


class Check(NamedTuple):
    """One thing that is needed."""

    what: str
    well: bool
    remedy: str
    """Command to type where it is missing."""


def _images(folder: Path) -> Path | None:
    """Where the settings say that images are, inside the project; None where none are read, or they are elsewhere."""
    try:
        data = load_params(folder / PARAMS_FILE).data
    except UserError:
        return None  # `plan` says what is wrong with the settings
    images = folder / data.path
    inside = images.resolve().is_relative_to(folder.resolve()) and images.exists()
    return images if data.source != "phantom" and inside else None


def checks(folder: Path = Path()) -> Iterator[Check]:
    """Everything that `dvc exp run`, `compare` and `experiments` need, in the order in which to mend it."""
    dvc = shutil.which("dvc")
    own = Path(sys.executable).parent
    yield Check("dvc is that of this environment", bool(dvc) and Path(str(dvc)).parent == own, f"source {own}/activate")
    here = folder.resolve()
    root = next((each for each in (here, *here.parents) if (each / HERE.pipeline).is_file()), None)
    yield Check("this folder is the study's", root == here, f"cd {root}" if root else f"cd to where {HERE.pipeline} is")
    if root != here:
        return  # of another folder no repository should be made
    if is_of_another_owner(folder):
        remedy = f"git config --global --add safe.directory {here}"
        yield Check("git trusts this folder, which belongs to another user", False, remedy)
        return
    inside = git(folder, "rev-parse", "--is-inside-work-tree") == "true"
    yield Check("a git repository", inside, "git init && git add --all")
    if not inside:
        return
    yield Check(f"{PARAMS_FILE} is there", (folder / PARAMS_FILE).is_file(), f"git checkout {PARAMS_FILE}")
    for key, example in (("user.name", "Your Name"), ("user.email", "you@example.org")):
        known = bool(git(folder, "config", key) or os.environ.get(f"GIT_AUTHOR_{key[5:].upper()}"))
        yield Check(f"git knows {key}", known, f"git config {key} '{example}'")
    if images := _images(folder):
        kept = any(Path(f"{place}.dvc").exists() for place in (images, *images.parents) if place.name) or bool(
            git(folder, "ls-files", "--", str(images))
        )
        yield Check(
            f"the images in {images} are in DVC, for copies and colleagues to have them", kept, f"dvc add {images}"
        )
    merging = git(folder, "rev-parse", "--verify", "--quiet", "MERGE_HEAD") is not None
    yield Check(
        "no merge is under way",
        not merging,
        "settle the conflicts of params.yaml, then git checkout --ours dvc.lock && transfer-report reproduce --pull && "
        "git commit --all",
    )
    committed = bool(git(folder, "rev-parse", "--verify", "--quiet", "HEAD"))
    yield Check("a first commit", committed, "git add --all && git commit --message 'A study'")
    yield Check("the study was run", (folder / HERE.lock).is_file(), "dvc repro")
    changed = committed and git(folder, "status", "--porcelain", "--", str(HERE.lock), str(HERE.metrics)) == ""
    yield Check(
        "its results are committed, for variants to be compared with",
        changed and (folder / HERE.lock).is_file(),
        "git add --all && git commit --message 'Results'",
    )
