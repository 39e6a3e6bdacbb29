"""How often the intervals of accuracies at twice the training images hold what the power law truly gives there.

Run from the root of the project: `PYTHONPATH=src:. python benchmarks/size_curves.py`. Errors fall as a power of the
training images; images differ in ease, and each run, at each size, in its logit.
"""

from pathlib import Path

import numpy as np

from benchmarks.whole_reports import CLASS_BIAS_SD, EASE_SD, IMAGE_EFFECT_SD, mean_logit
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.size_curves import AHEAD, size_curve

STUDIES, CONFIDENCE = 600, 0.95
TRAIN, SHARES, ERROR = 240, (0.125, 0.25, 0.5, 1.0), 0.16
OUTPUT = Path(__file__).with_name("SIZE_CURVES.md")
HEAD = f"""# Accuracy at twice the training images

Measured by `benchmarks/size_curves.py`: {STUDIES} simulated conditions a line, trained on an eighth, a quarter, half
and all of {TRAIN} images, whose errors ({100 * ERROR:.0f} % with all) fall as a power of the images. Coverage of the
95 % intervals of accuracy and gain at twice the images, with their median half widths in points; ± 0.8 points of
coverage is one standard error. Fitted: share of conditions whose errors are taken for a power law.

| seeds | test images | seed s.d. | exponent | accuracy | gain | fitted |
| --- | --- | --- | --- | --- | --- | --- |"""


def coverage(seeds: int, images: int, spread: float, exponent: float) -> str:
    """One row: coverage of accuracy and gain at twice the images, their median half widths, and how many are fitted."""
    generator = np.random.default_rng([seeds, images, round(1000 * spread), round(100 * exponent)])
    sizes = {share: share * TRAIN for share in SHARES}
    accuracies = {share: 1 - ERROR * share**-exponent for share in SHARES}
    ahead = 1 - ERROR * AHEAD**-exponent
    held: dict[str, list[bool]] = {"accuracy_ahead": [], "gain_ahead": []}
    widths: dict[str, list[float]] = {"accuracy_ahead": [], "gain_ahead": []}
    truth = {"accuracy_ahead": ahead, "gain_ahead": ahead - accuracies[1.0]}
    fitted = 0
    for _ in range(STUDIES):
        ease = generator.normal(0, EASE_SD, images)
        runs = {}
        for share, accuracy in accuracies.items():
            mean, seed_sd = mean_logit(accuracy, spread)
            effects = generator.normal(0, np.hypot(IMAGE_EFFECT_SD, CLASS_BIAS_SD), images)
            logits = mean + ease + effects + generator.normal(0, seed_sd, (seeds, 1))
            right = logits + generator.logistic(size=(seeds, images)) > 0
            chosen = np.where(right, 1, 0)
            probabilities = np.where(chosen[:, :, None] == np.arange(2), 0.75, 0.25)
            runs[share] = Predictions("a/b", "test", probabilities, np.ones(images, dtype=int), np.arange(images))
        curve = size_curve(runs, sizes, CONFIDENCE)
        fitted += curve.fit == "power_law"
        for name in held:
            found = getattr(curve, name)
            if found is not None:
                held[name].append(found.low <= truth[name] <= found.high)
                widths[name].append((found.high - found.low) / 2)
    cells = [f"{100 * np.mean(held[name]):.1f} % (± {100 * np.median(widths[name]):.1f})" for name in held]
    numbers = f"{seeds} | {images} | {100 * spread:g} | {exponent:g}"
    return f"| {numbers} | {' | '.join(cells)} | {100 * fitted / STUDIES:.0f} % |"


def main() -> None:
    """Write the Markdown file."""
    kinds = (400, 0.02, 0.3), (400, 0.045, 0.3), (1000, 0.02, 0.3), (400, 0.02, 0.1)
    rows = [coverage(seeds, *kind) for seeds in (3, 5, 10) for kind in kinds]
    OUTPUT.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
