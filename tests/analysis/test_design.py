"""What a study detects by its size: the number of its questions, formulae solved by hand, and the warning."""

from pathlib import Path

import pytest

from transfer_report.analysis.decisions import minimum_detectable_difference
from transfer_report.analysis.design import Design, main_question_count, outlook
from transfer_report.loading import load_params

PARAMS = load_params(Path("params.yaml"))


def test_main_questions_of_the_default_study_with_all_weights():
    techniques, strategies, pretraining, networks = 7 + 4, 4 + 3, 2, 3
    assert main_question_count(PARAMS) == techniques + strategies + pretraining + networks


def test_other_main_questions_are_counted():
    analysis = PARAMS.analysis.model_copy(update={"main_questions": ["pretraining"]})
    assert main_question_count(PARAMS.model_copy(update={"analysis": analysis})) == 2


def test_with_endless_images_only_seeds_count():
    # Five seeds and the table's two degrees of freedom: 12 altogether.
    expected = minimum_detectable_difference(0.05 / 4, (2 * 0.02**2 / 5) ** 0.5, 12)
    assert Design(5, 10**9, 4, 0.05).detectable(0.02) == pytest.approx(expected, rel=1e-3)


def test_a_small_study_is_warned_of_and_a_large_one_is_not():
    small, large = Design(3, 100, 22, 0.05), Design(10, 2000, 22, 0.05)
    assert [len(outlook(design, 0.05)) for design in (small, large)] == [2, 1]
    assert "3 seeds, 100 test images, 22 main questions" in outlook(small, 0.05)[0]
    assert "too small" in outlook(small, 0.05)[1]


@pytest.mark.parametrize("design", [Design(1, 100, 5, 0.05), Design(3, 1, 5, 0.05), Design(3, 100, 0, 0.05)])
def test_what_cannot_be_planned_is_said(design):
    (line,) = outlook(design, 0.05)
    assert line.startswith("warning: planned for no main question")
