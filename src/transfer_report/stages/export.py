"""Stage `export`: writes what leaves the house. No pixel, file name or patient of the study is among it."""

import io
import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, cast

from safetensors.torch import load

from transfer_report.analysis.claims.predicates import CLAIMS_FILE
from transfer_report.analysis.reported import REPORTED_FILE
from transfer_report.conditions import ConditionKey
from transfer_report.evaluation.metrics import Floats
from transfer_report.export.checklists import checklist_text
from transfer_report.export.citation import Author, citation_cff
from transfer_report.export.crate import CrateFile, StudyRun, crate_metadata
from transfer_report.export.latex import macros
from transfer_report.export.methods import methods_paragraph
from transfer_report.export.model_card import model_card
from transfer_report.export.network import classify_script, network_file
from transfer_report.export.predictions import PredictedSplit, predictions_csv
from transfer_report.export.study import (
    exported_tables,
    kept_run,
    methods_of,
    model_card_of,
    network_settings,
    numbers_of,
)
from transfer_report.export.tables import to_csv, to_latex
from transfer_report.figures.all_figures import curves_apart, draw_all
from transfer_report.figures.drawing import Drawing
from transfer_report.figures.svg import to_svg
from transfer_report.files import open_array, read_bytes, sha256_of_file, write_bytes, write_text
from transfer_report.layout import HERE, PARAMS_FILE
from transfer_report.loading import load_params
from transfer_report.log import log
from transfer_report.records.base import Split
from transfer_report.report.bibliography import read_bibliography
from transfer_report.report.checklists import file_name
from transfer_report.report.context import Context
from transfer_report.report.study import Study
from transfer_report.settings import Params
from transfer_report.stages.figures import read_figure_inputs
from transfer_report.stages.report import BIBLIOGRAPHY, read_study
from transfer_report.wording.wording import load_texts, wording_file

DPI = 300
SAVED: dict[str, dict[str, Any]] = {
    "pdf": {"metadata": dict.fromkeys(("CreationDate", "Creator", "Producer"))},
    # White below, since programs that drop transparency would cover the lines with their bands.
    "png": {"metadata": {"Software": None}, "transparent": False, "facecolor": "white"},
}
"""Formats of drawings besides SVG, with matplotlib's options."""
MEDIA_TYPES = {
    ".bib": "application/x-bibtex", ".cff": "application/yaml", ".csv": "text/csv", ".md": "text/markdown",
    ".pdf": "application/pdf", ".png": "image/png", ".py": "text/x-python", ".svg": "image/svg+xml",
    ".safetensors": "application/octet-stream", ".tex": "application/x-tex", ".yaml": "application/yaml",
}  # fmt: skip


def main() -> None:
    """Write `results/export`."""
    params, study = load_params(), read_study()
    file = wording_file(params.report.language)
    context = Context(study, load_texts(file), read_bibliography(BIBLIOGRAPHY), "markdown", str(file))
    shutil.rmtree(HERE.export, ignore_errors=True)
    _write_tables(context)
    _write_figures()
    write_text(HERE.export / "predictions.csv", "".join(_predictions(study)))
    write_text(HERE.export / "numbers.tex", macros(numbers_of(study, context.wording)))
    methods = methods_of(study, context.wording)
    write_text(HERE.export / "methods.md", methods_paragraph(methods, "markdown"))
    write_text(HERE.export / "methods.tex", methods_paragraph(methods, "latex"))
    write_bytes(HERE.export / "references.bib", read_bytes(BIBLIOGRAPHY))
    _write_checklists(context)
    _write_network(study, params, context)
    _write_workflow(params)
    _write_citation(study, params)
    _write_crate(study, params, context)


def _write_tables(context: Context) -> None:
    for table in exported_tables(context):
        place = HERE.export / "tables" / table.id
        write_text(place.with_suffix(".csv"), to_csv(table))
        write_text(place.with_suffix(".tex"), to_latex(table))


def _write_figures() -> None:
    """Every drawing in three formats; sheets of images stay here, since they show patients.

    Curves that the report shows abreast leave one by one, too.
    """
    material, wording = read_figure_inputs()
    drawings = {one.id: one for one in draw_all(material, wording)}
    apart = curves_apart(material.clinical.images, material.evaluation.classes, wording)
    for drawing in ({one.id: one for one in apart} | drawings).values():
        if isinstance(drawing, Drawing):
            place = HERE.export / "figures" / drawing.id
            write_text(place.with_suffix(".svg"), to_svg(drawing.figure))
            for name, options in SAVED.items():
                drawn = io.BytesIO()
                drawing.figure.savefig(drawn, format=name, dpi=DPI, **options)
                write_bytes(place.with_suffix(f".{name}"), drawn.getvalue())


def _predictions(study: Study) -> Iterator[str]:
    seeds = {one.condition: one.seeds for one in study.evaluation.conditions}
    truth: dict[Split, tuple[list[int], list[str]]] = {
        "val": (study.evaluation.val_labels, study.evaluation.val_patients),
        "test": (study.evaluation.test_labels, study.evaluation.test_patients),
    }
    splits = [
        PredictedSplit(split, labels, patients, {key: _stacked(key, split) for key in seeds})
        for split, (labels, patients) in truth.items()
    ]
    return predictions_csv(splits, seeds, study.data.classes)


def _stacked(condition: str, split: Split) -> Floats:
    return cast(Floats, open_array(HERE.stacked_probabilities_file(ConditionKey.parse(condition), split)))


def _write_checklists(context: Context) -> None:
    for filled in context.filled_checklists():
        text = checklist_text(filled, context.wording)
        write_text(HERE.export / "checklists" / f"{file_name(filled.name)}.md", text)


def _write_network(study: Study, params: Params, context: Context) -> None:
    run = kept_run(study)
    if run is None:
        log.warning(context.wording.text("export.not_shipped"))
        return
    folder = HERE.export / "network"
    dataset = str(study.data.notes.get("folder", study.data.source))
    weights = load(read_bytes(HERE.kept_model_file(run.key, run.seed)))
    write_bytes(folder / "model.safetensors", network_file(weights, network_settings(study, run, params.data.fit)))
    write_text(folder / "classify.py", classify_script())
    write_text(folder / "README.md", model_card(model_card_of(study, run, dataset, context.wording)))


def _write_workflow(params: Params) -> None:
    """The pipeline and its settings, in which no folder of this machine is named."""
    settings = PARAMS_FILE.read_text(encoding="utf-8")
    external = (entry.path for entry in params.data.external.values())
    for place in map(Path, (params.data.path, params.weights.path, *external)):
        if place.is_absolute():
            settings = settings.replace(str(place), place.name)
    write_text(HERE.export / "workflow" / PARAMS_FILE.name, settings)
    for path in (HERE.pipeline, CLAIMS_FILE, REPORTED_FILE):
        write_bytes(HERE.export / "workflow" / path.name, read_bytes(path))


def _write_citation(study: Study, params: Params) -> None:
    if params.report.author and study.provenance.date:
        text = citation_cff(
            title=params.report.title,
            authors=[Author(params.report.author, params.report.institution)],
            version=study.provenance.commit[:12],
            released=date.fromisoformat(study.provenance.date[:10]),
        )
        write_text(HERE.export / "CITATION.cff", text)


def _write_crate(study: Study, params: Params, context: Context) -> None:
    files = {
        path.relative_to(HERE.export).as_posix(): path for path in sorted(HERE.export.rglob("*")) if path.is_file()
    }
    described = {name: _described(name, path) for name, path in files.items()}
    workflow = f"workflow/{HERE.pipeline.name}"
    run = StudyRun(
        title=params.report.title,
        description=context.wording.text("export.description"),
        author=params.report.author,
        affiliation=params.report.institution,
        licence=context.wording.text("export.no_licence"),
        workflow=described[workflow],
        inputs=[one for name, one in described.items() if name.startswith("workflow/") and name != workflow],
        outputs=[one for name, one in described.items() if not name.startswith("workflow/")],
        software={"Python": study.provenance.python, **study.provenance.packages},
        commit=study.provenance.commit,
        date=study.provenance.date,
    )
    text = json.dumps(crate_metadata(run), ensure_ascii=False, indent=2, sort_keys=True)
    write_text(HERE.export / "ro-crate-metadata.json", text + "\n")


def _described(name: str, path: Path) -> CrateFile:
    return CrateFile(name, path.name, MEDIA_TYPES[path.suffix], sha256_of_file(path))
