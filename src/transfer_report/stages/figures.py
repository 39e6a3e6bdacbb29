"""Draws every figure, with its alternative text and its data."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from transfer_report import storage
from transfer_report.figures.atlas import Material, draw_all, to_record
from transfer_report.figures.gallery import gallery
from transfer_report.params import load_params, models
from transfer_report.records import Analysis, Attention, Evaluation, FigureList, ImageTable, Split
from transfer_report.stages.run import run_stage
from transfer_report.wording.names import study_printer
from transfer_report.wording.wording import Wording, load_texts, wording_file

INPUTS: dict[str, tuple[Path, ...]] = {
    "cost": (storage.analysis_file(),),
    "samples": (storage.images_file("train"), storage.table_file("train"), storage.evaluation_file()),
    "curves": (storage.evaluation_file(), storage.analysis_file()),
    "comparison": (storage.analysis_file(),),
    "confusion": (storage.evaluation_file(), storage.analysis_file()),
    "reliability": (storage.analysis_file(),),
    "hard_images": (storage.images_file("test"), storage.analysis_file(), storage.evaluation_file()),
    "attention": (
        storage.images_file("test"),
        storage.attention_file(),
        storage.attention_maps_file(),
        storage.evaluation_file(),
    ),
    "pipeline": (),
}
"""Which files each kind of figure is made from."""


def main() -> None:
    """Draw all figures of the report."""
    params = load_params()
    attention = storage.read_record(storage.attention_file(), Attention)
    material = Material(
        analysis=storage.read_record(storage.analysis_file(), Analysis),
        evaluation=storage.read_record(storage.evaluation_file(), Evaluation),
        models=models(params),
        train_images=_images("train"),
        train_table=storage.read_record(storage.table_file("train"), ImageTable),
        test_images=_images("test"),
        attention=attention,
        maps=None if attention.missing else np.asarray(storage.open_array(storage.attention_maps_file()), np.float32),
    )
    file = wording_file(params.report.language)
    texts = load_texts(file)
    printer = study_printer(texts, material.analysis.tables, str(file))
    wording = Wording(texts, printer, file=str(file))
    hashes = {path: storage.sha256(path) for paths in INPUTS.values() for path in paths if path.is_file()}
    records = []
    for figure in draw_all(material, wording):
        inputs = {path.as_posix(): hashes[path] for path in INPUTS[figure.kind]}
        record, files = to_record(figure, inputs, wording)
        records.append(record)
        for name, content in files.items():
            storage.write_bytes(storage.FIGURES / name, content)
    predicted = {
        one.condition: np.argmax(storage.open_array(storage.stacked_probabilities_file(one.condition, "test")), axis=-1)
        for one in material.evaluation.conditions
    }
    shown, sheet = gallery(material.test_images, material.evaluation, predicted)
    storage.write_bytes(storage.FIGURES / shown.file, sheet)
    storage.write_record(storage.figures_file(), FigureList(figures=records, gallery=shown))


def _images(split: Split) -> NDArray[np.uint8]:
    return np.asarray(storage.open_array(storage.images_file(split)), dtype=np.uint8)


if __name__ == "__main__":
    run_stage(main)
