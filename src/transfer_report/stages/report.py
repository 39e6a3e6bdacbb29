"""Typesets HTML, PDF, Markdown and JSON."""

import sys
from collections.abc import Iterable
from multiprocessing import get_context
from pathlib import Path

from transfer_report.analysis.checklists import load_answers, load_checklists
from transfer_report.analysis.clinical.records import Clinical
from transfer_report.files import read_bytes, read_record, sha256_of_file, sha256_of_folder, write_bytes, write_text
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.planning import Condition, condition_keys
from transfer_report.records.analysis import Analysis
from transfer_report.records.attention import Attention
from transfer_report.records.data import DataDescription
from transfer_report.records.evaluation import Evaluation
from transfer_report.records.figures import FigureList
from transfer_report.records.models import InitialWeights
from transfer_report.report.bibliography import read_bibliography
from transfer_report.report.context import Context
from transfer_report.report.document import Target
from transfer_report.report.html import render_html
from transfer_report.report.machine import render_json
from transfer_report.report.markdown import render_markdown
from transfer_report.report.notes import read_notes, refuse_contradictions
from transfer_report.report.pdf import render_pdf
from transfer_report.report.provenance import CHECKOUT, provenance
from transfer_report.report.study import Study
from transfer_report.report.unnamed import without_names
from transfer_report.revisions.questions import changed_questions
from transfer_report.wording.wording import load_texts, wording_file

BIBLIOGRAPHY = Path("report/references.bib")


def main() -> None:
    """Write the report in all its forms."""
    study = read_study()
    if study.settings.strict:
        refuse_contradictions(study)
    write_report(study)


def write_report(study: Study) -> None:
    """Write a study's report as HTML, PDF, Markdown and JSON.

    The PDF takes most of the time; a second process writes the others meanwhile. An error that stops it occurs,
    and is reported, here too.
    """
    pages = get_context("fork").Process(target=_try_pages, args=(study,))
    pages.start()
    try:
        write_bytes(HERE.report_file("pdf"), render_pdf(_context(study, "pdf")))
    finally:
        pages.join()
    if pages.exitcode:
        _write_pages(study)


def _try_pages(study: Study) -> None:
    try:
        _write_pages(study)
    except BaseException:  # an interruption, too, is reported once
        sys.exit(1)


def _write_pages(study: Study) -> None:
    write_text(HERE.report_file("html"), render_html(_context(study, "html")))
    write_text(HERE.report_file("md"), render_markdown(_context(study, "markdown")))
    write_text(HERE.report_file("json"), render_json(_context(study, "markdown")))


def _context(study: Study, target: Target) -> Context:
    wording = wording_file(study.settings.language)
    return Context(study, load_texts(wording), read_bibliography(BIBLIOGRAPHY), target, str(wording))


def read_study() -> Study:
    """All that the report is made from."""
    params = load_params()
    figures = read_record(HERE.figures_file(), FigureList)
    drawn = [name for figure in figures.figures for name in (figure.file, *(tile.file for tile in figure.tiles))]
    names = [*filter(None, drawn), *([figures.gallery.file] if figures.gallery else [])]
    checklists = load_checklists()
    weights = [read_record(HERE.weights_record_file(model), InitialWeights) for model in params.models]
    study = Study(
        settings=params.report,
        conditions=[read_record(HERE.condition_file(key), Condition) for key in condition_keys(params)],
        weights=weights,
        data=read_record(HERE.data_description_file(), DataDescription),
        evaluation=read_record(HERE.evaluation_file(), Evaluation),
        analysis=read_record(HERE.analysis_file(), Analysis),
        clinical=read_record(HERE.clinical_file(), Clinical),
        attention=read_record(HERE.attention_file(), Attention),
        figures=figures,
        provenance=provenance(architectures=[one.architecture for one in weights]),
        hashes=_hashes(params.models),
        files={name: read_bytes(HERE.figures / name) for name in names},
        notes=read_notes(),
        checklists=checklists,
        answers=load_answers(checklists),
        changed_questions=changed_questions(params.analysis.main_questions, CHECKOUT),
    )
    return without_names(study) if params.report.images == "none" else study


def _hashes(models: Iterable[str]) -> dict[str, str]:
    files = [
        HERE.analysis_file(),
        HERE.clinical_file(),
        HERE.evaluation_file(),
        HERE.data_description_file(),
        *map(HERE.weights_record_file, models),
    ]
    hashes = {path.as_posix(): sha256_of_file(path) for path in files}
    return hashes | {HERE.plan.as_posix(): sha256_of_folder(HERE.plan)}
