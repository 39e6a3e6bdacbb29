"""`transfer-report draft`: the report of what is finished, while the rest still trains."""

from threading import Thread
from typing import Annotated

import typer


def draft(
    watch: Annotated[bool, typer.Option(help="Go on: a new draft whenever a condition has finished.")] = False,
    serve: Annotated[bool, typer.Option(help="Watch, and show the draft in a browser of this machine.")] = False,
    port: Annotated[int, typer.Option(help="Port of the server.", min=0, max=65535)] = 8000,
) -> None:
    """Typeset what is finished while the rest still trains, marked as a draft; DVC's results stay as they are."""
    # Not before it is asked for: it imports PyTorch, for which no other command should wait.
    from transfer_report.draft.draft import keep_drafting, make_draft, summary
    from transfer_report.draft.server import HOST, make_server
    from transfer_report.layout import HERE

    if not (watch or serve):
        typer.echo(summary(make_draft()))
        return
    if serve:
        server = make_server(HERE.drafts, port)
        typer.echo(f"http://{HOST}:{server.server_port}/ (Ctrl-C ends)")
        Thread(target=server.serve_forever, daemon=True).start()
    try:
        keep_drafting(typer.echo)
    except KeyboardInterrupt:
        typer.echo("ended")
