"""The comparison matrix: the difference of test accuracy for every pair of conditions that was compared."""

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from transfer_report.figures.drawing import Drawing
from transfer_report.figures.style import BLUE, INK, RUST, new_figure, without_frame
from transfer_report.records import Comparison, Value
from transfer_report.wording.wording import Wording

DEEPEST = 0.20
"""Difference of accuracy that has the deepest colour."""


def comparison_matrix(comparisons: list[Comparison], conditions: list[str], wording: Wording) -> Drawing:
    """Row minus column in points; a frame and bold type mark verdicts that hold after correction.

    Args:
        comparisons: Any; those of test accuracy are drawn, the first where a pair was compared twice.
        conditions: Order of rows and columns.
        wording: Names and labels.
    """
    pairs = cells(comparisons)
    height_mm = 22 + 6.2 * len(conditions)
    figure = new_figure(height_mm)
    axes = figure.subplots()
    figure.subplots_adjust(left=0.335, right=0.995, top=1 - 15 / height_mm, bottom=5 / height_mm)
    without_frame(axes)
    number = len(conditions)
    for row, treatment in enumerate(conditions):
        for column, reference in enumerate(conditions):
            if row > column and (found := pairs.get((treatment, reference))):
                _draw_cell(axes, row, column, *found, wording)
    axes.set(xlim=(-0.5, number - 1.5), ylim=(number - 0.5, 0.5))
    names = [f"{index + 1}\u2002{wording.printer.text(key, 'condition')}" for index, key in enumerate(conditions)]
    axes.set_yticks(range(1, number), names[1:])
    axes.set_xticks(range(number - 1), [str(index + 1) for index in range(number - 1)])
    axes.xaxis.tick_top()
    axes.text(-0.5, -0.55, f"{names[0]}", fontsize=7.2, ha="left", va="center")
    shown = list({id(found[0]): found[0] for found in pairs.values()}.values())
    return Drawing(
        id="comparison",
        kind="comparison",
        figure=figure,
        alt=_alt(shown, wording),
        columns=[wording.text(f"figures.comparison.columns.{name}") for name in _COLUMNS],
        rows=[_row(comparison, wording) for comparison in shown],
        values={"count": Value(value=len(shown), format="count", source="")},
    )


def cells(comparisons: list[Comparison]) -> dict[tuple[str, str], tuple[Comparison, int]]:
    """Comparisons of test accuracy by (row, column), with −1 where the pair was compared the other way round."""
    found: dict[tuple[str, str], tuple[Comparison, int]] = {}
    for comparison in comparisons:
        if comparison.split == "test" and comparison.metric == "accuracy":
            found.setdefault((comparison.treatment, comparison.reference), (comparison, 1))
            found.setdefault((comparison.reference, comparison.treatment), (comparison, -1))
    return found


_COLUMNS = ("treatment", "reference", "difference", "low", "high", "p_adjusted", "verdict")


def _draw_cell(axes: Axes, row: int, column: int, comparison: Comparison, sign: int, wording: Wording) -> None:
    difference = sign * comparison.difference.value
    decided = comparison.verdict in ("better", "worse")
    colour = BLUE if difference > 0 else RUST
    depth = min(abs(difference) / DEEPEST, 1)
    axes.add_patch(Rectangle((column - 0.46, row - 0.42), 0.92, 0.84, fc=colour, alpha=0.04 + 0.3 * depth, ec="none"))
    if decided:
        axes.add_patch(Rectangle((column - 0.46, row - 0.42), 0.92, 0.84, fc="none", ec=colour, lw=0.9))
    text = "=" if comparison.verdict == "equivalent" else ""
    axes.text(
        column, row, text + wording.printer.text(difference, "signed_points"), ha="center", va="center", fontsize=7.2,
        weight=600 if decided else 400, color=INK,
    )  # fmt: skip


def _row(comparison: Comparison, wording: Wording) -> list[str]:
    printer = wording.printer
    difference = comparison.difference
    return [
        printer.text(comparison.treatment, "condition"),
        printer.text(comparison.reference, "condition"),
        printer.text(difference.value, "signed_points"),
        printer.text(difference.low, "signed_points"),
        printer.text(difference.high, "signed_points"),
        printer.text(comparison.p_adjusted, "p_value"),
        printer.text(comparison.verdict, "verdict"),
    ]


def _alt(comparisons: list[Comparison], wording: Wording) -> str:
    verdicts = [comparison.verdict for comparison in comparisons]
    printer = wording.printer
    parts = [
        wording.text(
            "figures.comparison.alt",
            count=len(comparisons),
            decided=verdicts.count("better") + verdicts.count("worse"),
            equivalent=verdicts.count("equivalent"),
            cannot_tell=verdicts.count("cannot_tell"),
        )
    ]
    if comparisons:
        widest = max(comparisons, key=lambda comparison: abs(comparison.difference.value))
        parts.append(
            wording.text(
                "figures.comparison.alt_widest",
                treatment=printer.text(widest.treatment, "condition"),
                reference=printer.text(widest.reference, "condition"),
                difference=printer.text(widest.difference.value, "signed_points"),
            )
        )
    return " ".join(parts)
