"""Command `verify`: holds DVC's cache and the results against their hashes, and finds half-written records."""

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from transfer_report.damage import changed_results, damaged_objects, damaged_records
from transfer_report.errors import UserError
from transfer_report.storage import LOCK


def verify(
    remove: Annotated[bool, typer.Option(help="Remove what is damaged, so that `dvc repro` makes it anew.")] = False,
) -> None:
    """Find damaged files in DVC's cache and records, and results that are not what their stage wrote."""
    cache = _cache()
    records = list(damaged_records())
    damaged = [*records, *damaged_objects(cache)]
    if LOCK not in records and (LOCK.exists() or not records):
        damaged += changed_results(cache)
    for path in damaged:
        typer.echo(f"{'removed' if remove else 'damaged'}: {path}")
        if remove:
            path.unlink()
    if damaged and not remove:
        raise UserError(
            f"{len(damaged)} damaged files; `transfer-report verify --remove` removes them, `dvc repro` makes "
            "them anew, or takes them from its cache"
        )
    whole = "Every record, every cached file and every result is what was written."
    typer.echo("Removed; now: dvc repro" if damaged else whole)


def _cache() -> Path:
    try:
        # Fixed words, found on the path as the environment's dvc is.
        answer = subprocess.run(["dvc", "cache", "dir"], capture_output=True, check=True, text=True)  # noqa: S607
    except (OSError, subprocess.CalledProcessError):
        raise UserError("dvc says nothing of its cache; run in the project, with its environment active") from None
    return Path(answer.stdout.strip())
