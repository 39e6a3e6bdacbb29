"""The program `transfer-report`: its commands, and how a user's mistake ends."""

import sys

import typer

from transfer_report.commands.draft import draft
from transfer_report.errors import UserError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


@app.callback()
def _describe() -> None:
    """What goes beyond `dvc`: each command works in a checkout of the project."""


app.command()(draft)


def main() -> None:
    """Run the command that was typed; a mistake of the user ends in one message and exit code 1."""
    try:
        app()
    except UserError as error:
        sys.exit(f"error: {error}")
