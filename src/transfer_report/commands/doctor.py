"""`transfer-report doctor`: what git and DVC need before variants can be tried."""

import typer

from transfer_report.revisions.doctor import checks


def doctor() -> None:
    """Check what trying variants needs (git, a commit, a name, results), and say what to type where it is missing."""
    found = list(checks())
    for check in found:
        typer.echo(f"ok       {check.what}" if check.well else f"missing  {check.what}: {check.remedy}")
    if not all(check.well for check in found):
        raise typer.Exit(1)
