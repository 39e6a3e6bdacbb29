"""`transfer-report predict`: classifies images with the kept network of the recommended condition."""

import json
from pathlib import Path
from typing import Annotated

import typer


def predict_classes(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE…", help="Image files.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Print the class and the probabilities of images, at the study's operating point. For research alone."""
    # PyTorch takes seconds to load, which other commands and `--help` need not wait for.
    from tabulate import tabulate

    from transfer_report.data.reading import Reading
    from transfer_report.errors import UserError
    from transfer_report.export.predict import predict_images
    from transfer_report.export.study import kept_run, network_settings, operating_rule
    from transfer_report.files import read_bytes
    from transfer_report.layout import HERE
    from transfer_report.loading import load_params
    from transfer_report.stages.report import read_study
    from transfer_report.wording.names import study_printer
    from transfer_report.wording.wording import Wording, load_texts, wording_file

    params, study = load_params(), read_study()
    file = wording_file(params.report.language)
    texts = load_texts(file)
    wording = Wording(texts, study_printer(texts, study.analysis.tables, str(file)), file=str(file))
    run = kept_run(study)
    if run is None:
        raise UserError(wording.text("export.not_shipped"))
    weights = read_bytes(HERE.kept_model_file(run.key, run.seed))
    settings = network_settings(study, run, params.data.fit)
    found = list(predict_images(images, settings, weights, Reading(params.data.window, params.data.frame)))
    network = wording.text(
        "export.predict.network",
        condition=wording.printer.text(str(run.key), "condition"),
        seed=run.seed,
        rule=operating_rule(study, wording),
    )
    use = wording.text("export.predict.use")
    if as_json:
        content = {"network": network, "use": use, "images": [one._asdict() for one in found]}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=1))
        return
    rows = [[one.image, one.called, *(f"{risk:.3f}" for risk in one.probabilities.values())] for one in found]
    heads = [wording.text(f"export.predict.{name}") for name in ("image", "called")]
    typer.echo(f"{network}\n")
    typer.echo(tabulate(rows, headers=[*heads, *settings.classes], disable_numparse=True))
    typer.echo(f"\n{use}")
