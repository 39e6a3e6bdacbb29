"""The pipeline as a figure: stages as boxes, from the data to the report."""

from matplotlib.axes import Axes

from transfer_report.dvc_yaml import declared_stages, flow
from transfer_report.figures.boxes import draw_box, draw_line
from transfer_report.figures.drawing import Drawing
from transfer_report.figures.palette import INK
from transfer_report.figures.style import new_figure, without_frame
from transfer_report.wording.wording import Wording

POSITIONS = {
    "weights": (0, 2), "check": (1, 2), "prepare": (0, 0.8), "features": (1, 0.8),
    "tune_fine_tuning": (2, 2), "tune_lp_ft": (2, 1.4), "tune_linear_probe": (2, 0.8), "plan": (3, 2),
    "fine_tune": (4, 2), "lp_ft": (4, 1.4), "linear_probe": (4, 0.8), "train_fraction": (4, 0.2),
    "cross_validate": (4, -0.4), "external": (5, 2.05), "evaluate": (5, 1.35), "latency": (5, 0.75),
    "analyse": (6, 1.35), "attention": (6, -1.1), "figures": (5, -1.1), "report": (4, -1.1), "export": (4, -1.7),
}  # fmt: skip
"""Column and row of each stage."""
ALSO = (
    ("analyse", "figures"), ("fine_tune", "evaluate"), ("lp_ft", "evaluate"), ("linear_probe", "evaluate"),
    ("check", "plan"),
)  # fmt: skip
"""Drawn, too: what passes by way of `attention`, `external` or the tuning is a part of it, or none."""
WIDTH, HEIGHT = 0.86, 0.5


def pipeline(wording: Wording) -> Drawing:
    """Stages by their names in `dvc.yaml`, with arrows along which results pass."""
    figure = new_figure(64)
    axes = figure.add_axes((0, 0, 1, 1))
    without_frame(axes)
    axes.set(xlim=(-0.45, 6.45), ylim=(-1.95, 2.45), xticks=[], yticks=[])
    stages = declared_stages()
    edges = [*flow(stages), *ALSO]
    for start, end in edges:
        _arrow(axes, POSITIONS[start], POSITIONS[end])
    for stage, (x, y) in POSITIONS.items():
        draw_box(axes, (x - WIDTH / 2, y - HEIGHT / 2 + 0.1), WIDTH, HEIGHT, rounding=0.06)
        axes.text(
            x,
            y + 0.1,
            stage.replace("tune_", "tune_\n", 1),
            ha="center",
            va="center",
            color=INK,
            fontsize=7.0,
            zorder=3,
        )
    return Drawing(
        id="pipeline",
        kind="pipeline",
        figure=figure,
        alt=wording.text("figures.pipeline.alt", count=len(POSITIONS)),
        columns=[wording.text(f"figures.pipeline.columns.{name}") for name in ("stage", "does", "feeds")],
        rows=[
            [
                stage,
                wording.text(f"figures.pipeline.stages.{stage}"),
                ", ".join(end for end in stages if (stage, end) in edges),
            ]
            for stage in POSITIONS
        ],
    )


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From the side of one box that faces the other."""
    if start[0] == end[0]:
        shift = HEIGHT / 2 if end[1] > start[1] else -HEIGHT / 2
        ends = (start[0], start[1] + shift + 0.1), (end[0], end[1] - shift + 0.1)
    else:
        shift = WIDTH / 2 if end[0] > start[0] else -WIDTH / 2
        ends = (start[0] + shift, start[1] + 0.1), (end[0] - shift, end[1] + 0.1)
    draw_line(axes, *ends, gap=0.5)
