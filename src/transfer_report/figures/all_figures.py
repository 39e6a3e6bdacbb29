"""All figures of the report, in its order, as records and files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from transfer_report.analysis.clinical.records import Clinical, ClinicalEvidence
from transfer_report.analysis.tables import grouped
from transfer_report.figures.attention import attention
from transfer_report.figures.comparison import comparison, of_test_accuracy
from transfer_report.figures.confusion import confusion_figure
from transfer_report.figures.cost import cost
from transfer_report.figures.curves import curves
from transfer_report.figures.decision_curve import decision_curves
from transfer_report.figures.drawing import Drawing, Sheet
from transfer_report.figures.flow import flow_diagram, shows_flow
from transfer_report.figures.overview import results_overview
from transfer_report.figures.pictures import hard_image_sheet, samples
from transfer_report.figures.pipeline import pipeline
from transfer_report.figures.reliability import reliability
from transfer_report.figures.risk_calibration import risk_calibration
from transfer_report.figures.risk_distribution import risk_distribution
from transfer_report.figures.risks import risks_at_a_glance
from transfer_report.figures.roc import precision_recall, roc
from transfer_report.figures.shown import MOST_AT_A_GLANCE, MOST_CURVES, MOST_MATRICES, MOST_PANELS, tables_shown
from transfer_report.figures.size_curves import size_curves
from transfer_report.figures.svg import to_svg
from transfer_report.planning import Model
from transfer_report.records.analysis import Analysis, StudyTable
from transfer_report.records.attention import Attention
from transfer_report.records.data import DataDescription, ImageTable
from transfer_report.records.evaluation import Evaluation
from transfer_report.records.figures import FigureRecord, Tile
from transfer_report.wording.wording import Wording

CLINICAL_KINDS = ("risks", "roc", "risk_calibration", "decision_curve", "precision_recall", "risk_distribution")
"""Kinds of the figures that `clinical_figures` draws."""


@dataclass(frozen=True)
class FigureInputs:
    """Inputs of the figures."""

    analysis: Analysis
    clinical: Clinical
    evaluation: Evaluation
    models: list[Model]
    data: DataDescription
    train_images: NDArray[np.uint8]
    """(images, height, width, channels)."""
    train_table: ImageTable
    test_images: NDArray[np.uint8]
    attention: Attention
    maps: NDArray[np.float32] | None
    """(images, 2, cells, cells); None where there are none."""
    shows_images: bool = True
    """True if figures may show images, which show patients."""


def draw_all(material: FigureInputs, wording: Wording) -> Iterator[Drawing | Sheet]:
    """Every figure, in the order of the report: those of the appendix count on their own."""
    analysis, evaluation = material.analysis, material.evaluation
    validation = {key: metrics["accuracy"] for key, metrics in analysis.estimates["val"].items()}
    yield results_overview(analysis, evaluation, tables_shown(analysis.tables, validation, MOST_AT_A_GLANCE), wording)
    if shows_flow(material.data):
        yield flow_diagram(material.data, wording)
    if material.shows_images:
        yield samples(material.train_images, material.train_table, evaluation.classes, wording)
    architectures = {model.name: model.architecture for model in material.models}
    for group in grouped(analysis.tables, architectures):
        drawn = tables_shown(group.tables, validation, MOST_CURVES)
        yield _counted(curves(replace(group, tables=drawn), evaluation, wording), drawn, group.tables)
    if of_test_accuracy(analysis.comparisons):
        yield comparison(analysis.comparisons, wording, analysis.failed_conditions)
    if analysis.size_curves:
        yield size_curves(analysis.size_curves, wording)
    if analysis.published:
        yield cost(analysis.published, material.models, wording)
    tables = tables_shown(analysis.tables, validation, MOST_PANELS)
    yield _counted(reliability(analysis.calibration, tables, wording), tables, analysis.tables)
    yield from clinical_figures(material.clinical.images, evaluation.classes, wording)
    tables = tables_shown(analysis.tables, validation, MOST_MATRICES)
    yield _counted(confusion_figure(evaluation, tables, wording), tables, analysis.tables)
    if material.shows_images:
        yield from _test_images(material, wording)
    yield pipeline(wording)


def _test_images(material: FigureInputs, wording: Wording) -> Iterator[Drawing | Sheet]:
    """Those that are hard, and what a network looks at in some."""
    evaluation = material.evaluation
    hard = hard_image_sheet(material.test_images, material.analysis.hard_images, evaluation, wording)
    if hard is not None:
        yield hard
    if material.maps is not None:
        yield attention(material.attention, material.maps, material.test_images, evaluation.classes, wording)


def clinical_figures(evidence: ClinicalEvidence, classes: Sequence[str], wording: Wording) -> Iterator[Drawing]:
    """Draw the clinical figures of the recommended condition and its rivals."""
    several = len(classes) > 2
    if several:
        yield from curves_apart(evidence, classes, wording)
    else:
        yield risks_at_a_glance(evidence, classes, wording)
    # A panel for each class: of the recommended condition alone where there are more than one.
    distributions = [one for one in evidence.risks if not several or one.condition == evidence.risks[0].condition]
    yield precision_recall(evidence.curves, classes, wording)
    yield risk_distribution(distributions, evidence.operating_points, classes, wording)


def curves_apart(evidence: ClinicalEvidence, classes: Sequence[str], wording: Wording) -> Iterator[Drawing]:
    """ROC, calibration and decision curves as a figure each: in the report where there is a panel for each class."""
    yield roc(evidence.curves, classes, wording)
    yield risk_calibration(evidence.calibrations, classes, wording)
    yield decision_curves(evidence.decision_curves, classes, wording)


def _counted(drawing: Drawing, shown: Sequence[StudyTable], tables: Sequence[StudyTable]) -> Drawing:
    """A drawing that knows how many conditions it shows of how many."""
    counts = {
        name: sum(len(table.conditions) for table in some) for name, some in (("shown", shown), ("count", tables))
    }
    return replace(drawing, values=drawing.values | counts)


def to_record(
    figure: Drawing | Sheet, inputs: Mapping[str, str], wording: Wording, title: str = ""
) -> tuple[FigureRecord, dict[str, bytes]]:
    """A figure's record, and its files by name.

    Args:
        figure: As drawn.
        inputs: SHA-256 of each file that it was made from.
        wording: Has its title.
        title: Another one.
    """
    files: dict[str, bytes] = {}
    tiles: list[Tile] = []
    file, alt, panels, about, width = "", "", [], [], 0.0
    if isinstance(figure, Drawing):
        file, alt, panels = f"{figure.id}.svg", figure.alt, figure.panels
        about = figure.about
        width = round(float(figure.figure.get_size_inches()[0]) * 72, 2)
        files[file] = to_svg(figure.figure).encode()
    else:
        for index, picture in enumerate(figure.pictures, start=1):
            name = f"{figure.id}-{index}.png"
            files[name] = picture.png
            tiles.append(
                Tile(
                    file=name, width_px=picture.width_px, height_px=picture.height_px,
                    caption=picture.caption, alt=picture.alt,
                )
            )  # fmt: skip
    record = FigureRecord(
        id=figure.id,
        kind=figure.kind,
        file=file,
        tiles=tiles,
        width_pt=width,
        title=title or wording.text(f"figures.titles.{figure.kind}"),
        alt=alt,
        values=figure.values,
        columns=figure.columns,
        rows=figure.rows,
        about=about,
        panels=panels,
        inputs=dict(inputs),
    )
    return record, files
