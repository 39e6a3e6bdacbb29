"""One promise: corrections against a library's, three outcomes of one question, and what is decided together."""

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests
from tests.analysis.evidence import comparison, curve_comparison, drop, level, shift

from transfer_report.analysis.decisions import PValues, Statements, benjamini_hochberg, decide, hommel

CORRECTIONS = [(benjamini_hochberg, "fdr_bh"), (hommel, "hommel")]


@pytest.mark.parametrize(("correct", "method"), CORRECTIONS)
def test_tests_of_one_outcome_are_corrected_as_by_statsmodels(generator, correct, method):
    for count in (1, 2, 3, 7, 20):
        p_values = generator.random(count) ** 3
        found = [one.difference for one in correct([PValues(p) for p in p_values])]
        assert found == pytest.approx(multipletests(p_values, method=method)[1])


@pytest.mark.parametrize(("correct", "method"), CORRECTIONS)
def test_what_was_not_tested_does_not_count(correct, method):
    found = correct([PValues(0.02), PValues(None), PValues(0.03)])
    assert [one.difference for one in found] == [
        pytest.approx(multipletests([0.02, 0.03], method=method)[1][0]),
        None,
        pytest.approx(multipletests([0.02, 0.03], method=method)[1][1]),
    ]


def test_a_main_question_that_is_answered_by_equivalence_helps_the_others():
    alone = benjamini_hochberg([PValues(0.04, 0.5), PValues(0.6, 0.5)])
    helped = benjamini_hochberg([PValues(0.04, 0.5), PValues(0.6, 0.001)])
    assert (alone[0].difference, helped[0].difference) == pytest.approx((0.08, 0.04))
    assert helped[1] == pytest.approx((0.6, 0.002))


def test_an_exploratory_equivalence_leaves_the_difference_a_candidate():
    found = hommel([PValues(0.03), PValues(0.9, 0.0001)])
    assert (found[0].difference, found[1].equivalence) == pytest.approx((0.06, 0.0002))


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_false_main_findings_are_few_whichever_way_they_are_false(generator, share):
    """Differences of nothing, which are wrong as better or worse, or of the margin, which are wrong as equivalent."""
    margin, error, false, reports = 2.0, 0.4, 0, 400
    for _ in range(reports):
        truth = np.where(generator.random(20) < share, margin, 0.0)
        z = (truth + error * generator.normal(size=20)) / error
        zero = 2 * norm.sf(np.abs(z))
        alike = norm.sf(margin / error - np.abs(z))
        found = benjamini_hochberg([PValues(*pair) for pair in zip(zero, alike, strict=True)])
        wrong = [one.equivalence if at else one.difference for one, at in zip(found, truth > 0, strict=True)]
        right = [one.difference if at else one.equivalence for one, at in zip(found, truth > 0, strict=True)]
        of_report = sum(p < 0.05 for p in wrong)
        false += of_report / max(1, of_report + sum(p < 0.05 for p in right))
    assert false / reports <= 0.06


def test_main_questions_and_the_rest_are_decided_apart():
    main = comparison("table-1", "fine_tuning/lr", "fine_tuning/baseline").model_copy(update={"p_value": 0.04})
    other = main.model_copy(update={"role": "exploratory"})
    found = decide(Statements(comparisons=[main, other], drops=[drop("a")]), 0.05)
    assert [one.p_adjusted for one in found.comparisons] == pytest.approx([0.04, 0.04])
    assert [one.verdict for one in found.comparisons] == ["better", "better"]
    assert found.drops[0].p_adjusted == pytest.approx(0.02)
    assert [(one.role, one.tests, one.stated) for one in found.promises] == [("main", 1, 1), ("exploratory", 2, 2)]


def test_all_that_is_exploratory_is_corrected_together():
    at = {"p_value": 0.03}
    pair = comparison("table-1", "a", "b", role="exploratory").model_copy(update=at)
    given = Statements(
        comparisons=[pair],
        curve_comparisons=[curve_comparison("table-1", "a", "b", "gap").model_copy(update=at)],
        drops=[drop("a").model_copy(update=at)],
        shifts=[shift("image_statistics").model_copy(update=at)],
        levels=[level("gap", "a", 0.02).model_copy(update={"p_value": 0.2})],
    )
    alone = decide(Statements(drops=given.drops), 0.05)
    together = decide(given, 0.05)
    expected = multipletests([0.03, 0.03, 0.5, 0.5, 0.2], method="hommel")[1]
    assert alone.drops[0].verdict == "dropped"
    assert together.drops[0].p_adjusted == pytest.approx(expected[0])
    assert {one.verdict for one in (*together.comparisons, *together.curve_comparisons, *together.drops)} == {
        "inconclusive"
    }
    assert together.promises[1].stated == 0


def test_what_could_be_detected_is_that_of_the_first_step():
    main = [comparison("table-1", "a", "b") for _ in range(10)]
    alone, among = decide(Statements(comparisons=main[:1]), 0.05), decide(Statements(comparisons=main), 0.05)
    # 4 degrees of freedom, by the table of the audit: 6.17 standard errors at 0.05 / 6.
    six = decide(Statements(comparisons=main[:6]), 0.05).comparisons[0]
    assert six.minimum_detectable_difference / six.difference.standard_error == pytest.approx(6.17, abs=0.005)
    assert among.comparisons[0].minimum_detectable_difference > alone.comparisons[0].minimum_detectable_difference
