"""Confusion matrices of all conditions, one small panel each."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from transfer_report.analysis.clinical.whole_counts import whole_counts
from transfer_report.figures.drawing import Drawing, mark_axes
from transfer_report.figures.grid import in_lines, lowest_panels, panel_grid, panel_width_mm
from transfer_report.figures.palette import BLUE, GREY, INK, RUST
from transfer_report.figures.style import without_frame
from transfer_report.records.analysis import StudyTable
from transfer_report.records.evaluation import ConditionEvaluation, Evaluation
from transfer_report.wording.wording import Wording

MOST_CLASSES_WITH_NUMBERS = 5
MOST_CLASSES_WITH_NAMES = 16
"""Beyond, the table of the figure and the gallery name the cells."""
LONGEST_LINE, MOST_LINES = 16, 3
"""Letters of a line of a class's name, and its lines; what is longer loses its middle."""
LETTER_MM, LEAST_LEFT_MM = 1.25, 12.0
LEAST_HEIGHT_MM, LINE_MM = 14.5, 3.3
CAPITAL_MM = 1.3
"""Width of a capital letter of a predicted class."""
AXIS_MM = 4.0
"""Room for the name of an axis."""


def confusion_figure(evaluation: Evaluation, tables: list[StudyTable], wording: Wording) -> Drawing:
    """Test images by true class (rows) and predicted class (columns), the mean count of a run.

    Printed counts are whole numbers whose rows add up to the images of the class.
    """
    members = {member.condition: member for member in evaluation.conditions}
    names = _row_names(evaluation, wording)
    lines = [line for name in names for line in name.split("\n")]
    row_mm = LINE_MM * max((name.count("\n") + 1 for name in names), default=1)
    left_mm = AXIS_MM + max([LEAST_LEFT_MM, *(LETTER_MM * len(line) + 2 for line in lines)])
    below = _ColumnNames.fitting(evaluation.classes, panel_width_mm(tables, left_mm))
    figure, panels = panel_grid(
        tables,
        wording,
        height_mm=max(LEAST_HEIGHT_MM, row_mm * len(names)),
        left_mm=left_mm,
        foot_mm=AXIS_MM + below.height_mm,
    )
    largest = max(_off_diagonal(mean_confusion(members[key])).max() for key in panels) or 1.0
    for key, axes in panels.items():
        _draw(axes, key, mean_confusion(members[key]), float(largest))
        mark_axes(axes, "panel", key)
    _label_rows(panels, names, wording)
    for key in lowest_panels(tables):
        _label_columns(panels[key], below, wording)
    ordered = [members[key] for key in panels]
    return Drawing(
        id="confusion",
        kind="confusion",
        figure=figure,
        alt=_alt(ordered, evaluation.classes, wording),
        columns=[
            wording.text(f"figures.confusion.columns.{name}") for name in ("condition", "true", "predicted", "count")
        ],
        rows=[row for member in ordered for row in _rows(member, evaluation.classes, wording)],
        about=[[member.condition] for member in ordered for _ in range(len(evaluation.classes) ** 2)],
    )


def mean_confusion(condition: ConditionEvaluation) -> NDArray[np.float64]:
    """Counts averaged over the runs of a condition: (true classes, predicted classes)."""
    return np.asarray(np.mean([run.test.confusion for run in condition.runs], axis=0), dtype=np.float64)


def _off_diagonal(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.eye(len(counts), dtype=bool), 0, counts)


def _draw(axes: Axes, condition: str, counts: NDArray[np.float64], largest: float) -> None:
    without_frame(axes)
    classes, printed = len(counts), whole_counts(counts)
    axes.set(xlim=(-0.5, classes - 0.5), ylim=(classes - 0.5, -0.5), xticks=[], yticks=[], aspect="auto")
    for true, predicted in np.ndindex(classes, classes):
        correct = true == predicted
        value = counts[true, predicted]
        share = value / max(counts[true].sum(), 1) if correct else value / largest
        axes.add_patch(
            Rectangle(
                (predicted - 0.5, true - 0.5),
                1,
                1,
                fc=BLUE if correct else RUST,
                alpha=0.05 + 0.3 * share,
                ec="none",
                gid=f"cell:{condition}:{true}:{predicted}",
            )
        )
        if classes <= MOST_CLASSES_WITH_NUMBERS:
            axes.text(
                predicted, true, str(printed[true][predicted]), ha="center", va="center", fontsize=7.4,
                weight=600 if correct else 400, color=INK if value else GREY,
            )  # fmt: skip


def _row_names(evaluation: Evaluation, wording: Wording) -> list[str]:
    """Names as they stand at the left, with the images of each class where its counts are printed."""
    names = _class_names(evaluation.classes)
    if len(names) > MOST_CLASSES_WITH_NUMBERS:
        return names
    found = []
    for index, name in enumerate(names):
        count = wording.printer.text(evaluation.test_labels.count(index), "count")
        total = wording.text("figures.confusion.total", count=count)
        room = len(name.split("\n")[-1]) + 1 + len(total) <= LONGEST_LINE
        found.append(f"{name}{' ' if room else chr(10)}{total}")
    return found


def _class_names(classes: list[str]) -> list[str]:
    """Names in lines; none where there are too many classes for them."""
    if len(classes) > MOST_CLASSES_WITH_NAMES:
        return []
    if len(classes) > MOST_CLASSES_WITH_NUMBERS:  # rows as high as one line
        return [shortened(name, 2 * LONGEST_LINE) for name in classes]
    found = []
    for name in classes:
        lines = in_lines(name, LONGEST_LINE).split("\n")
        last = shortened(" ".join(lines[MOST_LINES - 1 :]), LONGEST_LINE)
        found.append("\n".join([*(shortened(line, LONGEST_LINE) for line in lines[: MOST_LINES - 1]), last]).strip())
    return found


def shortened(name: str, most: int) -> str:
    """A name of at most so many letters: of a longer one its beginning and its end, where names often differ."""
    if len(name) <= most:
        return name
    end = most // 3
    return f"{name[: most - 1 - end]}…{name[-end:]}"


def _label_rows(panels: dict[str, Axes], names: list[str], wording: Wording) -> None:
    """Names of the true classes at the left of every row of panels."""
    leftmost = min(axes.get_position().x0 for axes in panels.values())
    for axes in panels.values():
        if axes.get_position().x0 == leftmost:
            size = 6.8 if len(names) <= MOST_CLASSES_WITH_NUMBERS else 5.8
            axes.set_yticks(range(len(names)), names, fontsize=size, linespacing=0.95)
            axes.set_ylabel(wording.text("figures.confusion.columns.true"), fontsize=6.8)


def _label_columns(axes: Axes, names: "_ColumnNames", wording: Wording) -> None:
    """Names of the predicted classes below a panel."""
    rotation = 90 if names.upright else 0
    axes.set_xticks(range(len(names.names)), names.names, fontsize=5.8, linespacing=0.95, rotation=rotation)
    axes.set_xlabel(wording.text("figures.confusion.columns.predicted"), fontsize=6.8)


@dataclass(frozen=True)
class _ColumnNames:
    """Names of the predicted classes, as they stand below a panel."""

    names: list[str]
    upright: bool

    @classmethod
    def fitting(cls, classes: list[str], width_mm: float) -> "_ColumnNames":
        """Names in lines where cells are wide enough for them, upright elsewhere."""
        if len(classes) > MOST_CLASSES_WITH_NAMES:
            return cls([], upright=False)
        letters = int(width_mm / len(classes) / CAPITAL_MM)
        names = [in_lines(name, letters) for name in classes]
        if all(len(line) <= letters for name in names for line in name.split("\n")):
            return cls(names, upright=False)
        return cls([shortened(name, 2 * LONGEST_LINE) for name in classes], upright=True)

    @property
    def height_mm(self) -> float:
        """Room that the names take."""
        if self.upright:
            return CAPITAL_MM * max(map(len, self.names))
        return LINE_MM * max((name.count("\n") + 1 for name in self.names), default=0)


def _rows(condition: ConditionEvaluation, classes: list[str], wording: Wording) -> Iterator[list[str]]:
    counts = mean_confusion(condition)
    for true, predicted in np.ndindex(*counts.shape):
        yield [
            wording.printer.text(condition.condition, "condition"),
            classes[true],
            classes[predicted],
            wording.printer.text(float(counts[true, predicted]), "decimal1"),
        ]


def _alt(conditions: list[ConditionEvaluation], classes: list[str], wording: Wording) -> str:
    """For each condition its most frequent confusion."""
    parts = [wording.text("figures.confusion.alt", count=len(conditions))]
    for condition in conditions:
        errors = _off_diagonal(mean_confusion(condition))
        true, predicted = np.unravel_index(int(errors.argmax()), errors.shape)
        parts.append(
            wording.text(
                f"figures.confusion.{'alt_condition' if errors.any() else 'alt_no_error'}",
                condition=wording.printer.text(condition.condition, "condition"),
                truth=classes[true],
                predicted=classes[predicted],
                count=wording.printer.text(float(errors.max()), "decimal1"),
                errors=wording.printer.text(float(errors.sum()), "decimal1"),
            )
        )
    return " ".join(parts)
