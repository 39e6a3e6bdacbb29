"""Identity of code and program versions, which two machines must share to make the same results."""

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from transfer_report.errors import first_few
from transfer_report.files import sha256_of_file

# A result is decided by these; what they depend on comes with them.
PROGRAMS = (
    "dvc", "numpy", "pillow", "safetensors", "scikit-learn", "scipy", "torch", "torchvision", "timm", "pydantic",
    "distributed",
)  # fmt: skip
_CODE = ("dvc.yaml", "src")


@dataclass(frozen=True)
class Identity:
    """The environment and the code of one checkout on one machine."""

    versions: dict[str, str]
    """Of Python and the programs; a missing one is left out."""
    code: dict[str, str]
    """SHA-256 of each source file, by its path from the root."""


def identity(folder: Path) -> Identity:
    """Return the identity of a process of this environment in that checkout."""
    versions = {"python": platform.python_version()}
    for program in PROGRAMS:
        try:
            versions[program] = version(program)
        except PackageNotFoundError:
            continue
    return Identity(versions, {name: sha256_of_file(folder / name) for name in _code_files(folder)})


def departure(own: Identity, other: Identity) -> str:
    """In what the other departs from one's own, in words; empty where in nothing."""
    words = [
        f"{name} {other.versions.get(name, 'missing')} instead of {own.versions.get(name, 'none')}"
        for name in sorted(own.versions.keys() | other.versions.keys())
        if own.versions.get(name) != other.versions.get(name)
    ]
    files = sorted(name for name in own.code.keys() | other.code.keys() if own.code.get(name) != other.code.get(name))
    if files:
        words.append(f"other code in {first_few(files, 3)}")
    return "; ".join(words)


def _code_files(folder: Path) -> Iterator[str]:
    for name in _CODE:
        path = folder / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if file.is_file():
                yield file.relative_to(folder).as_posix()
