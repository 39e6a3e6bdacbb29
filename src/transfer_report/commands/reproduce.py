"""`transfer-report reproduce`: the whole study, several stages at once, here or on other machines."""

from typing import Annotated

import typer


def reproduce(
    targets: Annotated[
        list[str] | None, typer.Argument(help="Stages that are wanted; all where none is named.")
    ] = None,
    jobs: Annotated[
        str, typer.Option("--jobs", "-j", help="Stages at once, or workers of --cluster; auto: what the machine feeds.")
    ] = "auto",
    pull: Annotated[bool, typer.Option("--pull", help="Take results from the DVC remote where it has them.")] = False,
    scheduler: Annotated[
        str, typer.Option("--scheduler", metavar="ADDRESS", help="Train on the workers of this Dask scheduler.")
    ] = "",
    cluster: Annotated[
        str, typer.Option("--cluster", metavar="KIND", help="Train on workers of local, slurm, pbs, lsf or sge.")
    ] = "",
) -> None:
    """Run what changed, as `dvc repro` does, with several stages at once."""
    # DVC takes half a second to load, which other commands and `--help` need not wait for.
    from transfer_report.engine.session import Session, run_session

    raise typer.Exit(run_session(Session(tuple(targets or ()), jobs, pull, scheduler, cluster)))
