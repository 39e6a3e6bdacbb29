"""The flow of images and patients as a figure: how many were read, left out and why, and are in each split."""

import textwrap
from collections.abc import Iterator

from matplotlib.axes import Axes

from transfer_report.figures.boxes import draw_box, draw_line
from transfer_report.figures.drawing import Drawing
from transfer_report.figures.palette import INK
from transfer_report.figures.style import TEXT_WIDTH_MM, new_figure, without_frame
from transfer_report.records.base import SPLITS
from transfer_report.records.data import DataDescription
from transfer_report.wording.wording import Wording

_BOX_MM, _LINE_MM, _PAD_MM, _GAP_MM = 43.0, 3.3, 1.8, 5.5
_MIDDLES_MM = (_BOX_MM / 2, TEXT_WIDTH_MM / 2, TEXT_WIDTH_MM - _BOX_MM / 2)
_LINE_LETTERS = 36
"""So many letters fit into a line of a box."""


def shows_flow(data: DataDescription) -> bool:
    """Return whether there is a flow to see: images that were left out, or patients with several."""
    return len(data.flow) > 1 or (bool(data.flow) and data.has_patients)


def flow_diagram(data: DataDescription, wording: Wording) -> Drawing:
    """Draw images read above, images left out at the side, splits below."""
    read, *left_out = data.flow
    above = _Box(wording.text("figures.flow.read"), _counts(read.images, read.patients, data, wording))
    aside = _Box(
        wording.text("figures.flow.left_out"),
        [
            wording.text(
                "figures.flow.reason",
                reason=wording.text(f"figures.flow.steps.{one.step}"),
                images=one.images,
            )
            for one in left_out
        ],
    )
    below = [
        _Box(
            wording.text(f"tables.images.columns.{split}"),
            _counts(sum(data.counts[split]), data.patient_counts[split], data, wording),
        )
        for split in SPLITS
    ]
    between = _GAP_MM + (aside.height + _GAP_MM if left_out else 0)
    height = above.height + between + _GAP_MM + max(box.height for box in below)
    figure = new_figure(height + 1)
    axes = figure.add_axes((0, 0, 1, 1))
    without_frame(axes)
    axes.set(xlim=(-0.3, TEXT_WIDTH_MM + 0.3), ylim=(-0.5, height + 0.5), xticks=[], yticks=[])
    fork = height - above.height - between
    above.draw(axes, _MIDDLES_MM[1], height)
    draw_line(axes, (_MIDDLES_MM[1], height - above.height), (_MIDDLES_MM[1], fork), arrow=False)
    draw_line(axes, (_MIDDLES_MM[0], fork), (_MIDDLES_MM[2], fork), arrow=False)
    for middle, box in zip(_MIDDLES_MM, below, strict=True):
        draw_line(axes, (middle, fork), (middle, fork - _GAP_MM))
        box.draw(axes, middle, fork - _GAP_MM)
    if left_out:
        top = fork + _GAP_MM + aside.height
        way_out = top - aside.height / 2
        draw_line(axes, (_MIDDLES_MM[1], way_out), (TEXT_WIDTH_MM - _BOX_MM, way_out))
        aside.draw(axes, _MIDDLES_MM[2], top)
    return Drawing(
        id="flow",
        kind="flow",
        figure=figure,
        alt=wording.joined(
            [
                wording.text("figures.flow.alt", boxes="; ".join(box.spoken for box in (above, *below))),
                *([wording.text("figures.flow.alt_left_out", reasons="; ".join(aside.lines))] if left_out else []),
            ]
        ),
        columns=[wording.text(f"figures.flow.columns.{name}") for name in ("step", "images", "patients")],
        rows=list(_rows(data, wording)),
    )


class _Box:
    """A box with a head and lines."""

    def __init__(self, head: str, lines: list[str]) -> None:
        self.lines = lines
        self.spoken = f"{head}: {', '.join(lines)}"
        self.texts = [head, *(part for line in lines for part in textwrap.wrap(line, _LINE_LETTERS))]
        self.height = _LINE_MM * len(self.texts) + 2 * _PAD_MM

    def draw(self, axes: Axes, middle: float, top: float) -> None:
        """Draw it below `top`, centred at `middle`."""
        draw_box(axes, (middle - _BOX_MM / 2, top - self.height), _BOX_MM, self.height, rounding=1)
        for number, text in enumerate(self.texts):
            axes.text(
                middle, top - _PAD_MM - _LINE_MM * (number + 0.5), text, ha="center", va="center", color=INK,
                fontsize=7.0, fontweight=600 if number == 0 else 400, zorder=3,
            )  # fmt: skip


def _counts(images: int, patients: int | None, data: DataDescription, wording: Wording) -> list[str]:
    """Images and, where some have several, patients."""
    counted = [wording.text("figures.flow.images", images=images)]
    if data.has_patients and patients is not None:
        counted.append(wording.text("figures.flow.patients", patients=patients))
    return counted


def _rows(data: DataDescription, wording: Wording) -> Iterator[list[str]]:
    printed = wording.printer.text
    for step in data.flow:
        if step.step == "read":
            name = wording.text("figures.flow.read")
        else:
            name = wording.text("figures.flow.reason_row", reason=wording.text(f"figures.flow.steps.{step.step}"))
        yield [name, printed(step.images, "count"), printed(step.patients, "count")]
    for split in SPLITS:
        counts = sum(data.counts[split]), data.patient_counts[split]
        yield [wording.text(f"tables.images.columns.{split}"), *(printed(count, "count") for count in counts)]
