"""The clinical figures draw what their records say, name it in words and as a table, and are the same each time."""

from itertools import combinations, pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox
from tests.analysis.samples import drawn

from transfer_report.analysis.clinical.calibration import calibrate
from transfer_report.analysis.clinical.curves import curve
from transfer_report.analysis.clinical.decision import decision_curve, distribution_of_risks
from transfer_report.analysis.clinical.operating_point import operating_point
from transfer_report.analysis.clinical.records import Band
from transfer_report.figures import risk_distribution as risk_figure
from transfer_report.figures.bands import STYLES, draw_band, interval_words, style_of
from transfer_report.figures.decision_curve import decision_curves
from transfer_report.figures.risk_calibration import risk_calibration
from transfer_report.figures.risks import risks_at_a_glance
from transfer_report.figures.roc import precision_recall, roc
from transfer_report.figures.style import new_figure
from transfer_report.figures.svg import to_svg
from transfer_report.wording.printer import Printer
from transfer_report.wording.wording import Wording, load_texts, wording_file

KEYS = ("fine_tuning/a", "fine_tuning/b")
NAMES = {2: ["NORMAL", "PNEUMONIA"], 3: ["NORMAL", "BACTERIA", "VIRUS"]}


@pytest.fixture(scope="module")
def wording():
    texts = load_texts(wording_file("en"))
    names = {"condition": {KEYS[0]: "Network A", KEYS[1]: "Network B"}}
    return Wording(texts, Printer(names))


@pytest.fixture(params=[2, 3], scope="module")
def study(request):
    generator = np.random.default_rng(0)
    predictions = [drawn(generator, 3, 150, condition=key, classes=request.param) for key in KEYS]
    positives = [1] if request.param == 2 else [0, 1, 2]
    with_macro = positives if request.param == 2 else [*positives, None]
    return {
        "classes": NAMES[request.param],
        "positives": positives,
        "curves": [
            curve(kind, one, index, 0.95)
            for one in predictions
            for kind in ("roc", "precision_recall")
            for index in with_macro
        ],
        "calibrations": [calibrate(one, index, 10, 0.95, generator) for one in predictions for index in positives],
        "decisions": [decision_curve(one, index, 0.95) for one in predictions for index in positives],
        "risks": [distribution_of_risks(one, index) for one in predictions for index in positives],
        "points": [operating_point(one, one, "youden", index, 0.95) for one in predictions for index in positives],
    }  # fmt: skip


def all_drawings(study, wording):
    classes = study["classes"]
    return [
        roc(study["curves"], classes, wording),
        precision_recall(study["curves"], classes, wording),
        risk_calibration(study["calibrations"], classes, wording),
        decision_curves(study["decisions"], classes, wording),
        risk_figure.risk_distribution(study["risks"], study["points"], classes, wording),
    ]


def test_every_figure_has_a_panel_per_class_words_for_it_and_rows_that_say_whose_they_are(study, wording):
    for drawing in all_drawings(study, wording):
        panels = len(study["positives"]) + (drawing.id in ("roc", "precision-recall") and len(study["positives"]) > 1)
        panels *= 2 if drawing.id == "risk-distribution" else 1
        assert len(drawing.figure.axes) == panels
        assert "Network A" in drawing.alt
        assert "Network B" in drawing.alt
        assert all(name in drawing.alt for name in study["classes"][1:])
        assert len(drawing.rows) == len(drawing.about)
        assert all(len(row) == len(drawing.columns) for row in drawing.rows)
        assert {key for keys in drawing.about for key in keys} == set(KEYS)
        assert wording.has(f"figures.titles.{drawing.kind}")


def test_long_names_of_classes_do_not_run_into_each_other(study, wording):
    names = [
        "No acute finding (clear lungs)",
        "Bacterial pneumonia, lobar consolidation",
        "Viral pneumonia, interstitial",
    ]
    for drawing in all_drawings(study | {"classes": names[: len(study["classes"])]}, wording):
        FigureCanvasAgg(drawing.figure).draw()
        titles = [axes.title.get_window_extent() for axes in drawing.figure.axes if axes.get_title()]
        assert not [pair for pair in combinations(titles, 2) if Bbox.intersection(*pair)]
        assert all(box.y1 <= drawing.figure.bbox.y1 + 1 for box in titles)


def test_the_same_records_give_the_same_drawing(study, wording):
    first, second = ([to_svg(one.figure) for one in all_drawings(study, wording)] for _ in range(2))
    assert first == second
    assert all("NaN" not in one and "Network A" in one for one in first)


def test_words_stay_inside_of_their_figure(study, wording):
    for drawing in all_drawings(study, wording):
        figure = drawing.figure
        FigureCanvasAgg(figure).draw()
        edge = figure.bbox
        labels = [words for axes in figure.axes for words in (axes.xaxis.label, axes.yaxis.label, axes.title)]
        for words in (*figure.texts, *(label for label in labels if label.get_text())):
            box = words.get_window_extent()
            assert (box.x0 >= -1, box.y0 >= -1) == (True, True), words
            assert (box.x1 <= edge.x1 + 1, box.y1 <= edge.y1 + 1) == (True, True), words


def test_a_roc_curve_runs_from_corner_to_corner(study, wording):
    axes = roc(study["curves"], study["classes"], wording).figure.axes[0]
    line = axes.lines[-1].get_xydata()
    assert tuple(line[0]) == (0, 0)
    assert tuple(line[-1]) == (1, 1)
    first = next(one for one in study["curves"] if one.kind == "roc")
    assert list(axes.lines[1].get_ydata()[1:-1]) == first.band.value


@pytest.mark.parametrize("study", [2], indirect=True)
def test_the_risks_at_a_glance_are_the_curves_of_the_figures_apart(study, wording):
    fields = {
        "curves": study["curves"], "calibrations": study["calibrations"], "decision_curves": study["decisions"]
    }  # fmt: skip
    evidence = SimpleNamespace(**fields, confidence=0.95)
    apart = [
        roc(study["curves"], study["classes"], wording),
        risk_calibration(study["calibrations"], study["classes"], wording),
        decision_curves(study["decisions"], study["classes"], wording),
    ]
    drawing = risks_at_a_glance(evidence, study["classes"], wording)
    for axes, alone in zip(drawing.figure.axes, apart, strict=True):
        assert len(axes.lines) == len(alone.figure.axes[0].lines)
        for line, other in zip(axes.lines, alone.figure.axes[0].lines, strict=True):
            assert line.get_xydata().tolist() == other.get_xydata().tolist()
    assert [row[2:] for row in drawing.rows] == [row[2:] for one in apart for row in one.rows]
    assert drawing.about == [about for one in apart for about in one.about]
    assert all(one.alt in drawing.alt for one in apart)
    FigureCanvasAgg(drawing.figure).draw()
    edge = drawing.figure.bbox
    boxes = [words.get_window_extent() for words in drawing.figure.texts]
    boxes += [axes.get_tightbbox() for axes in drawing.figure.axes]
    assert all(box.x0 >= -1 and box.y0 >= -1 and box.x1 <= edge.x1 + 1 and box.y1 <= edge.y1 + 1 for box in boxes)
    tight = [axes.get_tightbbox() for axes in drawing.figure.axes]
    assert all(left.x1 <= right.x0 for left, right in pairwise(tight))


def test_a_constant_answer_is_drawn_where_it_belongs(study, wording):
    figure = precision_recall(study["curves"], study["classes"], wording).figure
    chance = next(one.chance for one in study["curves"] if one.kind == "precision_recall")
    assert list(figure.axes[0].lines[0].get_ydata()) == [chance, chance]


def test_a_threshold_is_marked_where_there_is_one(study, wording):
    with_points, without = (
        risk_figure.risk_distribution(study["risks"], points, study["classes"], wording).figure.axes[0]
        for points in (study["points"], [])
    )
    assert len(with_points.lines) == len(without.lines) + 1
    assert with_points.lines[-1].get_xdata()[0] == pytest.approx(np.mean(study["points"][0].thresholds))


def test_a_separated_network_has_no_curve_and_says_so(study, wording):
    separated = [one.model_copy(update={"curve": None, "slope": None}) for one in study["calibrations"]]
    drawing = risk_calibration(separated, study["classes"], wording)
    assert drawing.rows == []
    assert "separated" in drawing.alt


def test_use_is_worded_by_the_thresholds(study, wording):
    def words(useful):
        curves = [one.model_copy(update={"useful": useful}) for one in study["decisions"]]
        return decision_curves(curves, study["classes"], wording).alt

    assert "not shown to be better than both" in words([])
    assert "better than both from 10 to 50" in words([(0.1, 0.5)])
    assert "in parts of 10 to 90" in words([(0.1, 0.2), (0.8, 0.9)])


def test_a_point_without_an_interval_leaves_a_gap_in_its_band():
    axes = new_figure(50).subplots()
    draw_band(axes, Band(x=[0, 0.5, 1], value=[0, 1, 1], low=[0, None, 1], high=[0, None, 1]), STYLES[0], "a", "part")
    assert list(axes.lines[0].get_ydata()) == [0, 1, 1]
    assert axes.lines[0].get_gid() == "about:part-line:a"


def test_more_conditions_than_styles_are_refused():
    with pytest.raises(ValueError, match="5 conditions"):
        style_of(list("abcde"))


def test_an_interval_is_printed_where_there_is_one(study, wording):
    area = study["curves"][0].area
    assert " to " in interval_words(area, "decimal3", wording)
    alone = area.model_copy(update={"low": None, "high": None, "value": 0.9})
    assert interval_words(alone, "decimal3", wording) == "0.900"
