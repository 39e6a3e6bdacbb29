"""`transfer-report reproduce`: the whole study, several stages at once, here or on other machines."""

from typing import Annotated

import typer

from transfer_report.engine.session import Session, run_session


def reproduce(
    targets: Annotated[list[str] | None, typer.Argument(help="Stages that are wanted; none: all.")] = None,
    jobs: Annotated[str, typer.Option("--jobs", "-j", help="Stages at once; auto: what the machine feeds.")] = "auto",
    pull: Annotated[bool, typer.Option("--pull", help="Fetch known results from the DVC remote.")] = False,
) -> None:
    """Run what changed, as `dvc repro` does, with several stages at once."""
    raise typer.Exit(run_session(Session(targets=tuple(targets or ()), jobs=jobs, pull=pull)))
