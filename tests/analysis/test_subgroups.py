import numpy as np
import pytest
from tests.analysis.evidence import evidence

from transfer_report.analysis.decisions import Statements, decide
from transfer_report.analysis.findings.test_set import subgroup_findings
from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.subgroups import subgroups as uncorrected

IMAGES = 400
LABELS = np.arange(IMAGES) % 2
SEX = ["F" if number // 2 % 2 else "M" for number in range(IMAGES)]


def predictions(wrong_share):
    """Three runs that get a share of the images of each sex wrong."""
    generator = np.random.default_rng(0)
    share = np.array([wrong_share[sex] for sex in SEX])
    correct = generator.random((3, IMAGES)) >= share
    second = np.where(correct == (LABELS == 1), 0.8, 0.2) + generator.uniform(-0.1, 0.1, (3, IMAGES))
    return Predictions(
        "fine_tuning/baseline", "test", np.stack([1 - second, second], axis=2), LABELS, np.arange(IMAGES)
    )


def subgroups(*arguments):
    """Subgroups as the only statements of a report."""
    return decide(Statements(subgroups=uncorrected(*arguments)), 0.05).subgroups


def test_a_part_in_which_more_is_wrong_is_found():
    women, men = subgroups(predictions({"F": 0.35, "M": 0.05}), {"sex": SEX}, 0.95)
    assert (women.level, women.verdict, men.level, men.verdict) == ("F", "lower", "M", "higher")
    assert women.accuracy.value == pytest.approx(0.65, abs=0.04)
    assert women.accuracy.images == 200
    assert women.difference.value == pytest.approx(-men.difference.value) == pytest.approx(-0.3, abs=0.06)
    assert women.difference.low < women.difference.value < women.difference.high < 0
    assert women.auroc.value < men.auroc.value


def test_equal_parts_are_inconclusive_and_corrected_together():
    found = subgroups(predictions({"F": 0.2, "M": 0.2}), {"sex": SEX, "site": SEX[::-1]}, 0.95)
    assert {part.verdict for part in found} == {"inconclusive"}
    assert len(found) == 4


def test_numbers_are_cut_at_their_terciles_and_unknown_ones_left_out():
    ages = [f"{20 + number % 60}Y" for number in range(IMAGES - 40)] + [""] * 40
    found = subgroups(predictions({"F": 0.2, "M": 0.2}), {"age": ages}, 0.95)
    assert [part.level for part in found] == ["≤ 39", "> 39, ≤ 59", "> 59"]
    assert [part.accuracy.images for part in found] == [120, 120, 120]


def test_few_images_one_class_and_no_others():
    rare = ["x" if number < 9 else "y" for number in range(IMAGES)]
    ill = ["ill" if label else "well" for label in LABELS]
    found = subgroups(predictions({"F": 0.2, "M": 0.2}), {"rare": rare, "class": ill, "same": ["z"] * IMAGES}, 0.95)
    assert [part.level for part in found] == ["y", "ill", "well", "z"]
    assert [part.auroc is None for part in found] == [False, True, True, False]
    assert found[-1].difference is None


def said(found):
    return [(one.kind, one.verdict, one.exploratory) for one in subgroup_findings(Lookup(evidence(subgroups=found)))]


def test_the_largest_gap_is_a_finding_once_for_both_sides_of_it():
    found = subgroups(predictions({"F": 0.35, "M": 0.05}), {"sex": SEX}, 0.95)
    assert said(found) == [("subgroup", found[0].verdict, True)]
    assert found[0].p_adjusted == pytest.approx(found[0].p_value)  # the same question twice costs nothing


def test_without_a_gap_the_largest_difference_is_undecided_and_small_parts_are_named():
    rare = ["x" if number < 40 else "y" for number in range(IMAGES)]
    found = subgroups(predictions({"F": 0.2, "M": 0.2}), {"rare": rare}, 0.95)
    assert said(found) == [("subgroup", "inconclusive", False), ("small_subgroups", "none", False)]
    enough = ["x" if number < 50 else "y" for number in range(IMAGES)]
    found = subgroups(predictions({"F": 0.2, "M": 0.2}), {"rare": enough}, 0.95)
    assert said(found) == [("subgroup", "inconclusive", False)]


def test_without_subgroups_nothing_is_said():
    assert said([]) == []
