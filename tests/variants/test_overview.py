"""All experiments, corrected together."""

import numpy as np
import pytest
from tests.analysis.samples import drawn

from transfer_report.loading import load_params
from transfer_report.revisions.repository import Experiment, Revision
from transfer_report.variants.differences import condition_difference
from transfer_report.variants.images import Common
from transfer_report.variants.overview import Tried, correct_together, distinct_differences

BASELINE = Revision("main", "0" * 40)
IDS = np.arange(200).astype(str)
ALL = Common(reference=np.arange(200), treatment=np.arange(200), same_set=True, paired=True, clusters=IDS)


@pytest.fixture
def tried(generator):
    """Two experiments, the second of which carries the first one's result along."""
    before = drawn(generator, 3)
    results = [drawn(generator, 3, shift=0.4), drawn(generator, 3)]
    settings = load_params().analysis
    differences = [condition_difference(before, result, ALL, settings) for result in results]
    experiments = [Experiment(Revision(name, name * 40), BASELINE) for name in "ab"]
    return [Tried(experiments[0], differences=differences[:1]), Tried(experiments[1], differences=differences)]


def test_a_result_that_is_carried_along_is_tested_once(tried):
    corrected = correct_together(tried)
    assert len(distinct_differences(corrected)) == 2
    [first], [again, other] = (one.differences for one in corrected)
    p_values = [one.metrics["accuracy"] for one in (first, again, other)]
    assert p_values[0].p_adjusted == p_values[1].p_adjusted
    smaller = min(p_values[0].p_value, p_values[2].p_value)
    assert min(one.p_adjusted for one in p_values) == pytest.approx(min(1, 2 * smaller))
