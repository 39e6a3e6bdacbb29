"""`transfer-report predict`: classifies images with the kept network of the recommended condition."""

import json
from pathlib import Path
from typing import Annotated

import typer


def predict_classes(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE…", help="Image files.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    maps: Annotated[
        Path | None, typer.Option("--maps", metavar="FOLDER", help="Write an attention map of each image there.")
    ] = None,
) -> None:
    """Print the class and the probabilities of images, at the study's operating point. For research alone.

    Where the study knows patients, those of each patient follow, by `analysis.clinical.patient_score`.
    """
    # PyTorch takes seconds to load, which other commands and `--help` need not wait for.
    from tabulate import tabulate

    from transfer_report.data.folder import find_patient
    from transfer_report.data.reading import Reading
    from transfer_report.errors import UserError
    from transfer_report.export.predict import predict_images, predict_patients
    from transfer_report.export.study import kept_run, network_settings, operating_rule, patient_threshold
    from transfer_report.figures.attention import beside_maps, place
    from transfer_report.figures.pictures import picture
    from transfer_report.files import read_bytes, write_bytes
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
    reading = Reading(params.data.window, params.data.frame)
    found = list(predict_images(images, settings, weights, reading, maps=maps is not None))
    places = [] if maps is None else [wording.text("export.predict.no_map")] * len(found)
    for number, one in enumerate(found):
        if maps is not None and one.map is not None:
            written = maps / f"{number + 1}-{Path(one.image).stem}.png"
            write_bytes(written, picture(beside_maps(one.pixels, [one.map]), "", "").png)
            places[number] = wording.text("export.predict.map_in", place=place(one.map, wording), file=written)
    score = params.analysis.clinical.patient_score
    patients = []
    if study.data.has_patients:
        names = [find_patient(Path(), str(path), params.data.patient_pattern) for path in images]
        patients = predict_patients(found, names, settings, score, patient_threshold(study, run))
    network = wording.text(
        "export.predict.network",
        condition=wording.printer.text(str(run.key), "condition"),
        seed=run.seed,
        rule=operating_rule(study, wording),
    )
    use = wording.text("export.predict.use")
    if as_json:
        fields = [{"image": one.image, "called": one.called, "probabilities": one.probabilities} for one in found]
        content = {
            "network": network,
            "use": use,
            "images": [
                field | ({"map": seen} if seen else {})
                for field, seen in zip(fields, places or [""] * len(fields), strict=True)
            ],
        }
        if patients:
            content["patient_score"] = score
            content["patients"] = [one._asdict() for one in patients]
        typer.echo(json.dumps(content, ensure_ascii=False, indent=1))
        return
    words = {name: wording.text(f"export.predict.{name}") for name in ("image", "called", "map", "patient", "images")}
    rows = [[one.image, one.called, *_printed(one.probabilities)] for one in found]
    heads = [words["image"], words["called"], *settings.classes]
    if places:
        heads, rows = [*heads, words["map"]], [[*row, seen] for row, seen in zip(rows, places, strict=True)]
    typer.echo(f"{network}\n")
    typer.echo(tabulate(rows, headers=heads, disable_numparse=True))
    if patients:
        rows = [[one.patient, str(one.images), one.called, *_printed(one.probabilities)] for one in patients]
        heads = [words["patient"], words["images"], words["called"], *settings.classes]
        typer.echo(f"\n{wording.text(f'export.predict.scores.{score}')}\n")
        typer.echo(tabulate(rows, headers=heads, disable_numparse=True))
    typer.echo(f"\n{use}")


def _printed(probabilities: dict[str, float]) -> list[str]:
    return [f"{risk:.3f}" for risk in probabilities.values()]
