"""State of a checkout by git."""

import os
import subprocess
from pathlib import Path

from transfer_report.errors import UserError


def is_of_another_owner(folder: Path) -> bool:
    """Return whether git refuses a checkout because it belongs to another user, as in containers and CI."""
    try:
        done = subprocess.run(  # of fixed words
            ["git", "rev-parse", "--git-dir"],  # noqa: S607
            cwd=folder, capture_output=True, check=False, text=True, env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except OSError:
        return False
    return "dubious ownership" in done.stderr


def refuse_other_owner() -> None:
    """Refuse a checkout that git does not trust: libraries would end in errors of their own.

    Raises:
        UserError: with what makes git trust it.
    """
    if is_of_another_owner(Path()):
        raise UserError(
            "git refuses this checkout, which belongs to another user; to trust it: git config --global --add "
            f"safe.directory {Path.cwd()}"
        )


def git(folder: Path, *words: str) -> str | None:
    """Return git's output in a folder, without the line end; None where it fails or is missing."""
    try:
        # Fixed words, found on the path as every user's git is.
        done = subprocess.run(  # noqa: S603
            ["git", *words],  # noqa: S607
            cwd=folder, capture_output=True, check=True, text=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
