"""`transfer-report predict`: classifies images with the kept network of the recommended condition."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from transfer_report.export.predict import PredictedImage
    from transfer_report.wording.wording import Wording


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
    reading = Reading(params.data.window, params.data.frame)
    found = list(predict_images(images, settings, weights, reading, maps=maps is not None))
    places = [] if maps is None else _written_maps(found, maps, wording)
    score = params.analysis.clinical.patient_score
    of_patients = patient_threshold(study, run)
    patients = []
    if study.data.has_patients:
        names = [find_patient(Path(), str(path), params.data.patient_pattern) for path in images]
        patients = predict_patients(found, names, settings, score, of_patients)
    network = wording.text(
        "export.predict.network",
        condition=wording.printer.text(str(run.key), "condition"),
        seed=run.seed,
        rule=operating_rule(study, wording),
    )
    use = wording.text("export.predict.use")
    positive = settings.classes[settings.positive]
    if as_json:
        thresholds = {"images": settings.threshold} | ({"patients": of_patients} if patients else {})
        fields = [{"image": one.image, "called": one.called, "probabilities": one.probabilities} for one in found]
        seen = [{"map": one} for one in places] or [{}] * len(fields)
        content = {
            "network": network,
            "use": use,
            "thresholds": {positive: thresholds},
            "images": [field | of_map for field, of_map in zip(fields, seen, strict=True)],
        }
        if patients:
            content |= {"patient_score": score, "patients": [one._asdict() for one in patients]}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=1))
        return

    def called_from(threshold: float | None) -> str:
        if threshold is None:
            return ""
        return wording.text("export.predict.from", positive=positive, threshold=_printed(threshold))

    def table(heads: list[str], rows: list[list[str]], last: list[str]) -> str:
        before, behind = ([wording.text(f"export.predict.{name}") for name in names] for names in (heads, last))
        return tabulate(rows, headers=[*before, *settings.classes, *behind], disable_numparse=True)

    rows = [[one.image, one.called, *map(_printed, one.probabilities.values())] for one in found]
    if places:
        rows = [[*row, seen] for row, seen in zip(rows, places, strict=True)]
    blocks = [network + called_from(settings.threshold), table(["image", "called"], rows, ["map"] if places else [])]
    if patients:
        rows = [
            [one.patient, str(one.images), one.called, *map(_printed, one.probabilities.values())] for one in patients
        ]
        blocks += [
            wording.text(f"export.predict.scores.{score}") + called_from(of_patients),
            table(["patient", "images", "called"], rows, []),
        ]
    typer.echo("\n\n".join([*blocks, use]))


def _written_maps(found: list["PredictedImage"], folder: Path, wording: "Wording") -> list[str]:
    """Write the map of each image that has one, and return where each is highest."""
    from transfer_report.figures.attention import beside_maps, place
    from transfer_report.figures.pictures import picture
    from transfer_report.files import write_bytes

    places = []
    for number, one in enumerate(found, 1):
        if one.map is None:
            places.append(wording.text("export.predict.no_map"))
            continue
        file = folder / f"{number}-{Path(one.image).stem}.png"
        write_bytes(file, picture(beside_maps(one.pixels, [one.map]), "", "").png)
        places.append(wording.text("export.predict.map_in", place=place(one.map, wording), file=file))
    return places


def _printed(risk: float) -> str:
    return f"{risk:.3f}"
