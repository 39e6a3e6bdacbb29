"""Drops on images from elsewhere are those of the kept runs; the signs of the study's findings are counted there."""

import numpy as np
import pytest
from tests.analysis.samples import compare, from_correct

from transfer_report.analysis.comparisons import Question
from transfer_report.analysis.decisions import Statements, decide
from transfer_report.analysis.external import (
    external_drops,
    external_scores,
    external_summaries,
    paired_predictions,
)
from transfer_report.loading import load_params
from transfer_report.records.data import ExternalSet

A, B = "fine_tuning/a", "fine_tuning/b"
IMAGES = 300


def correct(share):
    """Images of which the first part is right; equally many of both classes."""
    return np.arange(IMAGES) < round(share * IMAGES)


def paired(test, there, kept=(1,)):
    """Predictions by shares of right images: of the runs on test images, and of kept ones elsewhere."""
    on_test = {key: from_correct([correct(share) for share in shares], condition=key) for key, shares in test.items()}
    labels = np.arange(IMAGES) % 2
    known = ExternalSet(
        labels=labels.tolist(), patients=[str(row) for row in range(IMAGES)], left_out={"copies": 2},
        seeds={key: [10 + row for row in kept] for key in test},
    )  # fmt: skip
    arrays = {key: from_correct([correct(share) for share in shares]).probabilities for key, shares in there.items()}
    runs = {key: [10 + row for row in range(len(shares))] for key, shares in test.items()}
    return {"clinic": known}, paired_predictions({"clinic": known}, {"clinic": arrays}, on_test, runs)


def test_a_drop_is_that_of_the_kept_runs():
    _, found = paired({A: [0.5, 0.9, 0.7]}, {A: [0.6]})
    (drop,) = external_drops(found, 0.95)
    assert (drop.external, drop.condition) == ("clinic", A)
    assert drop.difference.value == pytest.approx(0.3)
    assert drop.difference.scope == "runs"
    assert 0 < drop.difference.low < 0.3 < drop.difference.high < 0.5


def test_seeds_are_found_whatever_their_order():
    _, found = paired({A: [0.5, 0.9, 0.7]}, {A: [0.6, 0.6]}, kept=(2, 0))
    assert found[0].test.correct.mean(axis=1).tolist() == pytest.approx([0.7, 0.5])


def test_drops_are_corrected_with_all_that_is_exploratory():
    _, found = paired({A: [0.8, 0.8, 0.8], B: [0.8, 0.8, 0.8]}, {A: [0.6], B: [0.79]})
    given = external_drops(found, 0.95)
    decided = decide(Statements(external_drops=given), 0.05)
    assert [one.verdict for one in decided.external_drops] == ["dropped", "inconclusive"]
    assert all(one.p_adjusted > one.p_value for one in decided.external_drops[:1])
    exploratory = next(one for one in decided.promises if one.role == "exploratory")
    assert (exploratory.tests, exploratory.stated) == (2, 1)


@pytest.mark.parametrize(
    ("there", "signs"),
    [
        ({A: [0.7], B: [0.9]}, (1, 1, 0, 0)),
        ({A: [0.9], B: [0.7]}, (0, 0, 1, 1)),
        ({A: [0.7], B: [0.7]}, (0, 0, 0, 0)),
    ],
)
def test_signs_of_findings_are_counted(there, signs):
    sets, found = paired({A: [0.6] * 3, B: [0.9] * 3}, there)
    question = Question(metric="accuracy", family="x", margin=0.02, confidence=0.95, resamples=100, seed=0)
    on_test = {one.test.condition: from_correct([correct(0.6 if one.test.condition == A else 0.9)] * 3,
               condition=one.test.condition) for one in found}  # fmt: skip
    comparison = compare(on_test[A], on_test[B], question)
    assert comparison.verdict == "better"
    (summary,) = external_summaries(sets, found, [comparison], external_drops(found, 0.95), 0.95)
    assert (summary.same, summary.same_shown, summary.opposite, summary.opposite_shown) == signs
    assert (summary.compared, summary.images, summary.left_out_copies, summary.most_seeds) == (1, IMAGES, 2, 1)


def test_scores_stand_side_by_side():
    _, found = paired({A: [0.5, 0.9, 0.7]}, {A: [0.6]})
    (scores,) = external_scores(found, load_params().analysis)
    assert scores.test["accuracy"].value == pytest.approx(0.9)
    assert scores.there["accuracy"].value == pytest.approx(0.6)
    # Every probability is 0.75.
    assert scores.there["calibration_error"].value == pytest.approx(0.15, abs=1e-6)
