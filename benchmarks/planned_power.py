"""How much power a plan really has: the difference that a study plans to detect, against how often it is found.

Run from the root of the project: `PYTHONPATH=src:. python benchmarks/planned_power.py`; it writes
`benchmarks/PLANNED_POWER.md`.

A pilot study of four conditions is drawn from a model whose truth is known, and plans a study of other numbers of
seeds and images by the project's own code: the difference that it would detect with 80 % power, uncorrected, with
variances over seeds at their upper limit. How often studies of that size find a difference is simulated once for each
kind of study, through the project's own test; the true power of a plan is read from there.
"""

import argparse
import gc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.interpolate import PchipInterpolator

from benchmarks.whole_reports import EASE_SD, IMAGE_EFFECT_SD, mean_logit
from transfer_report.analysis.comparisons import p_of_difference, with_terms
from transfer_report.analysis.components import Components, components
from transfer_report.analysis.moderation import SeedSpread, of_a_pair, seed_spreads
from transfer_report.analysis.power import CAUTION, pair_variance
from transfer_report.analysis.predictions import Predictions

OUTPUT = Path(__file__).with_name("PLANNED_POWER.md")
ACCURACY, ERROR, CONDITIONS = 0.7, 0.05, 4
DIFFERENCES = (0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.15, 0.18, 0.22)
"""True differences at which power is simulated."""
LOW_POWER = 0.7
AS_ESTIMATED = 0.5
"""A plan by the median of the variance over seeds, which does not allow for its being small by chance."""


@dataclass(frozen=True)
class Size:
    """How many seeds and test images a study has, and how its runs vary over seeds beyond the images' noise."""

    seeds: int
    images: int
    spread: float


PILOTS = tuple(Size(seeds, 200, spread) for seeds in (3, 5) for spread in (0.015, 0.04))
PLANNED = ((3, 200), (5, 200), (10, 200), (20, 200), (5, 1000))
"""Seeds and images of planned studies."""


def draw(generator: np.random.Generator, size: Size, accuracies: tuple[float, ...]) -> list[Components]:
    """Accuracy of each condition of one table, on the same images."""
    labels = np.arange(size.images) % 2
    ease = generator.normal(0, EASE_SD, size.images)
    found = []
    for number, accuracy in enumerate(accuracies):
        mean, seed_sd = mean_logit(accuracy, size.spread)
        own = generator.normal(0, IMAGE_EFFECT_SD, size.images)
        logits = mean + ease + own + generator.normal(0, seed_sd, (size.seeds, 1))
        correct = logits + generator.logistic(size=(size.seeds, size.images)) > 0
        positive = np.where(correct == (labels == 1), 0.9, 0.1)
        probabilities = np.stack([1 - positive, positive], axis=2)
        found.append(
            components("accuracy", Predictions(str(number), "test", probabilities, labels, np.arange(size.images)))
        )
    return found


def spreads_of(table: list[Components]) -> list[SeedSpread]:
    """How the seeds of each condition vary, moderated together."""
    return list(seed_spreads("table", {str(number): one.values for number, one in enumerate(table)}).values())


def power_curve(size: Size, studies: int) -> PchipInterpolator:
    """Share of studies that find a difference, by that difference; one condition of the table is better."""
    generator = np.random.default_rng([size.seeds, size.images, round(1000 * size.spread)])
    shares = []
    for difference in DIFFERENCES:
        found = 0
        for _ in range(studies):
            table = draw(generator, size, (ACCURACY, ACCURACY + difference, ACCURACY, ACCURACY))
            spreads = spreads_of(table)
            for other in (0, 2, 3):
                one, terms = with_terms(table[other], table[1], 1 - ERROR, of_a_pair(spreads[other], spreads[1]))
                p_value = p_of_difference(one, terms)
                found += p_value is not None and p_value < ERROR and one.value > 0
        shares.append(found / (3 * studies))
    return PchipInterpolator(DIFFERENCES, np.maximum.accumulate(shares))


def planned_differences(pilot: Size, pilots: int, caution: float) -> dict[tuple[int, int], list[float]]:
    """What each pair of conditions of each pilot study plans to detect, by seeds and images of the planned study."""
    generator = np.random.default_rng([3, pilot.seeds, round(1000 * pilot.spread)])
    found: dict[tuple[int, int], list[float]] = {planned: [] for planned in PLANNED}
    for _ in range(pilots):
        table = draw(generator, pilot, (ACCURACY,) * CONDITIONS)
        spreads = spreads_of(table)
        for first, second in combinations(range(CONDITIONS), 2):
            variance = pair_variance([table[first], table[second]], [spreads[first], spreads[second]], caution)
            if variance is not None:
                for seeds, images in PLANNED:
                    found[seeds, images].append(variance.detectable(seeds, images, ERROR))
    return found


def table(pilots: int, studies: int) -> Iterator[str]:
    """The lines of the Markdown file."""
    yield "# How much power do plans have?\n"
    yield (
        f"Measured by `benchmarks/planned_power.py`: {pilots} pilot studies a line, each a table of {CONDITIONS} equal "
        f"conditions on 200 images, plan studies of other sizes by the project's own code; a plan for each of their "
        f"{CONDITIONS * (CONDITIONS - 1) // 2} pairs. Detectable: the difference in points of accuracy that a plan "
        "expects to find with 80 % power at an error of 5 %, uncorrected: median, 10th and 90th percentile. "
        f"True: the difference that studies of that size do find in 80 %, from {studies} simulated studies for each of "
        f"{len(DIFFERENCES)} differences. Power below {LOW_POWER}: share of plans whose detectable difference is found "
        "less often than that. Plans take the upper 80 % limit of the variance over seeds, as the report does; in the "
        "last column, the variance as estimated (its median). After ± stands one standard error.\n"
    )
    yield "| seeds of the pilot | seed s.d. | planned | true | detectable | power below 0.7 | as estimated |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    curves = {}
    for pilot in PILOTS:
        cautious, plain = (planned_differences(pilot, pilots, caution) for caution in (CAUTION, AS_ESTIMATED))
        for seeds, images in PLANNED:
            size = replace(pilot, seeds=seeds, images=images)
            if size not in curves:
                curves[size] = power_curve(size, studies)
            at = np.linspace(0, DIFFERENCES[-1], 2000)
            true = at[int(np.argmax(curves[size](at) >= 0.8))]
            low, middle, high = 100 * np.quantile(cautious[seeds, images], [0.1, 0.5, 0.9])
            yield (
                f"| {pilot.seeds} | {100 * pilot.spread:.1f} | {seeds} seeds, {images} images | {100 * true:.1f} | "
                f"{middle:.1f} ({low:.1f} to {high:.1f}) | {_low(cautious[seeds, images], curves[size])} | "
                f"{_low(plain[seeds, images], curves[size])} |"
            )


def _low(differences: list[float], curve: PchipInterpolator) -> str:
    """Share of plans with low power; the pairs of one pilot are one draw."""
    low = curve(np.minimum(differences, DIFFERENCES[-1])) < LOW_POWER
    of_pilots = low.reshape(-1, CONDITIONS * (CONDITIONS - 1) // 2).mean(axis=1)
    return f"{100 * of_pilots.mean():.0f} ± {100 * of_pilots.std() / np.sqrt(len(of_pilots)):.1f} %"


def main() -> None:
    """Write the Markdown file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pilots", type=int, default=500, help="pilot studies a line")
    parser.add_argument("--studies", type=int, default=300, help="simulated studies a true difference")
    arguments = parser.parse_args()
    gc.freeze()
    OUTPUT.write_text("\n".join(table(arguments.pilots, arguments.studies)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
