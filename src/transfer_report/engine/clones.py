"""A worker's own checkout: the project's files as they are now, with a cache and a workspace of its own."""

import shutil
import subprocess
from pathlib import Path

from transfer_report.errors import UserError
from transfer_report.layout import HERE

# A worker's own; all else in its clone is the project's and is brought up to date.
KEPT = {".git", ".cache", "results"}
KEPT_OF_DVC = {"cache", "tmp"}


def clone_folder(project: Path, worker: str) -> Path:
    """Where the clone of a worker of that name lies."""
    name = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in worker)
    return project / HERE.cache / "workers" / name


def bring_up_to_date(project: Path, clone: Path) -> None:
    """Make the clone hold the project's present files, committed or not; results and cache of an earlier run stay.

    Raises:
        UserError: git cannot list the project's files.
    """
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607  # as every user's git
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        raise UserError(f"{project}: git does not list its files: {listed.stderr.strip()}")
    for old in clone.iterdir() if clone.exists() else []:
        if old.name == ".dvc":
            for part in old.iterdir():
                if part.name not in KEPT_OF_DVC:
                    _remove(part)
        elif old.name not in KEPT:
            _remove(old)
    for name in filter(None, listed.stdout.split("\0")):
        source, target = project / name, clone / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    if not (clone / ".git").exists():
        subprocess.run(["git", "init", "--quiet"], cwd=clone, check=True)  # noqa: S607


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
