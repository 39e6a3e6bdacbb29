"""What is said of risks is tested, corrected with all that is exploratory, and agrees with the intervals."""

import numpy as np
import pytest
from tests.analysis.clinical.samples import of_risks
from tests.analysis.samples import drawn

from transfer_report.analysis.clinical.calibration import calibration_slope
from transfer_report.analysis.clinical.decision import THRESHOLDS, decision_curve
from transfer_report.analysis.clinical.delta import p_of_t_interval, t_interval
from transfer_report.analysis.clinical.levels import NET_BENEFIT, clinical_levels, useful_thresholds
from transfer_report.analysis.decisions import Statements, decide
from transfer_report.loading import load_params
from transfer_report.settings import ClinicalSettings, SensitivityTarget


def decided(val, test, **clinical):
    settings = load_params().analysis.model_copy(update={"clinical": ClinicalSettings(**clinical)})
    return decide(Statements(levels=clinical_levels(val, test, settings)), 0.05).levels


def test_the_p_value_at_an_end_of_the_interval_is_its_error(generator):
    slope = calibration_slope(drawn(generator, 4, images=300))
    found = t_interval(slope, 0.95)
    assert p_of_t_interval(slope, found.low, 0.95) == pytest.approx(0.05, rel=1e-3)
    assert p_of_t_interval(slope, found.high, 0.95) == pytest.approx(0.05, rel=1e-3)
    assert p_of_t_interval(slope, found.value, 0.95) == 1


def test_useful_thresholds_beat_treating_all_and_none(generator):
    val, test = (drawn(generator, 3, images=400, shift=1.0) for _ in range(2))
    ranges = useful_thresholds(decided(val, test))
    assert ranges
    curve = decision_curve(test, 1, 0.95)
    for threshold in (end for ends in ranges for end in ends):
        index = THRESHOLDS.index(threshold)
        assert curve.net_benefit.low[index] > 0
        assert curve.over_treat_all.low[index] > 0


def test_a_network_that_knows_nothing_is_of_no_use(generator):
    labels = np.arange(300) % 2
    runs = of_risks(generator.random((3, 300)), labels)
    assert useful_thresholds(decided(runs, runs)) == []


def test_neighbouring_thresholds_make_one_range():
    def level(threshold, verdict):
        return f"{NET_BENEFIT}{threshold:.2f}", verdict

    class Test:
        def __init__(self, name, verdict):
            self.name, self.verdict = name, verdict

    shown = dict(level(one, "above") for one in (*THRESHOLDS[2:5], THRESHOLDS[7]))
    levels = [Test(name, shown.get(name, "inconclusive")) for name, _ in (level(one, "") for one in THRESHOLDS)]
    assert useful_thresholds(levels) == [(THRESHOLDS[2], THRESHOLDS[4]), (THRESHOLDS[7], THRESHOLDS[7])]


@pytest.mark.parametrize(("target", "verdict"), [(0.6, "above"), (0.9, "below"), (0.75, "inconclusive")])
def test_a_target_is_reached_missed_or_neither(target, verdict):
    # Validation reaches each target with the same risks; on test, 75 % of 400 positives lie above them all.
    labels = np.repeat([0, 1], 400)
    val = of_risks(np.tile(np.where(labels == 1, 0.6, 0.1), (3, 1)), labels)
    test = of_risks(np.tile(np.repeat([0.1, 0.6, 0.1], [400, 300, 100]), (3, 1)), labels)
    levels = {one.name: one for one in decided(val, test, operating_point=SensitivityTarget(sensitivity=target))}
    assert (levels["sensitivity"].level, levels["sensitivity"].verdict) == (target, verdict)
    assert "specificity" not in levels


def test_of_three_classes_temperature_alone_is_tested(generator):
    val, test = (drawn(generator, 2, images=120, classes=3) for _ in range(2))
    assert [one.name for one in decided(val, test)] == ["temperature"]
