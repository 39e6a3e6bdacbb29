"""How often the intervals of the clinical numbers hold the truth.

Run from the root of the project: `PYTHONPATH=src python benchmarks/clinical_coverage.py`; it writes
`benchmarks/CLINICAL.md`.

Study after study is simulated from a binormal model whose truth has a closed form. The log odds that run s gives to
image i are ±(separation + d_s) + b_s + e_i + noise: d_s and b_s are the run's discrimination and its bias, e_i belongs
to the image, or in part to its patient. Every study draws new images, patients and runs.
"""

import argparse
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import norm

from transfer_report.analysis.clinical.calibration import (
    calibration_intercept,
    calibration_slope,
    scaled_brier,
    smooth_curve,
)
from transfer_report.analysis.clinical.classes import precision
from transfer_report.analysis.clinical.curves import auroc_parts, average_precision, precision_point, roc_point
from transfer_report.analysis.clinical.decision import net_benefit, treat_all
from transfer_report.analysis.clinical.delta import difference, t_interval
from transfer_report.analysis.clinical.one_vs_rest import risks, sensitivity_parts, specificity_parts
from transfer_report.analysis.clinical.operating_point import (
    at_prevalence,
    chosen_thresholds,
    likelihood_ratio,
    predictive_value,
)
from transfer_report.analysis.comparisons import difference_of
from transfer_report.analysis.components import Components, components, f1_of_class, recall
from transfer_report.analysis.estimates import estimate_of
from transfer_report.analysis.predictions import Predictions
from transfer_report.records.analysis import Estimate
from transfer_report.records.base import Split
from transfer_report.settings import SensitivityTarget

Doubles = NDArray[np.float64]
OUTPUT = Path(__file__).with_name("CLINICAL.md")
CONFIDENCE = 0.95
THRESHOLD, RARE = 0.3, 0.05
"""The risk from which on is called positive; the prevalence of another population."""
TARGET = SensitivityTarget(sensitivity=0.9)
VALIDATION_IMAGES = 200
MORE_RUNS = 40
"""Runs whose thresholds say what a rule chooses on the same validation images."""
PROMISE = 0.93


@dataclass(frozen=True)
class Setting:
    """One kind of study."""

    name: str
    images: int = 400
    patient_images: int = 1
    seeds: int = 5
    prevalence: float = 0.5
    separation: float = 1.36
    """Half the distance of the classes in logits: an AUROC of 0.90 by a standard deviation of 1.5."""
    spread: float = 1.5
    """Standard deviation of the logits within a class; half of the variance is the image's."""
    bias_sd: float = 0.3
    separation_sd: float = 0.1
    gain: float = 0.2
    """Separation that the second condition has more."""


BASE = Setting("base")
SETTINGS = (
    BASE,
    replace(BASE, name="200 images", images=200),
    replace(BASE, name="1,000 images", images=1000),
    replace(BASE, name="4 images a patient", patient_images=4),
    replace(BASE, name="1 in 5 positive", prevalence=0.2),
    replace(BASE, name="1 in 10 positive, 1,000 images", prevalence=0.1, images=1000),
    replace(BASE, name="1 run", seeds=1),
    replace(BASE, name="3 runs", seeds=3),
    replace(BASE, name="10 runs", seeds=10),
    replace(BASE, name="runs alike", bias_sd=0.0, separation_sd=0.0),
    replace(BASE, name="runs very different", bias_sd=0.6, separation_sd=0.3),
    replace(BASE, name="AUROC 0.98", separation=2.18),
    replace(BASE, name="AUROC 0.75", separation=0.72),
)


@dataclass(frozen=True)
class Runs:
    """What makes the runs of a condition: arrays over the runs."""

    separation: Doubles
    bias: Doubles

    def above(self, logit_: float | Doubles, spread: float, positive: bool) -> Doubles:
        """Share of a class above a logit, run by run."""
        centre = self.bias + (self.separation if positive else -self.separation)
        return np.asarray(norm.cdf((centre - logit_) / spread))


def drawn_runs(generator: np.random.Generator, setting: Setting, seeds: int, gain: float = 0.0) -> Runs:
    """New runs of a condition."""
    return Runs(
        separation=setting.separation + gain + generator.normal(0, setting.separation_sd, seeds),
        bias=generator.normal(0, setting.bias_sd, seeds),
    )


def drawn_images(generator: np.random.Generator, setting: Setting, images: int) -> tuple[NDArray[np.intp], Doubles]:
    """Labels and effects of new images; with patients, two thirds of the effect are theirs, as is the label."""
    patients = images // setting.patient_images
    labels = (generator.random(patients) < setting.prevalence).astype(np.intp)
    variance = setting.spread**2 / 2
    share = 2 / 3 if setting.patient_images > 1 else 0.0
    of_patients = generator.normal(0, np.sqrt(share * variance), patients)
    own = generator.normal(0, np.sqrt((1 - share) * variance), patients * setting.patient_images)
    return np.repeat(labels, setting.patient_images), np.repeat(of_patients, setting.patient_images) + own


def predicted(
    generator: np.random.Generator,
    setting: Setting,
    runs: Runs,
    drawn: tuple[NDArray[np.intp], Doubles],
    split: Split = "test",
) -> Predictions:
    """Predictions of runs on images."""
    labels, effects = drawn
    sides = np.where(labels == 1, 1, -1)
    logits = runs.separation[:, None] * sides + runs.bias[:, None] + effects
    logits = logits + generator.normal(0, setting.spread / np.sqrt(2), logits.shape)
    positive = expit(logits)
    probabilities = np.stack([expit(-logits), positive], axis=2)
    return Predictions("", split, probabilities, labels, np.arange(len(labels)) // setting.patient_images)


# --- the truth ---


def rates(runs: Runs, setting: Setting, thresholds: float | Doubles) -> tuple[float, float]:
    """Mean sensitivity and false positive rate from a risk on."""
    cut = np.asarray(logit(thresholds))
    found, false = (float(runs.above(cut, setting.spread, side).mean()) for side in (True, False))
    return found, false


def truths(runs: Runs, setting: Setting) -> dict[str, float]:
    """What every number is on all images, the mean over these runs (of rates, where a number is made of rates)."""
    ill, spread = setting.prevalence, setting.spread
    distance = 2 * runs.separation / spread
    found, false = rates(runs, setting, THRESHOLD)
    of_runs = [runs.above(float(logit(0.5)), spread, side) for side in (True, False)]
    odds = THRESHOLD / (1 - THRESHOLD)
    exact = {
        "AUROC": float(norm.cdf(distance / np.sqrt(2)).mean()),
        **{f"ROC at {rate:g}": float(norm.cdf(distance + norm.ppf(rate)).mean()) for rate in (0.05, 0.2, 0.5)},
        "AP": float(np.mean([_average_precision(one, ill) for one in distance])),
        **{
            f"precision at {share:g}": ill
            * share
            / (ill * share + (1 - ill) * float(norm.sf(distance - norm.ppf(share)).mean()))
            for share in (0.5, 0.8)
        },
        "sensitivity": found,
        "specificity": 1 - false,
        "PPV": ill * found / (ill * found + (1 - ill) * false),
        "NPV": (1 - ill) * (1 - false) / ((1 - ill) * (1 - false) + ill * (1 - found)),
        "LR+": found / false,
        "LR−": (1 - found) / (1 - false),
        "PPV elsewhere": RARE * found / (RARE * found + (1 - RARE) * false),
        "NPV elsewhere": (1 - RARE) * (1 - false) / ((1 - RARE) * (1 - false) + RARE * (1 - found)),
        "F1": float((2 * ill * of_runs[0] / (ill * of_runs[0] + (1 - ill) * of_runs[1] + ill)).mean()),
        "net benefit": ill * found - (1 - ill) * odds * false,
        "over treat-all": ill * found - (1 - ill) * odds * false - (ill - (1 - ill) * odds),
        "net benefit elsewhere": RARE * found - (1 - RARE) * odds * false,
        "slope": float((2 * runs.separation / spread**2).mean()),
        "intercept": float(np.mean([_intercept(runs, setting, run) for run in range(len(runs.bias))])),
        "scaled Brier": float(
            np.mean([1 - _brier(runs, setting, run) / (ill * (1 - ill)) for run in range(len(runs.bias))])
        ),
    }
    return exact | {f"risk {risk:g}": _observed(runs, setting, risk) for risk in (0.2, 0.5, 0.8)}


NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(61)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def _average_precision(distance: float, ill: float) -> float:
    """Mean precision at the score of a positive image."""
    found, false = norm.sf(NODES), norm.sf(NODES + distance)
    return float((WEIGHTS * ill * found / (ill * found + (1 - ill) * false)).sum())


def _logits(runs: Runs, setting: Setting, run: int) -> tuple[Doubles, Doubles]:
    positive, negative = (runs.bias[run] + side * runs.separation[run] + setting.spread * NODES for side in (1, -1))
    return positive, negative


def _brier(runs: Runs, setting: Setting, run: int) -> float:
    ill, (positive, negative) = setting.prevalence, _logits(runs, setting, run)
    return float((WEIGHTS * (ill * expit(-positive) ** 2 + (1 - ill) * expit(negative) ** 2)).sum())


def _intercept(runs: Runs, setting: Setting, run: int) -> float:
    ill, (positive, negative) = setting.prevalence, _logits(runs, setting, run)

    def lacking(shift: float) -> float:
        return float((WEIGHTS * (ill * expit(positive + shift) + (1 - ill) * expit(negative + shift))).sum()) - ill

    return float(brentq(lacking, -20, 20))


def _observed(runs: Runs, setting: Setting, risk: float) -> float:
    """Share of positives among images of one risk: the log odds of two normal classes are linear in the logit."""
    slope = 2 * runs.separation / setting.spread**2
    return float(expit(logit(setting.prevalence) + slope * (logit(risk) - runs.bias)).mean())


# --- one study ---


def study(setting: Setting, generator: np.random.Generator) -> dict[str, tuple[Estimate | None, float]]:
    """Every interval of one simulated study, with its truth."""
    runs = drawn_runs(generator, setting, setting.seeds)
    better = drawn_runs(generator, setting, setting.seeds, setting.gain)
    images = drawn_images(generator, setting, setting.images)
    one, other = (predicted(generator, setting, which, images) for which in (runs, better))
    # One run speaks of itself; several speak of all runs like them.
    if setting.seeds > 1:
        true, true_of_other = _population_truths(setting)
    else:
        true, true_of_other = truths(runs, setting), truths(better, setting)
    found = estimates(one)
    compared: dict[str, Callable[[Predictions], Components]] = {
        "AUROC": auroc_parts,
        "ROC at 0.2": lambda which: roc_point(which, 0.2),
        "net benefit": lambda which: net_benefit(which, THRESHOLD),
    }
    pairs = {name: (estimate, true[name]) for name, estimate in found.items()}
    for name, make in compared.items():
        found_difference = difference_of(make(one), make(other), CONFIDENCE)
        pairs[f"difference: {name}"] = found_difference, true_of_other[name] - true[name]
    return pairs | _chosen_on_validation(setting, generator, runs, one)


def estimates(one: Predictions) -> dict[str, Estimate | None]:
    """The intervals of one condition."""
    called = risks(one) >= THRESHOLD
    found, kept = sensitivity_parts(one, called), specificity_parts(one, called)
    ppv, npv = (predictive_value(one, called, side) for side in (True, False))
    elsewhere = at_prevalence(found, kept, RARE, CONFIDENCE)
    own, of_all = net_benefit(one, THRESHOLD), treat_all(one, THRESHOLD)
    slope, intercept = calibration_slope(one), calibration_intercept(one)
    shares = {
        "AUROC": components("auroc", one),
        **{f"ROC at {rate:g}": roc_point(one, rate) for rate in (0.05, 0.2, 0.5)},
        "AP": average_precision(one),
        **{f"precision at {rate:g}": precision_point(one, rate) for rate in (0.5, 0.8)},
        "sensitivity": found,
        "specificity": kept,
        "PPV": ppv,
        "NPV": npv,
        "F1": components("f1", one),
    }
    by_t = {
        "net benefit": own,
        "over treat-all": difference(of_all, own),
        "net benefit elsewhere": net_benefit(one, THRESHOLD, RARE),
        "slope": slope,
        "intercept": intercept,
        "scaled Brier": scaled_brier(one),
    }
    return {
        **{name: None if parts is None else estimate_of(parts, CONFIDENCE) for name, parts in shares.items()},
        **{name: None if parts is None else t_interval(parts, CONFIDENCE) for name, parts in by_t.items()},
        "LR+": likelihood_ratio(found, kept, True, CONFIDENCE),
        "LR−": likelihood_ratio(found, kept, False, CONFIDENCE),
        "PPV elsewhere": elsewhere.ppv,
        "NPV elsewhere": elsewhere.npv,
        **_of_curve(one),
    }


def _of_curve(one: Predictions) -> dict[str, Estimate | None]:
    """Points of the smooth calibration curve, between those of its grid."""
    curve = smooth_curve(one, CONFIDENCE)
    found: dict[str, Estimate | None] = {}
    for risk in (0.2, 0.5, 0.8):
        if curve is None or not curve.x[0] <= risk <= curve.x[-1] or None in (*curve.low, *curve.high):
            found[f"risk {risk:g}"] = None
            continue
        value, low, high = (
            float(np.interp(risk, curve.x, np.asarray(ends, dtype=float)))
            for ends in (curve.value, curve.low, curve.high)
        )
        found[f"risk {risk:g}"] = Estimate(
            value=value, low=low, high=high, standard_error=None, df=None, confidence=CONFIDENCE,
            scope="conditions", images=0, clusters=0, seeds=0,
        )  # fmt: skip
    return found


def _chosen_on_validation(
    setting: Setting, generator: np.random.Generator, runs: Runs, test: Predictions
) -> dict[str, tuple[Estimate | None, float]]:
    """Sensitivity and PPV on test at thresholds that each run takes from the validation images."""
    images = drawn_images(generator, setting, VALIDATION_IMAGES)
    thresholds = chosen_thresholds(predicted(generator, setting, runs, images, "val"), TARGET, 1)
    assert thresholds is not None  # noqa: S101  # a wanted sensitivity has thresholds
    more = runs
    of_more = thresholds
    if setting.seeds > 1:
        more = drawn_runs(generator, setting, MORE_RUNS)
        chosen = chosen_thresholds(predicted(generator, setting, more, images, "val"), TARGET, 1)
        assert chosen is not None  # noqa: S101  # as above
        of_more = chosen
    found, false = rates(more, setting, of_more)
    ill = setting.prevalence
    called = risks(test) >= thresholds[:, None]
    ppv = predictive_value(test, called, True)
    return {
        "chosen: sensitivity": (estimate_of(sensitivity_parts(test, called), CONFIDENCE), found),
        "chosen: PPV": (
            None if ppv is None else estimate_of(ppv, CONFIDENCE),
            ill * found / (ill * found + (1 - ill) * false),
        ),
    }


@cache
def _populations(setting: Setting) -> tuple[Runs, Runs]:
    """Many runs of either condition, spread as the runs are: what a mean over all runs is taken over."""
    steps = norm.ppf((np.arange(31) + 0.5) / 31)
    steps = steps / steps.std()  # what the outermost of so many lack
    bias, own = (grid.ravel() for grid in np.meshgrid(setting.bias_sd * steps, setting.separation_sd * steps))
    first, second = (Runs(setting.separation + gain + own, bias) for gain in (0.0, setting.gain))
    return first, second


@cache
def _population_truths(setting: Setting) -> tuple[dict[str, float], dict[str, float]]:
    first, second = (truths(runs, setting) for runs in _populations(setting))
    return first, second


# --- three classes ---


def three_classes(trials: int) -> dict[str, tuple[float, float]]:
    """Coverage and share of studies with an interval, of numbers of a class among three, by a truth from many draws."""
    generator = np.random.default_rng(23)
    centres = np.array([[1.5, 0.0, 0.3], [0.0, 1.5, 0.3], [0.2, 0.6, 1.2]])

    def draw(images: int, seeds: int) -> Predictions:
        labels = generator.choice(3, images, p=[0.5, 0.25, 0.25])
        logits = centres[labels] + generator.normal(0, 0.8, (len(labels), 3))
        logits = logits + generator.normal(0, 0.8, (seeds, len(labels), 3)) + generator.normal(0, 0.15, (seeds, 1, 3))
        odds = np.exp(logits)
        return Predictions("", "test", odds / odds.sum(axis=2, keepdims=True), labels, np.arange(len(labels)))

    def precision_of_third(one: Predictions) -> Components:
        found = precision(one, 2)
        assert found is not None  # noqa: S101  # some image is called so
        return found

    measures: dict[str, Callable[[Predictions], Components]] = {
        "recall": lambda one: recall(one, 2),
        "precision": precision_of_third,
        "F1": lambda one: f1_of_class(one, 2),
        "macro F1": lambda one: components("f1", one),
    }
    large = [draw(2000, 200) for _ in range(10)]
    true = {name: float(np.mean([make(one).value for one in large])) for name, make in measures.items()}
    hits = dict.fromkeys(measures, 0.0)
    for _ in range(trials):
        one = draw(300, 5)
        for name, make in measures.items():
            hits[name] += holds(estimate_of(make(one), CONFIDENCE), true[name])
    return {name: (hit / trials, 1.0) for name, hit in hits.items()}


# --- the table ---


def holds(found: Estimate, value: float) -> bool:
    """Whether an interval holds a value."""
    return found.low is not None and found.high is not None and found.low <= value <= found.high


def coverage(job: tuple[Setting, int]) -> dict[str, tuple[float, float]]:
    """Per number, how often its interval holds the truth, and how often there is one."""
    setting, trials = job
    generator = np.random.default_rng([29, SETTINGS.index(setting)])
    hits: dict[str, list[bool]] = {}
    for _ in range(trials):
        for name, (found, value) in study(setting, generator).items():
            hits.setdefault(name, [])
            if found is not None and found.low is not None:
                hits[name].append(holds(found, value))
    return {name: (float(np.mean(one)) if one else np.nan, len(one) / trials) for name, one in hits.items()}


def lines(trials: int, processes: int) -> Iterator[str]:
    """The lines of the Markdown file."""
    with ProcessPoolExecutor(processes) as pool:
        found = list(pool.map(coverage, [(setting, trials) for setting in SETTINGS]))
        of_three = pool.submit(three_classes, trials).result()
    error = 100 * np.sqrt(CONFIDENCE * (1 - CONFIDENCE) / trials)
    yield "# Do the clinical intervals hold what they promise?\n"
    yield (
        f"Measured by `benchmarks/clinical_coverage.py` on {trials} simulated studies a row (standard error of a share "
        f"of 95 %: {error:.1f} points): how often a 95 % interval holds the truth, in per cent, below "
        f"{100 * PROMISE:.0f} in bold. In brackets, the share of studies that have such an interval, where it is not "
        "all. The base study: 400 images, half of them positive, 5 runs, AUROC 0.90; the other rows change what they "
        f"say. Threshold {THRESHOLD:g}; `elsewhere` is a population with a prevalence of {RARE:g}; `chosen` is a "
        f"threshold for a sensitivity of {TARGET.sensitivity:g} on {VALIDATION_IMAGES} validation images.\n"
    )
    names = list(found[0])
    for start in range(0, len(names), 8):
        part = names[start : start + 8]
        yield f"| study | {' | '.join(part)} |"
        yield f"| --- |{' --- |' * len(part)}"
        for setting, row in zip(SETTINGS, found, strict=True):
            yield f"| {setting.name} | {' | '.join(_cell(*row[name]) for name in part)} |"
        yield ""
    yield "Of a class among three, 300 images, a quarter of them of this class, 5 runs:\n"
    yield f"| {' | '.join(of_three)} |"
    yield f"|{' --- |' * len(of_three)}"
    yield f"| {' | '.join(_cell(*one) for one in of_three.values())} |"


def _cell(share: float, known: float) -> str:
    if np.isnan(share):
        return "–"
    text = f"{100 * share:.1f}"
    text = f"**{text}**" if share < PROMISE else text
    return text if known == 1 else f"{text} ({100 * known:.0f})"


def main() -> None:
    """Write `CLINICAL.md`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000, help="simulated studies a row")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    OUTPUT.write_text("\n".join(lines(arguments.trials, arguments.processes)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
