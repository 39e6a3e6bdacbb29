"""`transfer-report experiments`: all experiments, and which are better than what they started from."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def experiments(
    markdown: Annotated[str | None, typer.Option(metavar="FILE", help="Write Markdown; `-`: print it.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one HTML page.")] = None,
    against: Annotated[
        Literal["baseline", "commit"],
        typer.Option(help="Compare new and changed conditions with the baseline of their experiment, or the commit."),
    ] = "baseline",
) -> None:
    """List all experiments of `dvc exp run`: what they changed, and which are better than what they are compared with.

    A condition that its experiment adds, or changes beyond what it changed in the baseline of its table, is compared
    with that baseline in the same experiment; others are compared with the commit. p-values are corrected for how many
    comparisons were made.
    """
    # Libraries of science take seconds to load, which other commands and `--help` need not wait for.
    from transfer_report.commands.output import write_page
    from transfer_report.loading import load_params
    from transfer_report.report.variants.experiments_page import experiments_page
    from transfer_report.revisions.repository import open_repository
    from transfer_report.variants.overview import overview
    from transfer_report.wording.wording import load_texts, wording_file

    params = load_params()
    file = wording_file(params.report.language)
    texts = load_texts(file)
    with open_repository() as repository:
        tried = overview(repository, params.analysis, against)
    write_page(experiments_page(tried, params.analysis, texts, str(file)), texts, markdown, html)
