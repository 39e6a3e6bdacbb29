"""Where a build comes from: the code's commit and the versions of the programs."""

import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from transfer_report.git import git
from transfer_report.layout import HERE, PARAMS_FILE
from transfer_report.records.report import Provenance

PACKAGES = (
    "torch", "torchvision", "timm", "numpy", "scipy", "scikit-learn", "statsmodels", "pillow", "matplotlib",
    "weasyprint", "dvc",
)  # fmt: skip
"""Programs whose versions can change a number or the look of the report."""

CHECKOUT = Path(__file__).resolve().parents[3]
"""That of the code, which is that of the study; a draft is built in a folder of its own."""
DECIDE = ("src", "report", str(PARAMS_FILE), str(HERE.pipeline))
"""Paths that decide the results, besides images and weights; DVC's own files are not among them."""


def provenance(checkout: Path = CHECKOUT) -> Provenance:
    """Return facts on this checkout and environment; outside of a git checkout the commit is empty."""
    commit, _, seconds = (git(checkout, "log", "-1", "--no-show-signature", "--format=%H %ct") or "").partition(" ")
    return Provenance(
        commit=commit,
        edited=bool(git(checkout, "status", "--porcelain", "--", *DECIDE)),
        date=datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if commit else "",
        python=platform.python_version(),
        packages=_versions(),
    )


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
