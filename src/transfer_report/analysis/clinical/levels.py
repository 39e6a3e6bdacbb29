"""Tests of what the sentences on the risks of the recommended condition state, decided with all that is exploratory."""

from collections.abc import Iterator, Sequence
from typing import get_args

from transfer_report.analysis.clinical.calibration import calibration_slope
from transfer_report.analysis.clinical.decision import THRESHOLDS, net_benefit, treat_all
from transfer_report.analysis.clinical.delta import difference, p_of_t_interval, t_interval
from transfer_report.analysis.clinical.operating_point import (
    Rate,
    against_argmax,
    called_with_rates,
    chosen_thresholds,
    target_of,
)
from transfer_report.analysis.clinical.temperature import fitted_temperatures, log_loss, with_temperatures
from transfer_report.analysis.components import Components
from transfer_report.analysis.estimates import estimate_of, p_of_components
from transfer_report.analysis.predictions import Predictions
from transfer_report.records.analysis import LevelTest
from transfer_report.settings import AnalysisSettings

POSITIVE = 1
"""The class whose risks are described, of two."""
NET_BENEFIT = "net_benefit-"
"""Begins the names of the tests of net benefit; the threshold follows."""


def clinical_levels(val: Predictions, test: Predictions, settings: AnalysisSettings) -> list[LevelTest]:
    """Return the tests of one condition's risks, with no verdict yet: `decide` corrects them.

    Args:
        val: Predictions of its runs on validation images.
        test: Predictions of the same runs on test images.
        settings: Confidence, and the rule of the operating point.
    """
    scaled = with_temperatures(test, fitted_temperatures(val))
    change = difference(log_loss(test), log_loss(scaled))
    found = [_of_t_interval("temperature", test, change, 0.0, settings.confidence)]
    if test.classes == 2:
        found += _of_targets(val, test, settings)
        found.append(_cost_of_argmax(val, test, settings))
        slope = calibration_slope(test)
        if slope is not None:
            found.append(_of_t_interval("calibration_slope", test, slope, 1.0, settings.confidence))
        found += [_of_net_benefit(test, threshold, settings) for threshold in THRESHOLDS]
    return found


def useful_thresholds(levels: Sequence[LevelTest]) -> list[tuple[float, float]]:
    """Return first and last of neighbouring thresholds where acting is shown to beat treating all and none."""
    shown = {one.name for one in levels if one.name.startswith(NET_BENEFIT) and one.verdict == "above"}
    found: list[tuple[float, float]] = []
    for before, threshold in zip((None, *THRESHOLDS), THRESHOLDS, strict=False):
        if _net_benefit_at(threshold) not in shown:
            continue
        if before is not None and _net_benefit_at(before) in shown:
            found[-1] = (found[-1][0], threshold)
        else:
            found.append((threshold, threshold))
    return found


def _net_benefit_at(threshold: float) -> str:
    return f"{NET_BENEFIT}{threshold:.2f}"


def _of_targets(val: Predictions, test: Predictions, settings: AnalysisSettings) -> Iterator[LevelTest]:
    """Yield the test of the rate that the operating point was chosen for, if it was chosen for one."""
    rule = settings.clinical.operating_point
    _, *rates = called_with_rates(test, POSITIVE, chosen_thresholds(val, rule, POSITIVE))
    for name, parts in zip(get_args(Rate), rates, strict=True):
        target = target_of(rule, name)
        if target is not None:
            yield LevelTest(
                name=name,
                condition=test.condition,
                level=target,
                estimate=estimate_of(parts, settings.confidence),
                p_value=p_of_components(parts, target),
            )


def _cost_of_argmax(val: Predictions, test: Predictions, settings: AnalysisSettings) -> LevelTest:
    """Return the test of what argmax costs against the operating point, or where argmax is that, against Youden's."""
    rule = settings.clinical.operating_point
    called, *_ = called_with_rates(
        test, POSITIVE, chosen_thresholds(val, "youden" if rule == "argmax" else rule, POSITIVE)
    )
    cost = difference(*against_argmax("balanced_accuracy", test, called, POSITIVE))
    return _one_sided(_of_t_interval("cost_of_argmax", test, cost, 0.0, settings.confidence))


def _of_net_benefit(test: Predictions, threshold: float, settings: AnalysisSettings) -> LevelTest:
    """Return the test against the better of treating all and none: that with the larger p-value."""
    prevalence = settings.clinical.prevalence
    acting = net_benefit(test, threshold, prevalence)
    gains = (acting, difference(treat_all(test, threshold, prevalence), acting))
    name = _net_benefit_at(threshold)
    tests = [_one_sided(_of_t_interval(name, test, gain, 0.0, settings.confidence)) for gain in gains]
    return max(tests, key=lambda one: 2.0 if one.p_value is None else one.p_value)


def _of_t_interval(name: str, test: Predictions, parts: Components, level: float, confidence: float) -> LevelTest:
    return LevelTest(
        name=name,
        condition=test.condition,
        level=level,
        estimate=t_interval(parts, confidence),
        p_value=p_of_t_interval(parts, level, confidence),
    )


def _one_sided(one: LevelTest) -> LevelTest:
    """Return the test of a value above the level; no sentence says that it is below."""
    if one.p_value is None:
        return one
    above = one.estimate.value > one.level
    return one.model_copy(update={"p_value": one.p_value / 2 if above else 1 - one.p_value / 2})
