"""Where a build comes from: the code's commit and the versions of the programs."""

import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from transfer_report.git import git
from transfer_report.layout import HERE, PARAMS_FILE
from transfer_report.records.report import Provenance

PACKAGES = (
    "torch", "torchvision", "numpy", "scipy", "scikit-learn", "statsmodels", "pillow", "matplotlib", "weasyprint",
    "dvc",
)  # fmt: skip
"""Programs whose versions can change a number or the look of the report."""

CHECKOUT = Path(__file__).resolve().parents[3]
"""That of the code, which is that of the study; a draft is built in a folder of its own."""
DECIDE = ("src", "report", str(PARAMS_FILE), str(HERE.pipeline))
"""Paths that decide the results, besides images and weights; DVC's own files are not among them."""


def provenance(checkout: Path = CHECKOUT, architectures: Iterable[str] = ()) -> Provenance:
    """Return facts on this checkout and environment; outside of a git checkout the commit is empty.

    Args:
        checkout: of the code.
        architectures: of the study; what stands before a colon is the package that has to be there for it.
    """
    optional = sorted({name.partition(":")[0] for name in architectures if ":" in name})
    commit, _, seconds = (git(checkout, "log", "-1", "--no-show-signature", "--format=%H %ct") or "").partition(" ")
    return Provenance(
        commit=commit,
        edited=bool(git(checkout, "status", "--porcelain", "--", *DECIDE)),
        date=datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if commit else "",
        python=platform.python_version(),
        packages=_versions((*PACKAGES, *optional)),
    )


def _versions(packages: Iterable[str]) -> dict[str, str]:
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
