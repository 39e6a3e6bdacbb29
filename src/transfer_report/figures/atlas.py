"""All figures of the report, in its order, as records and files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from transfer_report.figures.attention import attention
from transfer_report.figures.comparison import comparison, of_test_accuracy
from transfer_report.figures.confusion import confusion
from transfer_report.figures.cost import cost
from transfer_report.figures.curves import curves
from transfer_report.figures.drawing import Drawing, Sheet
from transfer_report.figures.pictures import hard_images, samples
from transfer_report.figures.pipeline import pipeline
from transfer_report.figures.reliability import reliability
from transfer_report.figures.shown import MOST_CURVES, MOST_PANELS, tables_shown
from transfer_report.figures.svg import to_svg
from transfer_report.params import Model
from transfer_report.records import Analysis, Attention, Evaluation, FigureRecord, ImageTable, StudyTable, Tile, Value
from transfer_report.wording.wording import Wording


@dataclass(frozen=True)
class Material:
    """What the figures are drawn from."""

    analysis: Analysis
    evaluation: Evaluation
    models: list[Model]
    train_images: NDArray[np.uint8]
    """(images, height, width, channels)."""
    train_table: ImageTable
    test_images: NDArray[np.uint8]
    attention: Attention
    maps: NDArray[np.float32] | None
    """(images, 2, cells, cells); None where there are none."""


def draw_all(material: Material, wording: Wording) -> Iterator[Drawing | Sheet]:
    """Every figure, in the order of the report."""
    analysis, evaluation = material.analysis, material.evaluation
    if analysis.published:
        yield cost(analysis.published, material.models, wording)
    yield samples(material.train_images, material.train_table, evaluation.classes, wording)
    validation = {key: metrics["accuracy"] for key, metrics in analysis.estimates["val"].items()}
    for table in analysis.tables:
        (drawn,) = tables_shown([table], validation, MOST_CURVES)
        yield _counted(curves(drawn, evaluation, wording), [drawn], [table])
    if of_test_accuracy(analysis.comparisons):
        yield comparison(analysis.comparisons, analysis.tables, wording)
    tables = tables_shown(analysis.tables, validation, MOST_PANELS)
    yield _counted(confusion(evaluation, tables, wording), tables, analysis.tables)
    yield _counted(reliability(analysis.calibration, tables, wording), tables, analysis.tables)
    hard = hard_images(material.test_images, analysis.hard_images, evaluation, wording)
    if hard is not None:
        yield hard
    if material.maps is not None:
        yield attention(material.attention, material.maps, material.test_images, evaluation.classes, wording)
    yield pipeline(wording)


def _counted(drawing: Drawing, shown: Sequence[StudyTable], tables: Sequence[StudyTable]) -> Drawing:
    """A drawing that knows how many conditions it shows of how many."""
    counts = {
        name: Value(value=sum(len(table.conditions) for table in some), format="count", source="")
        for name, some in (("shown", shown), ("count", tables))
    }
    return replace(drawing, values=drawing.values | counts)


def to_record(
    figure: Drawing | Sheet, inputs: Mapping[str, str], wording: Wording
) -> tuple[FigureRecord, dict[str, bytes]]:
    """A figure's record, and its files by name.

    Args:
        figure: As drawn.
        inputs: SHA-256 of each file that it was made from.
        wording: Has its title.
    """
    files: dict[str, bytes] = {}
    tiles: list[Tile] = []
    file, alt, panels, about, width, height = "", "", [], [], 0.0, 0.0
    if isinstance(figure, Drawing):
        file, alt, panels = f"{figure.id}.svg", figure.alt, figure.panels
        about = figure.about
        width, height = (round(float(inches) * 72, 2) for inches in figure.figure.get_size_inches())
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
        height_pt=height,
        title=wording.text(f"figures.titles.{figure.kind}"),
        alt=alt,
        values=figure.values,
        columns=figure.columns,
        rows=figure.rows,
        about=about,
        panels=panels,
        inputs=dict(inputs),
    )
    return record, files
