"""Where a build comes from: the code's commit and the versions of the programs."""

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from transfer_report.records import Provenance

PACKAGES = (
    "torch", "torchvision", "numpy", "scipy", "scikit-learn", "statsmodels", "pillow", "matplotlib", "weasyprint",
    "dvc",
)  # fmt: skip
"""Programs whose versions can change a number or the look of the report."""


def provenance() -> Provenance:
    """What is known of this checkout and this environment; outside of a git checkout the commit stays empty."""
    try:
        # Fixed words, found on the path as every user's git is.
        answer = subprocess.run(
            ["git", "log", "-1", "--format=%H %ct"],  # noqa: S607
            capture_output=True, check=True, text=True,
        )  # fmt: skip
        commit, seconds = answer.stdout.split()
        date = datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OSError, subprocess.CalledProcessError, ValueError):
        commit, date = "", ""
    return Provenance(commit=commit, date=date, python=platform.python_version(), packages=_versions())


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
