"""Draws every figure, with its alternative text and its data."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from transfer_report.analysis.clinical.records import Clinical
from transfer_report.conditions import ConditionKey
from transfer_report.figures.all_figures import CLINICAL_KINDS, FigureInputs, draw_all, to_record
from transfer_report.figures.gallery import gallery
from transfer_report.files import open_array, read_record, sha256_of_file, write_bytes, write_record
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.planning import models
from transfer_report.records.analysis import Analysis
from transfer_report.records.attention import Attention
from transfer_report.records.base import Split
from transfer_report.records.data import DataDescription, ImageTable
from transfer_report.records.evaluation import Evaluation
from transfer_report.records.figures import FigureList, Gallery
from transfer_report.wording.names import study_printer
from transfer_report.wording.wording import Wording, load_texts, wording_file

INPUTS: dict[str, tuple[Path, ...]] = {
    "overview": (HERE.analysis_file(), HERE.evaluation_file()),
    "flow": (HERE.data_description_file(),),
    "cost": (HERE.analysis_file(),),
    "samples": (HERE.images_file("train"), HERE.table_file("train"), HERE.evaluation_file()),
    "curves": (HERE.evaluation_file(), HERE.analysis_file()),
    "comparison": (HERE.analysis_file(),),
    "size_curves": (HERE.analysis_file(),),
    "confusion": (HERE.evaluation_file(), HERE.analysis_file()),
    "reliability": (HERE.analysis_file(),),
    **dict.fromkeys(CLINICAL_KINDS, (HERE.clinical_file(),)),
    "hard_images": (HERE.images_file("test"), HERE.analysis_file(), HERE.evaluation_file()),
    "attention": (
        HERE.images_file("test"),
        HERE.attention_file(),
        HERE.attention_maps_file(),
        HERE.evaluation_file(),
    ),
    "pipeline": (),
}
"""Files that each kind of figure is made from."""


def main() -> None:
    """Draw all figures of the report."""
    material, wording = read_figure_inputs()
    hashes = {path: sha256_of_file(path) for paths in INPUTS.values() for path in paths if path.is_file()}
    records = []
    for figure in draw_all(material, wording):
        inputs = {path.as_posix(): hashes[path] for path in INPUTS[figure.kind]}
        record, files = to_record(figure, inputs, wording)
        records.append(record)
        for name, content in files.items():
            write_bytes(HERE.figures / name, content)
    shown = _write_gallery(material) if material.shows_images else None
    write_record(HERE.figures_file(), FigureList(figures=records, gallery=shown))


def _write_gallery(material: FigureInputs) -> Gallery:
    predicted = {one.condition: _predicted(ConditionKey.parse(one.condition)) for one in material.evaluation.conditions}
    shown, sheet = gallery(material.test_images, material.evaluation, predicted)
    write_bytes(HERE.figures / shown.file, sheet)
    return shown


def read_figure_inputs() -> tuple[FigureInputs, Wording]:
    """Return what the figures are drawn from, and their words."""
    params = load_params()
    attention = read_record(HERE.attention_file(), Attention)
    material = FigureInputs(
        analysis=read_record(HERE.analysis_file(), Analysis),
        clinical=read_record(HERE.clinical_file(), Clinical),
        evaluation=read_record(HERE.evaluation_file(), Evaluation),
        models=models(params),
        data=read_record(HERE.data_description_file(), DataDescription),
        train_images=_images("train"),
        train_table=read_record(HERE.table_file("train"), ImageTable),
        test_images=_images("test"),
        attention=attention,
        maps=None if attention.missing else np.asarray(open_array(HERE.attention_maps_file()), np.float32),
        shows_images=params.report.images == "all",
    )
    file = wording_file(params.report.language)
    texts = load_texts(file)
    printer = study_printer(texts, material.analysis.tables, str(file))
    return material, Wording(texts, printer, file=str(file))


def _predicted(key: ConditionKey) -> NDArray[np.intp]:
    """(seeds, images), the class that each run takes each test image for."""
    probabilities = open_array(HERE.stacked_probabilities_file(key, "test"))
    predicted: NDArray[np.intp] = np.argmax(probabilities, axis=-1)
    return predicted


def _images(split: Split) -> NDArray[np.uint8]:
    return np.asarray(open_array(HERE.images_file(split)), dtype=np.uint8)
