"""Figures with one panel per condition: where the panels stand, and what they tell."""

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from transfer_report.figures.confusion import confusion_figure, mean_confusion
from transfer_report.figures.grid import arranged, in_lines
from transfer_report.figures.reliability import excess_confidence, reliability
from transfer_report.records.analysis import CalibrationBin


def test_tables_share_a_row_where_they_fit(evidence):
    tables = evidence.tables[:2] + evidence.tables[-2:]
    assert [len(table.conditions) for table in tables] == [4, 3, 1, 1]
    places = arranged(tables)
    assert [place.row for place in places] == [0] * 4 + [1] * 5
    assert [place.column for place in places] == [*range(4), *range(5)]


def test_a_long_table_wraps(evidence):
    table = evidence.tables[0].model_copy(update={"conditions": [f"fine_tuning/{index}" for index in range(9)]})
    assert [place.row for place in arranged([table])] == [0] * 6 + [1] * 3


def test_a_name_takes_the_lines_that_it_needs():
    assert in_lines("MobileNetV2 · LP-FT", 40) == "MobileNetV2 · LP-FT"
    assert in_lines("EfficientNet-Lite0 (random init) · LP-FT", 15).split("\n") == [
        "EfficientNet-", "Lite0 (random", "init) · LP-FT",
    ]  # fmt: skip
    assert in_lines("Densely_connected", 5) == "Densely_connected"


def test_no_name_of_a_panel_is_cut(evidence, runs, wording):
    """Names of tables with one condition stood in the way of the next, or ran over the edge of the figure."""
    first = [table.model_copy(update={"conditions": table.conditions[:1]}) for table in evidence.tables]
    drawn = confusion_figure(runs, first, wording).figure
    canvas = FigureCanvasAgg(drawn)
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in drawn.texts]
    assert max(box.x1 for box in boxes) <= drawn.bbox.x1
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


@pytest.mark.parametrize("count", [3, 8])
def test_classes_of_long_names_can_be_told_apart(runs, evidence, wording, count):
    names = [f"lobar pneumonia with pleural effusion, grade {number}" for number in range(count)]
    counts = [[0] * count for _ in range(count)]
    conditions = [
        member.model_copy(
            update={
                "runs": [
                    run.model_copy(update={"test": run.test.model_copy(update={"confusion": counts})})
                    for run in member.runs
                ]
            }
        )
        for member in runs.conditions
    ]
    wide = runs.model_copy(update={"classes": names, "conditions": conditions})
    drawn = confusion_figure(wide, evidence.tables, wording).figure
    labels = [label.get_text() for label in drawn.axes[0].get_yticklabels()]
    assert len(set(labels)) == count
    canvas = FigureCanvasAgg(drawn)
    boxes = [label.get_window_extent(canvas.get_renderer()) for label in drawn.axes[0].get_yticklabels()]
    assert min(box.x0 for box in boxes) >= 0
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_confusions_hold_every_test_image(evidence, runs, wording):
    assert all(mean_confusion(member).sum() == len(runs.test_labels) for member in runs.conditions)
    drawn = confusion_figure(runs, evidence.tables, wording)
    assert len(drawn.rows) == len(runs.conditions) * len(runs.classes) ** 2
    assert "most often" in drawn.alt


def test_confusions_name_their_axes_and_every_class_and_add_up(evidence, runs, wording):
    drawn = confusion_figure(runs, evidence.tables, wording)
    assert drawn.figure.axes[0].get_ylabel() == "True class"
    assert "Predicted class" in [axes.get_xlabel() for axes in drawn.figure.axes]
    totals = [runs.test_labels.count(index) for index in range(len(runs.classes))]
    first = drawn.figure.axes[0]
    assert [label.get_text().split() for label in first.get_yticklabels()] == [
        [name, f"({total})"] for name, total in zip(runs.classes, totals, strict=True)
    ]
    for axes in drawn.figure.axes:
        printed = [int(text.get_text()) for text in axes.texts]
        side = len(runs.classes)
        assert [sum(printed[row * side : (row + 1) * side]) for row in range(side)] == totals
        assert [label.get_text().replace("\n", " ") for label in axes.get_xticklabels()] in ([], runs.classes)


def test_names_of_predicted_classes_do_not_touch(evidence, runs, wording):
    for names in (runs.classes, ["Tuberculosis, active", "Pneumothorax (tension)"]):
        drawn = confusion_figure(runs.model_copy(update={"classes": names}), evidence.tables, wording).figure
        renderer = FigureCanvasAgg(drawn).get_renderer()
        drawn.draw(renderer)
        labels = [label for axes in drawn.axes for label in (*axes.get_xticklabels(), axes.xaxis.label)]
        boxes = [label.get_window_extent(renderer) for label in labels if label.get_text()]
        assert min(box.y0 for box in boxes) >= 0
        assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_overconfidence_weighs_bins_by_their_predictions():
    bins = [
        CalibrationBin(confidence=0.9, accuracy=0.8, count=3),
        CalibrationBin(confidence=0.6, accuracy=0.7, count=1),
    ]
    assert excess_confidence(bins) == pytest.approx(0.05)


def test_reliability_tells_which_way_confidence_errs(evidence, wording):
    drawn = reliability(evidence.calibration, evidence.tables, wording)
    assert drawn.alt.count("confidence exceeds accuracy") + drawn.alt.count("accuracy exceeds confidence") == 22
