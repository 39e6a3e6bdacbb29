"""The program `transfer-report`: its commands, and how a user's mistake ends."""

import sys

import typer

from transfer_report.commands.compare import compare
from transfer_report.commands.doctor import doctor
from transfer_report.commands.draft import draft
from transfer_report.commands.experiments import experiments
from transfer_report.commands.fetch_weights import fetch_weights
from transfer_report.commands.init import init
from transfer_report.commands.power import power
from transfer_report.commands.predict import predict_classes
from transfer_report.commands.reproduce import reproduce
from transfer_report.commands.verify import verify
from transfer_report.errors import UserError
from transfer_report.faults import explain
from transfer_report.log import set_up_log

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


@app.callback()
def _describe() -> None:
    """Reports on transfer learning, on top of `dvc`: each command works in a checkout of the project."""


app.command()(init)
app.command()(reproduce)
app.command()(compare)
app.command()(doctor)
app.command()(experiments)
app.command("fetch-weights")(fetch_weights)
app.command()(verify)
app.command()(power)
app.command()(draft)
app.command("predict")(predict_classes)


def main() -> None:
    """Run the command that was typed; a mistake of the user, or a fault of the machine, is one message and code 1."""
    set_up_log()
    try:
        app()
    except UserError as error:
        sys.exit(f"error: {error}")
    except Exception as error:
        if (message := explain(error)) is None:
            raise
        sys.exit(f"error: {message}")
