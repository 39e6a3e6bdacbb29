"""Typesets HTML, PDF, Markdown and JSON."""

import sys
from multiprocessing import get_context
from pathlib import Path

from transfer_report import storage
from transfer_report.params import Condition, condition_keys, load_params
from transfer_report.records import Analysis, Attention, DataDescription, Evaluation, FigureList, StartWeights
from transfer_report.report.bibliography import read_bibliography
from transfer_report.report.context import Context, Target
from transfer_report.report.html import render_html
from transfer_report.report.machine import render_json
from transfer_report.report.markdown import render_markdown
from transfer_report.report.notes import read_notes
from transfer_report.report.pdf import render_pdf
from transfer_report.report.provenance import provenance
from transfer_report.report.study import Study
from transfer_report.stages.run import run_stage
from transfer_report.wording.wording import load_texts, wording_file

BIBLIOGRAPHY = Path("report/references.bib")


def main() -> None:
    """Write the report in all its forms."""
    write_report(read_study())


def write_report(study: Study) -> None:
    """Write a study's report as HTML, PDF, Markdown and JSON.

    The PDF takes most of the time; a second process writes the others meanwhile. What stops that one is met again, and
    told, here.
    """
    beside = get_context("fork").Process(target=_try_pages, args=(study,))
    beside.start()
    try:
        storage.write_bytes(storage.report_file("pdf"), render_pdf(_context(study, "pdf")))
    finally:
        beside.join()
    if beside.exitcode:
        _write_pages(study)


def _try_pages(study: Study) -> None:
    try:
        _write_pages(study)
    except BaseException:  # an interruption, too, is told once
        sys.exit(1)


def _write_pages(study: Study) -> None:
    storage.write_text(storage.report_file("html"), render_html(_context(study, "html")))
    storage.write_text(storage.report_file("md"), render_markdown(_context(study, "markdown")))
    storage.write_text(storage.report_file("json"), render_json(_context(study, "markdown")))


def _context(study: Study, target: Target) -> Context:
    wording = wording_file(study.settings.language)
    return Context(study, load_texts(wording), read_bibliography(BIBLIOGRAPHY), target, str(wording))


def read_study() -> Study:
    """All that the report is made from."""
    params = load_params()
    figures = storage.read_record(storage.figures_file(), FigureList)
    drawn = [name for figure in figures.figures for name in (figure.file, *(tile.file for tile in figure.tiles))]
    names = [*filter(None, drawn), figures.gallery.file]
    return Study(
        settings=params.report,
        conditions=[
            storage.read_record(storage.condition_file(group, name), Condition)
            for group, name in condition_keys(params)
        ],
        weights=[storage.read_record(storage.weights_record_file(model), StartWeights) for model in params.models],
        data=storage.read_record(storage.data_description_file(), DataDescription),
        evaluation=storage.read_record(storage.evaluation_file(), Evaluation),
        analysis=storage.read_record(storage.analysis_file(), Analysis),
        attention=storage.read_record(storage.attention_file(), Attention),
        figures=figures,
        provenance=provenance(),
        files={name: storage.read_bytes(storage.FIGURES / name) for name in names},
        notes=read_notes(),
    )


if __name__ == "__main__":
    run_stage(main)
