"""Command `verify`: holds DVC's cache and the results against their hashes, and finds half-written records."""

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from transfer_report.errors import UserError
from transfer_report.layout import HERE
from transfer_report.revisions.damage import changed_results, damaged_objects, damaged_records, missing_results


def verify(
    remove: Annotated[bool, typer.Option(help="Remove what is damaged, so that `dvc repro` makes it again.")] = False,
) -> None:
    """Find damaged files in DVC's cache and records, and results that are not what their stage wrote."""
    cache = _cache()
    records = list(damaged_records())
    damaged = [*records, *damaged_objects(cache)]
    missing: list[Path] = []
    if HERE.lock not in records and (HERE.lock.exists() or not records):
        damaged += changed_results(cache)
        missing += missing_results(cache)
    for path in damaged:
        typer.echo(f"{'removed' if remove else 'damaged'}: {path}")
        if remove:
            path.unlink()
    for path in missing:
        typer.echo(f"missing: {path}")
    if damaged and not remove:
        raise UserError(
            f"damaged files: {len(damaged)}; `transfer-report verify --remove` removes them, `dvc repro` makes "
            "them again, or takes them from its cache"
        )
    if damaged:
        typer.echo("Removed; now: dvc repro")
    elif missing:
        typer.echo(
            "All else is as written. To restore missing files: `dvc checkout` takes them from the cache, `dvc pull` "
            "from the remote, `dvc repro` makes them again."
        )
    else:
        typer.echo("Every record, every cached file and every result is what was written.")


def _cache() -> Path:
    try:
        # Fixed words, found on the path as the environment's dvc is.
        answer = subprocess.run(["dvc", "cache", "dir"], capture_output=True, check=True, text=True)  # noqa: S607
    except (OSError, subprocess.CalledProcessError):
        raise UserError("dvc says nothing of its cache; run in the project, with its environment active") from None
    return Path(answer.stdout.strip())
