"""Calibration of risks: smooth curve, intercept and slope, Brier score and calibration error with chance.

Intercept, slope and curve are logistic regressions of the outcome on the log odds of the risk, one a run (Cox,
Biometrika 45, 1958; Van Calster et al., BMC Medicine 17, 2019); the curve's log odds are a natural cubic spline
(Harrell, Regression Modeling Strategies, 2015). An image moves a regression by its score times the inverse information,
enlarged by its leverage as the jackknife would (MacKinnon and White, Journal of Econometrics 29, 1985).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq
from scipy.special import expit, logit
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from transfer_report.analysis.clinical.curves import band
from transfer_report.analysis.clinical.delta import UNBOUNDED, of_means, t_interval
from transfer_report.analysis.clinical.one_vs_rest import logits, one_vs_rest, share
from transfer_report.analysis.clinical.records import Band, ChanceLevel, RiskCalibration
from transfer_report.analysis.components import Components, Doubles, all_images, components
from transfer_report.analysis.estimates import estimate_of
from transfer_report.analysis.predictions import Predictions
from transfer_report.evaluation.metrics import calibration_error, confidence_bins, normalised

KNOT_QUANTILES = (0.05, 0.35, 0.65, 0.95)
"""Of four knots: Harrell 2015, table 2.3."""
GRID_QUANTILES = (0.01, 0.99)
GRID_POINTS = 31
NARROWEST = 1e-6
"""Range of log odds below which there is no curve to draw."""
DRAWS = 1000
HIGHEST_LEVERAGE = 0.9
"""Of an image in a regression: beyond, it decides alone, and the jackknife would fail."""
STEEPEST = 100.0
"""A slope beyond this is that of classes that a run separates all but perfectly."""


@dataclass(frozen=True)
class _Fit:
    """A logistic regression of one run."""

    coefficients: Doubles
    """(terms,)."""
    influence: Doubles
    """(images, terms): the coefficients move by their mean."""


def calibrate(
    predictions: Predictions, positive: int, bins: int, confidence: float, generator: np.random.Generator
) -> RiskCalibration:
    """Everything about the calibration of one condition's risks of one class.

    Args:
        predictions: Probabilities of a condition's runs.
        positive: The class, against all others.
        bins: Number of bins of the calibration error.
        confidence: Level of the intervals.
        generator: Draws the outcomes of the chance level.
    """
    side = one_vs_rest(predictions, positive)
    prevalence = float(side.labels.mean())
    error, slope = components("calibration_error", side, bins), calibration_slope(side)
    return RiskCalibration(
        condition=predictions.condition,
        positive=positive,
        curve=smooth_curve(side, confidence),
        intercept=t_interval(calibration_intercept(side), confidence),
        slope=None if slope is None else t_interval(slope, confidence),
        brier=estimate_of(components("brier", side), confidence),
        brier_chance=prevalence * (1 - prevalence),
        scaled_brier=t_interval(scaled_brier(side), confidence),
        error=estimate_of(error, confidence),
        error_chance=chance_level(side, bins, confidence, generator),
    )


def calibration_slope(predictions: Predictions) -> Components | None:
    """Slope of the log odds of the outcome on those of the risk; None where a run separates the classes."""
    fits = [_fitted(predictions.labels, np.stack([np.ones_like(row), row], axis=1)) for row in logits(predictions)]
    return _coefficient(predictions, fits, term=1)


def calibration_intercept(predictions: Predictions) -> Components:
    """Log odds that the risks lack on average, their slope held at 1 (calibration in the large)."""
    fits = [_shifted(predictions.labels, row) for row in logits(predictions)]
    found = _coefficient(predictions, fits, term=0)
    assert found is not None  # noqa: S101  # both classes have images, so every run has one
    return found


def smooth_curve(predictions: Predictions, confidence: float) -> Band | None:
    """Observed share over predicted risk, between the extreme hundredths of the risks.

    Straight in log odds where a run has no image of one class at an end of its risks, so that a spline bends without
    limit; None where a run separates the classes.
    """
    x = logits(predictions)
    knots = np.unique(np.quantile(x, KNOT_QUANTILES))
    low, high = np.quantile(x, GRID_QUANTILES)
    if len(knots) < 2 or high - low < NARROWEST:
        return None
    for own_knots in (knots, knots[[0, -1]]):
        fits = [_fitted(predictions.labels, _basis(row, own_knots)) for row in x]
        known = [fit for fit in fits if fit is not None]
        if len(known) == len(fits):
            return _drawn_curve(
                predictions, known, own_knots, np.linspace(expit(low), expit(high), GRID_POINTS), confidence
            )
    return None


def _drawn_curve(predictions: Predictions, fits: list[_Fit], knots: Doubles, grid: Doubles, confidence: float) -> Band:
    points = []
    for terms in _basis(logit(grid), knots):
        shares = np.array([expit(terms @ fit.coefficients) for fit in fits])
        deviations = np.array(
            [own * (1 - own) * (fit.influence @ terms) for own, fit in zip(shares, fits, strict=True)]
        )
        points.append(estimate_of(_components(predictions, shares, deviations, (0.0, 1.0)), confidence))
    return band([float(risk) for risk in grid], points)


def scaled_brier(predictions: Predictions) -> Components:
    """1 − Brier score / that of the prevalence, of two-class predictions."""
    found = of_means(
        lambda score, prevalence: 1 - score / (prevalence * (1 - prevalence)),
        components("brier", predictions),
        share(predictions, predictions.labels == 1),
        bounds=(-np.inf, 1.0),
    )
    assert found is not None  # noqa: S101  # both classes have images
    return found


def chance_level(
    predictions: Predictions, bins: int, confidence: float, generator: np.random.Generator, draws: int = DRAWS
) -> ChanceLevel:
    """The calibration error of the same predictions where images are correct as often as they are confident.

    Outcomes are drawn image by image, the same chance for all runs; images of one patient count as independent.
    """
    confidences = normalised(predictions.probabilities).max(axis=2)  # (seeds, images)
    index = confidence_bins(confidences, bins)
    found = np.mean([calibration_error(one, predictions.labels, bins) for one in predictions.probabilities])
    errors = np.zeros(draws)
    chance = generator.random((draws, predictions.images), dtype=np.float32)
    for own, bin_index in zip(confidences, index, strict=True):
        misses = (chance < own) - own.astype(np.float32)  # (draws, images)
        for number in np.unique(bin_index):
            errors += np.abs(misses[:, bin_index == number].sum(axis=1))
    errors /= predictions.seeds * predictions.images
    return ChanceLevel(
        mean=float(errors.mean()),
        high=float(np.quantile(errors, confidence)),
        p_value=float((1 + (errors >= found).sum()) / (1 + draws)),
    )


def _basis(x: Doubles, knots: Doubles) -> Doubles:
    """Natural cubic spline over the knots, linear beyond the outer ones: (values, terms)."""
    if len(knots) == 2:
        return np.stack([np.ones_like(x), x], axis=1)
    spline = CubicSpline(knots, np.eye(len(knots)), bc_type="natural")
    inside = np.clip(x, knots[0], knots[-1])
    return np.asarray(spline(inside) + (x - inside)[:, None] * spline(inside, 1))


def _fitted(labels: NDArray[np.intp], terms: Doubles) -> _Fit | None:
    """A logistic regression of labels 0 and 1; None where the classes are separated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of intermediate steps towards no solution
        warnings.simplefilter("error", PerfectSeparationWarning)
        try:
            found = GLM(labels, terms, family=Binomial()).fit(maxiter=100)
        except (PerfectSeparationWarning, np.linalg.LinAlgError):
            return None
    if not found.converged or np.abs(found.params).max() > STEEPEST:
        return None
    return _with_influence(labels, terms, np.asarray(found.params), expit(terms @ np.asarray(found.params)))


def _shifted(labels: NDArray[np.intp], log_odds: Doubles) -> _Fit:
    """The shift of log odds after which they expect as many positives as there are."""

    def lacking(shift: float) -> float:
        return float(expit(log_odds + shift).mean() - labels.mean())

    farthest = float(np.abs(log_odds).max()) + 2 * np.log(len(labels))
    shift = brentq(lacking, -farthest, farthest)
    return _with_influence(labels, np.ones((len(labels), 1)), np.array([shift]), expit(log_odds + shift))


def _with_influence(labels: NDArray[np.intp], terms: Doubles, coefficients: Doubles, expected: Doubles) -> _Fit:
    weights = expected * (1 - expected)
    inverse = np.linalg.pinv((terms * weights[:, None]).T @ terms)
    leverage = np.clip(weights * np.einsum("it,tu,iu->i", terms, inverse, terms), 0.0, HIGHEST_LEVERAGE)
    scores = terms * ((labels - expected) / (1 - leverage))[:, None]
    return _Fit(coefficients, len(labels) * scores @ inverse)


def _coefficient(predictions: Predictions, fits: Sequence[_Fit | None], term: int) -> Components | None:
    known = [fit for fit in fits if fit is not None]
    if len(known) < len(fits):
        return None
    values = np.array([fit.coefficients[term] for fit in known])
    return _components(predictions, values, np.array([fit.influence[:, term] for fit in known]), UNBOUNDED)


def _components(
    predictions: Predictions, values: Doubles, deviations: Doubles, bounds: tuple[float, float]
) -> Components:
    centred = deviations - deviations.mean(axis=1, keepdims=True)
    return Components(values, centred, all_images(predictions), predictions.cluster_codes, 0.0, bounds)
