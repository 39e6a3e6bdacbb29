"""What git says of a checkout."""

import subprocess
from pathlib import Path


def git(folder: Path, *words: str) -> str | None:
    """What git answers in a folder, without the line end; None where it refuses or is not there."""
    try:
        # Fixed words, found on the path as every user's git is.
        done = subprocess.run(  # noqa: S603
            ["git", *words],  # noqa: S607
            cwd=folder, capture_output=True, check=True, text=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
