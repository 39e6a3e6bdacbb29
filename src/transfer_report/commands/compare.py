"""`transfer-report compare`: the differences of two revisions."""

from pathlib import Path
from typing import Annotated

import typer


def compare(
    reference: Annotated[str, typer.Argument(metavar="A", help="A commit, branch, tag, experiment, or `workspace`.")],
    treatment: Annotated[str, typer.Argument(metavar="[B]", help="Another; the workspace if left out.")] = "workspace",
    markdown: Annotated[str | None, typer.Option(metavar="FILE", help="Write Markdown; `-`: print it.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one HTML page.")] = None,
) -> None:
    """Compare B with A: each condition's test accuracy and AUROC, with interval, p-value and verdict.

    Predictions come from DVC's cache, else from its remote; images and seeds are both random.
    """
    # Libraries of science take seconds to load, which other commands and `--help` need not wait for.
    from transfer_report.commands.output import write_page
    from transfer_report.loading import load_params
    from transfer_report.report.variants.comparison_page import comparison_page
    from transfer_report.revisions.repository import open_repository
    from transfer_report.revisions.results import results_of
    from transfer_report.variants.comparison import compare_revisions
    from transfer_report.wording.wording import load_texts, wording_file

    params = load_params()
    wording = wording_file(params.report.language)
    with open_repository() as repository:
        revisions = repository.revision(reference), repository.revision(treatment)
        with results_of(repository, *revisions) as results:
            found = compare_revisions(results[0], results[1], params.analysis)
            texts = load_texts(wording)
            page = comparison_page(found, texts, str(wording), shows_images=params.report.images == "all")
            write_page(page, texts, markdown, html)
