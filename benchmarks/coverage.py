"""How often the 95 % intervals hold the truth, and how often equal conditions are called different.

Run from the root of the project: `PYTHONPATH=src python benchmarks/coverage.py`; it writes `benchmarks/COVERAGE.md`.

Study after study is simulated from a model whose truth is known. The logit of the true class is the ease of the image
(of its patient, where there are patients), plus an effect of the condition on the image, plus an effect of the seed,
plus noise; every study draws new images and new seeds. What is measured is the project's own code.
"""

import argparse
import gc
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import get_args

import numpy as np
from scipy import stats

from transfer_report.analysis.comparisons import (
    difference_between_sets,
    difference_of,
    error_rate,
    holm,
)
from transfer_report.analysis.components import Components, components, overconfidence, recall_gap
from transfer_report.analysis.drops import drop
from transfer_report.analysis.estimates import estimate_of
from transfer_report.analysis.moderation import of_a_pair, seed_spreads
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.reported_comparison import compare_with_reported
from transfer_report.analysis.t_interval import p_of_zero
from transfer_report.analysis.variance import image_term
from transfer_report.records.analysis import Estimate, Metric, Tested
from transfer_report.records.base import Split

OUTPUT = Path(__file__).with_name("COVERAGE.md")
CONFIDENCE = 0.95
IMAGES, VALIDATION_IMAGES = 400, 100
PATIENT_IMAGES = 4
EASE_MEAN, EASE_SD = 2.2, 2.5
EFFECT_MEAN, EFFECT_SD = 0.6, 0.5
"""Of the second condition, in logits: some five points of accuracy, not the same for every image."""
TRUTH_DRAWS = 1_000_000
# In logits; they make the accuracy of single runs vary by about 0, 1, 2 and 4 points on top of the images' noise.
SEED_SDS = (0.0, 0.1, 0.2, 0.4)
SHARES = (0.8, 0.9, 0.95, 0.98)
"""Right answers, where sets of images of these sizes are held against each other."""
SMALL_SET, LARGE_SET, REPORTED_SET = 50, 200, 400
UNEVEN, EVEN, MANY = (20, 200), (50, 50), (200, 200)
"""Test images of two classes."""
OTHER_METRICS: tuple[Metric, ...] = tuple(metric for metric in get_args(Metric) if metric not in ("accuracy", "auroc"))


@dataclass(frozen=True)
class Setting:
    """One kind of study."""

    metric: Metric
    clustered: bool
    seeds: int
    seed_sd: float
    trials: int
    images: int = IMAGES


def ease_of_images(generator: np.random.Generator, clustered: bool, images: int = IMAGES) -> np.ndarray:
    """(images,); with patients, half of the variance is theirs."""
    if not clustered:
        return generator.normal(EASE_MEAN, EASE_SD, images)
    of_patients = generator.normal(0, EASE_SD / np.sqrt(2), IMAGES // PATIENT_IMAGES)
    return EASE_MEAN + np.repeat(of_patients, PATIENT_IMAGES) + generator.normal(0, EASE_SD / np.sqrt(2), IMAGES)


def draw_runs(generator: np.random.Generator, ease: np.ndarray, setting: Setting) -> Predictions:
    """The runs of one condition on images of this ease; classes alternate."""
    images = len(ease)
    labels = np.arange(images) % 2
    logits = ease + generator.normal(0, setting.seed_sd, (setting.seeds, 1))
    logits = logits + generator.logistic(size=(setting.seeds, images))
    positive = 1 / (1 + np.exp(-np.where(labels == 1, logits, -logits) / 4))
    clusters = np.arange(images) // (PATIENT_IMAGES if setting.clustered else 1)
    return Predictions("", "test", np.stack([1 - positive, positive], axis=2), labels, clusters)


@cache
def truth(metric: Metric, seed_sd: float, changed: bool) -> tuple[float, float]:
    """Mean of the metric over all images and seeds, and its standard deviation over seeds, by a large draw."""
    generator = np.random.default_rng(1)
    sums = 2 if metric == "auroc" else 1  # an AUROC compares an image of either class, and its logits add up
    ease = generator.normal(EASE_MEAN, EASE_SD, (sums, TRUTH_DRAWS))
    if changed:
        ease = ease + generator.normal(EFFECT_MEAN, EFFECT_SD, ease.shape)
    total = np.sort((ease + generator.logistic(size=ease.shape)).sum(axis=0))
    effects = seed_sd * stats.norm.ppf((np.arange(99) + 0.5) / 99)
    of_seeds = 1 - np.searchsorted(total, -sums * effects) / TRUTH_DRAWS
    return float(np.mean(of_seeds)), float(np.std(of_seeds))


def over_images_alone(first: Components, second: Components, both: Estimate) -> Estimate:
    """The difference as it looks where these runs are taken for the conditions: their seeds do not count."""
    term = image_term(second.deviations.mean(axis=0) - first.deviations.mean(axis=0), first.strata, first.clusters)
    if term is None:
        raise ValueError("the simulation drew a class with a single cluster")
    error = float(np.sqrt(term.variance))
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, term.df)) * error
    ends = {"low": both.value - reach, "high": both.value + reach}
    return both.model_copy(update={**ends, "standard_error": error, "df": term.df})


def holds(found: Estimate, value: float) -> bool:
    """Whether an interval holds a value."""
    return found.low is not None and found.high is not None and found.low <= value <= found.high


def coverage_row(setting: Setting) -> str:
    """One line of the first table: how often each kind of interval holds the truth."""
    generator = np.random.default_rng([IMAGES, setting.clustered, setting.seeds, round(1000 * setting.seed_sd)])
    value, sd = truth(setting.metric, setting.seed_sd, changed=False)
    difference = truth(setting.metric, setting.seed_sd, changed=True)[0] - value
    hits = np.zeros(3)
    for _ in range(setting.trials):
        ease = ease_of_images(generator, setting.clustered)
        own = generator.normal(EFFECT_MEAN, EFFECT_SD, IMAGES)
        runs = [draw_runs(generator, shifted, setting) for shifted in (ease, ease + own)]
        first, second = (components(setting.metric, one) for one in runs)
        both = difference_of(first, second, CONFIDENCE)
        hits += [
            holds(estimate_of(first, CONFIDENCE), value),
            holds(both, difference),
            holds(over_images_alone(first, second, both), difference),
        ]
    shares = " | ".join(f"{100 * share:.1f} %" for share in hits / setting.trials)
    images = f"{IMAGES} of {IMAGES // PATIENT_IMAGES} patients" if setting.clustered else f"{IMAGES}"
    points = f"{100 * value:.1f} | {100 * difference:+.1f}"
    return f"| {setting.metric} | {images} | {setting.seeds} | {100 * sd:.1f} | {points} | {shares} |"


def family_row(setting: Setting) -> str:
    """One line of the second table: studies with a false "better" or "worse" among tables of equal conditions."""
    generator = np.random.default_rng([IMAGES, 7, setting.seeds, round(1000 * setting.seed_sd)])
    _, sd = truth(setting.metric, setting.seed_sd, changed=False)
    alarms = np.zeros(4)
    for _ in range(setting.trials):
        ease = ease_of_images(generator, setting.clustered)
        table = [components(setting.metric, draw_runs(generator, ease, setting)) for _ in range(4)]
        pairs = list(combinations(range(4), 2))
        found = [difference_of(table[first], table[second], CONFIDENCE) for first, second in pairs]
        alone = [
            over_images_alone(table[first], table[second], both)
            for (first, second), both in zip(pairs, found, strict=True)
        ]
        of_three = [index for index, pair in enumerate(pairs) if 3 not in pair]
        alarms += [
            any_alarm([way[index] for index in of_three] if size == 3 else way)
            for size, way in product((3, 4), (found, alone))
        ]
    shares = " | ".join(f"{100 * share:.1f} %" for share in alarms / setting.trials)
    return f"| {setting.metric} | {setting.seeds} | {100 * sd:.1f} | {shares} |"


def moderated_row(setting: Setting) -> str:
    """Return how often a difference within a table of three holds the truth, its variances over seeds moderated."""
    generator = np.random.default_rng([IMAGES, 23, setting.seeds, round(1000 * setting.seed_sd)])
    value, sd = truth(setting.metric, setting.seed_sd, changed=False)
    difference = truth(setting.metric, setting.seed_sd, changed=True)[0] - value
    hits = 0
    for _ in range(setting.trials):
        ease = ease_of_images(generator, setting.clustered)
        own = generator.normal(EFFECT_MEAN, EFFECT_SD, IMAGES)
        runs = [draw_runs(generator, shifted, setting) for shifted in (ease, ease + own, ease)]
        first, second, third = (components(setting.metric, one) for one in runs)
        spreads = seed_spreads("table", {"first": first.values, "second": second.values, "third": third.values})
        seeds = of_a_pair(spreads["first"], spreads["second"])
        hits += holds(difference_of(first, second, CONFIDENCE, seeds), difference)
    return f"| {setting.metric} | {setting.seeds} | {100 * sd:.1f} | {_share(hits / setting.trials)} |"


def few_images_row(setting: Setting) -> str:
    """Return how often the interval of one condition holds the mean of all simulated estimates, on few images."""
    generator = np.random.default_rng([setting.images, 29, setting.seeds])
    found = []
    for _ in range(setting.trials):
        runs = draw_runs(generator, ease_of_images(generator, setting.clustered, setting.images), setting)
        found.append(estimate_of(components(setting.metric, runs), CONFIDENCE))
    value = float(np.mean([one.value for one in found]))
    share = float(np.mean([holds(one, value) for one in found]))
    return f"| {setting.metric} | {setting.seeds} | {100 * value:.1f} | {_share(share)} |"


def _share(share: float) -> str:
    return f"{100 * share:.1f} %"


def moderated_section(trials: int, rows: Callable[..., Iterable[str]] = map) -> Iterator[str]:
    """Yield the lines on differences within a table."""
    kinds = product(get_args(Tested), (3, 5, 10), SEED_SDS)
    yield "\n## Differences within a table\n"
    yield (
        f"{trials} simulated studies a line. Three conditions of one table: their variances over seeds are moderated "
        f"together, as in the report. {IMAGES} images without patients, and the difference of the first table.\n"
    )
    yield "| metric | seeds | s.d. over seeds | difference: images and seeds |"
    yield "| --- | --- | --- | --- |"
    yield from rows(moderated_row, [Setting(metric, False, seeds, sd, trials) for metric, seeds, sd in kinds])


def few_images_section(trials: int, rows: Callable[..., Iterable[str]] = map) -> Iterator[str]:
    """Yield the lines on single conditions scored on few images."""
    kinds = product(get_args(Metric), (3, 5))
    yield "\n## Scores on few images\n"
    yield (
        f"{trials} simulated studies a line, each of {VALIDATION_IMAGES} images, as validation may have; seeds that "
        "move the accuracy by 2 points. The truth is the mean of the estimates.\n"
    )
    yield "| metric | seeds | value | one condition |"
    yield "| --- | --- | --- | --- |"
    settings = [Setting(metric, False, seeds, 0.2, trials, VALIDATION_IMAGES) for metric, seeds in kinds]
    yield from rows(few_images_row, settings)


def other_metric_row(setting: Setting) -> str:
    """One line of the third table: the truth is the mean over all simulated studies, here of what is estimated."""
    generator = np.random.default_rng([IMAGES, 13, setting.seeds])
    singles, differences = [], []
    for _ in range(setting.trials):
        ease = ease_of_images(generator, setting.clustered)
        own = generator.normal(EFFECT_MEAN, EFFECT_SD, IMAGES)
        runs = [draw_runs(generator, shifted, setting) for shifted in (ease, ease + own)]
        first, second = (components(setting.metric, one) for one in runs)
        singles.append(estimate_of(first, CONFIDENCE))
        differences.append(difference_of(first, second, CONFIDENCE))
    cells = []
    for found in (singles, differences):
        value = float(np.mean([one.value for one in found]))
        share = np.mean([holds(one, value) for one in found])
        cells.append(f"{100 * value:.1f} | {100 * share:.1f} %")
    return f"| {setting.metric} | {setting.seeds} | {' | '.join(cells)} |"


def apart_row(share: float, seeds: int, trials: int) -> str:
    """One line of the fourth table: equal accuracies on sets of images that have none in common, called different."""
    generator = np.random.default_rng([17, round(1000 * share), seeds])

    def drawn(images: int, split: Split = "test") -> Predictions:
        correct = generator.random((seeds, images)) < share
        probabilities = np.stack([np.where(correct, 0.9, 0.1), np.where(correct, 0.1, 0.9)], axis=2)
        return Predictions("", split, probabilities, np.zeros(images, dtype=np.intp), np.arange(images))

    alarms = np.zeros(4)
    for _ in range(trials):
        small, large = drawn(SMALL_SET), drawn(LARGE_SET)
        sides = [components("accuracy", one) for one in (small, large)]
        reported = float((generator.random(REPORTED_SET) < share).mean())
        p_values = [
            drop(drawn(SMALL_SET, "val"), large, CONFIDENCE).p_value,
            p_of_zero(difference_between_sets(sides[0], sides[1], CONFIDENCE)),
            *(compare_with_reported(one, reported, REPORTED_SET, CONFIDENCE).p_value for one in (small, large)),
        ]
        alarms += [p is not None and p < error_rate(CONFIDENCE) for p in p_values]
    cells = " | ".join(f"{100 * alarm:.1f} %" for alarm in alarms / trials)
    return f"| {100 * share:.0f} % | {seeds} | {cells} |"


def single_row(share: float, seeds: int, trials: int) -> str:
    """One line of the fifth table: what is said of one condition whose classes are as easy and which is calibrated."""
    generator = np.random.default_rng([19, round(1000 * share), seeds])

    def drawn(counts: tuple[int, int]) -> Predictions:
        """An image is as sure in every run, and right with the probability that the runs give."""
        images = sum(counts)
        sure = np.clip(generator.beta(share * 60, (1 - share) * 60, images), 0.5, 1)
        correct = generator.random((seeds, images)) < sure
        labels = np.repeat([0, 1], counts)
        of_first = np.where(correct == (labels == 0), sure, 1 - sure)
        return Predictions("", "test", np.stack([of_first, 1 - of_first], axis=2), labels, np.arange(images))

    hits = np.zeros(6)
    for _ in range(trials):
        uneven, even, many = (drawn(counts) for counts in (UNEVEN, EVEN, MANY))
        told = [estimate_of(recall_gap(one, 0, 1), CONFIDENCE) for one in (uneven, even)]
        told += [estimate_of(overconfidence(one), CONFIDENCE) for one in (even, many)]
        balanced = [estimate_of(components("balanced_accuracy", one), CONFIDENCE) for one in (uneven, even)]
        hits += [*(not holds(one, 0) for one in told), *(holds(one, truth_of(share)) for one in balanced)]
    cells = " | ".join(f"{100 * hit:.1f} %" for hit in hits / trials)
    return f"| {100 * share:.0f} % | {seeds} | {cells} |"


@cache
def truth_of(share: float) -> float:
    """The accuracy of the networks of the fifth table, whose confidence is cut at one half."""
    draws = np.random.default_rng(2).beta(share * 60, (1 - share) * 60, TRUTH_DRAWS)
    return float(np.clip(draws, 0.5, 1).mean())


def any_alarm(differences: list[Estimate]) -> bool:
    """Whether any difference of a family is called one after Holm's correction."""
    p_values = holm([p_of_zero(one) for one in differences])
    return any(p is not None and p < error_rate(CONFIDENCE) for p in p_values)


def tables(trials: int, processes: int) -> Iterator[str]:
    """The lines of the Markdown file."""
    kinds = product(get_args(Tested), (False, True), (3, 5, 10), SEED_SDS)
    settings = [Setting(metric, clustered, seeds, sd, trials) for metric, clustered, seeds, sd in kinds]
    families = [Setting("accuracy", False, seeds, sd, trials) for seeds, sd in product((3, 5, 10), SEED_SDS)]
    others = [Setting(metric, False, seeds, 0.2, trials) for metric, seeds in product(OTHER_METRICS, (3, 5))]
    error = 100 * np.sqrt(CONFIDENCE * (1 - CONFIDENCE) / trials)
    # statsmodels collects garbage at each of its corrections; what was imported is none.
    with ProcessPoolExecutor(processes, initializer=gc.freeze) as pool:
        yield "# Do the intervals hold what they promise?\n"
        yield (
            f"Measured by `benchmarks/coverage.py` on {trials} simulated studies a line (standard error of a share of "
            f"95 %: {error:.1f} points). Accuracies, AUROCs and standard deviations in points.\n"
        )
        yield "## 95 % intervals: how often they hold the truth\n"
        yield (
            "| metric | images | seeds | s.d. over seeds | value | difference | one condition | difference: images and "
            "seeds | difference: images alone |"
        )
        yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        yield from pool.map(coverage_row, settings)
        yield "\n## False alarms: tables of conditions that differ in their seeds alone\n"
        yield (
            "Studies in which any two conditions of the table are called different after Holm's correction: at most "
            "5 % is the promise. A verdict of *equivalent* would only make them fewer.\n"
        )
        yield (
            "| metric | seeds | s.d. over seeds | 3 conditions | 3 conditions: images alone | 4 conditions | "
            "4 conditions: images alone |"
        )
        yield "| --- | --- | --- | --- | --- | --- | --- |"
        yield from pool.map(family_row, families)
        yield "\n## The other metrics\n"
        yield (
            f"{IMAGES} images without patients, seeds that move the accuracy by 2 points. The truth is the mean of the "
            "estimates: what the calibration error, which is too high on few images, estimates on average.\n"
        )
        yield "| metric | seeds | value | one condition | difference | difference: images and seeds |"
        yield "| --- | --- | --- | --- | --- | --- |"
        yield from pool.map(other_metric_row, others)
        yield from moderated_section(trials, pool.map)
        yield from few_images_section(trials, pool.map)
        yield "\n## False alarms on different images\n"
        yield (
            "Equal accuracies, seeds that do not matter, no correction. "
            f"Drop: {SMALL_SET} validation and {LARGE_SET} test images. "
            f"Revisions: {SMALL_SET} and {LARGE_SET} test images without one in common. "
            f"Reported: one run on {REPORTED_SET} images, ours on {SMALL_SET} or {LARGE_SET}. "
            "At most 5 % is the promise, which t keeps only roughly with one run on few images.\n"
        )
        yield f"| right | seeds | drop | revisions | reported, {SMALL_SET} | reported, {LARGE_SET} |"
        yield "| --- | --- | --- | --- | --- | --- |"
        yield from pool.map(apart_row, *zip(*product(SHARES, (1, 3), (trials,)), strict=True))
        yield "\n## What is said of one condition\n"
        yield (
            "Two classes that are equally easy, and probabilities that are what they say. False alarms: one class is "
            f"said to be missed more often ({UNEVEN[0]} and {UNEVEN[1]}, or {EVEN[0]} images of each), the network to "
            f"be too sure or not sure enough ({sum(EVEN)} and {sum(MANY)} images). Then how often the interval of the "
            f"balanced accuracy holds the truth ({UNEVEN[0]} and {UNEVEN[1]}, or {EVEN[0]} images of each).\n"
        )
        yield "| right | seeds | classes, uneven | classes, even | sure, few | sure, many | balanced, uneven | even |"
        yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
        yield from pool.map(single_row, *zip(*product(SHARES, (1, 3), (trials,)), strict=True))


def main() -> None:
    """Write `COVERAGE.md`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000, help="simulated studies a line")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    OUTPUT.write_text("\n".join(tables(arguments.trials, arguments.processes)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
