"""Where a build comes from: the code's commit and the versions of the programs."""

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from transfer_report.params import PARAMS_FILE
from transfer_report.records import Provenance
from transfer_report.storage import PIPELINE

PACKAGES = (
    "torch", "torchvision", "numpy", "scipy", "scikit-learn", "statsmodels", "pillow", "matplotlib", "weasyprint",
    "dvc",
)  # fmt: skip
"""Programs whose versions can change a number or the look of the report."""

DECIDE = ("src", "report", str(PARAMS_FILE), str(PIPELINE))
"""What decides the results, beside images and weights; what DVC writes as it runs is not among them."""


def provenance() -> Provenance:
    """What is known of this checkout and this environment; outside of a git checkout the commit stays empty."""
    try:
        commit, seconds = _git("log", "-1", "--format=%H %ct").split()
        date = datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        edited = bool(_git("status", "--porcelain", "--", *DECIDE))
    except (OSError, subprocess.CalledProcessError, ValueError):
        commit, date, edited = "", "", False
    return Provenance(
        commit=commit, date=date, edited=edited, python=platform.python_version(), packages=_versions()
    )  # fmt: skip


def _git(*words: str) -> str:
    # Fixed words, found on the path as every user's git is.
    return subprocess.run(["git", *words], capture_output=True, check=True, text=True).stdout  # noqa: S603, S607


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
