"""What git and DVC need before variants can be tried, and the line to type where it is missing."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from transfer_report.git import git
from transfer_report.params import PARAMS_FILE
from transfer_report.storage import LOCK, METRICS, PIPELINE


class Check(NamedTuple):
    """One thing that is needed."""

    what: str
    well: bool
    remedy: str
    """What to type where it is missing."""


def checks(folder: Path = Path()) -> Iterator[Check]:
    """Everything that `dvc exp run`, `compare` and `experiments` need, in the order in which to mend it."""
    dvc = shutil.which("dvc")
    own = Path(sys.executable).parent
    yield Check("dvc is that of this environment", bool(dvc) and Path(str(dvc)).parent == own, f"source {own}/activate")
    here = folder.resolve()
    root = next((each for each in (here, *here.parents) if (each / PIPELINE).is_file()), None)
    yield Check("this folder is the study's", root == here, f"cd {root}" if root else f"cd to where {PIPELINE} is")
    if root != here:
        return  # of another folder no repository should be made
    inside = git(folder, "rev-parse", "--is-inside-work-tree") == "true"
    yield Check("a git repository", inside, "git init && git add --all")
    if not inside:
        return
    yield Check(f"{PARAMS_FILE} is there", (folder / PARAMS_FILE).is_file(), f"git checkout {PARAMS_FILE}")
    for key, example in (("user.name", "Your Name"), ("user.email", "you@example.org")):
        known = bool(git(folder, "config", key) or os.environ.get(f"GIT_AUTHOR_{key[5:].upper()}"))
        yield Check(f"git knows {key}", known, f"git config {key} '{example}'")
    committed = bool(git(folder, "rev-parse", "--verify", "--quiet", "HEAD"))
    yield Check("a first commit", committed, "git add --all && git commit --message 'A study'")
    yield Check("the study was run", (folder / LOCK).is_file(), "dvc repro")
    changed = committed and git(folder, "status", "--porcelain", "--", str(LOCK), str(METRICS)) == ""
    yield Check(
        "its results are committed, for variants to be compared with",
        changed and (folder / LOCK).is_file(),
        "git add --all && git commit --message 'Results'",
    )
