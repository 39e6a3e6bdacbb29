"""How often a whole report of the default shape states something false, and how much of what is true it finds.

Run from the root of the project: `PYTHONPATH=src python benchmarks/whole_reports.py --reports 1000 CELL …`; each report
adds a line to `results/whole_reports.jsonl`, so that a run which ends early goes on where it stopped, and
`--write` makes `benchmarks/WHOLE_REPORTS.md` of the lines; a cell with fewer lines than its row counts keeps the row.

Studies with the conditions of `params.yaml` are drawn from a model whose truth is known, and go through the project's
own evidence and decisions. The logit of the true class is the ease of the image, an effect of the condition on the
image, one of the seed, one of the seed on the class, and noise. All conditions have the accuracy that a cell gives
them; gaps lie on the margin, drops and class gaps are 0, confidence equals accuracy, and reported numbers are one more
run on other images. Shift tests enter as what they are where
nothing shifts: uniform p-values; so do tests of the risks of the recommended condition, those of neighbouring
thresholds of net benefit with a correlation of 0.9. With more than two classes an image has a true class and one rival,
which share its probability by the same logit; the other classes have next to none.
"""

import argparse
import gc
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, ndtr

from transfer_report.analysis.clinical.decision import THRESHOLDS
from transfer_report.analysis.clinical.levels import NET_BENEFIT
from transfer_report.analysis.decisions import Statements
from transfer_report.analysis.estimates import estimate
from transfer_report.analysis.inputs import AnalysisInputs
from transfer_report.analysis.reported import Reported
from transfer_report.analysis.study import decided_statements, selection_of
from transfer_report.loading import load_params
from transfer_report.planning import Condition, plan_conditions
from transfer_report.records.analysis import Estimate, LevelTest, ShiftTest
from transfer_report.records.base import Split
from transfer_report.records.data import DataDescription
from transfer_report.records.evaluation import ConditionEvaluation, Evaluation, RunEvaluation, SplitScores
from transfer_report.records.models import InitialWeights
from transfer_report.records.training import Epoch, History
from transfer_report.settings import Params

STORE = Path("results/whole_reports.jsonl")
OUTPUT = Path(__file__).with_name("WHOLE_REPORTS.md")
ACCURACY, EFFECT = 0.75, 0.08
EASE_SD, IMAGE_EFFECT_SD, CLASS_BIAS_SD = 2.5, 0.5, 0.2
SPREADS = {"fine_tuning": 0.045, "linear_probe": 0.01, "lp_ft": 0.02}
"""Standard deviation of a run's accuracy over seeds, beyond the images' noise: the largest that 325 runs showed of
fine-tuned conditions, and one in between of others."""
MEASURED = {
    ("fine_tuning", "resnet50"): 0.045, ("fine_tuning", "mobilenet_v2"): 0.02, ("linear_probe", "resnet50"): 0.018,
    ("linear_probe", "mobilenet_v2"): 0.005,
}  # fmt: skip
"""The same by table, as those runs showed it; of other networks, MobileNetV2's."""
WIDE = 0.04
"""A spread from here on is a wide one."""
COLLAPSED = 0.5
REPORTED_IMAGES = 400
SHIFTS = 6
RISK_TESTS = ("cost_of_argmax", "calibration_slope", "temperature")
NEIGHBOURS = 0.9
"""Correlation of the tests of net benefit at neighbouring thresholds."""
REST = 1e-6
"""Probability of a class that is neither the true one nor the rival."""


@dataclass(frozen=True)
class Cell:
    """One kind of study."""

    seeds: int = 5
    test: int = 200
    val: int = 50
    probe_seeds: int = 0
    """Of linear probes; 0: as all others."""
    matters: str = ""
    """`technique` (every dropout), `one technique` (dropout alone, so one condition of each table) or `strategy` (every
    linear probe); empty: nothing differs."""
    by_table: bool = False
    """Whether spreads over seeds are those measured by table."""
    unequal: float = 0.0
    """Standard deviation of the logarithm of a condition's spread around that of its table."""
    collapse: float = 0.0
    """Share of fine-tuned runs that predict by chance."""
    patient_images: int = 1
    first_class: float = 0.5
    """Share of the first of two classes; more than two have equal shares."""
    classes: int = field(default=2, repr=False)  # the draws of two classes stay as they were

    def seeds_of(self, condition: Condition) -> int:
        """Number of runs of a condition."""
        return self.probe_seeds if self.probe_seeds and condition.strategy == "linear_probe" else self.seeds

    def spread_of(self, condition: Condition) -> float:
        """Standard deviation over seeds of the accuracy of a condition's table."""
        if self.by_table and condition.strategy != "lp_ft":
            return MEASURED.get((condition.strategy, condition.model), MEASURED[condition.strategy, "mobilenet_v2"])
        return SPREADS[condition.strategy]

    def accuracy_of(self, condition: Condition) -> float:
        """True accuracy of the runs of a condition that do not collapse."""
        changed = {
            "technique": condition.training.dropout > 0,
            "one technique": condition.name == f"{condition.model}-dropout",
            "strategy": condition.strategy == "linear_probe",
        }
        return ACCURACY + EFFECT * changed.get(self.matters, False)

    def collapse_of(self, condition: Condition) -> float:
        """Share of runs of a condition that predict by chance."""
        return self.collapse if condition.strategy == "fine_tuning" else 0.0


BASE = Cell()
CELLS: dict[str, Cell] = {
    "base": BASE,
    "2 seeds": replace(BASE, seeds=2),
    "3 seeds": replace(BASE, seeds=3),
    "10 seeds": replace(BASE, seeds=10),
    "1,000 test images": replace(BASE, test=1000),
    "technique": replace(BASE, matters="technique"),
    "technique, 3 seeds": replace(BASE, matters="technique", seeds=3),
    "technique, 10 seeds": replace(BASE, matters="technique", seeds=10),
    "one technique, spreads by table": replace(BASE, matters="one technique", by_table=True),
    "one technique, spreads by table, 3 seeds": replace(BASE, matters="one technique", by_table=True, seeds=3),
    "strategy": replace(BASE, matters="strategy"),
    "default size": replace(BASE, test=1000, val=100, probe_seeds=10, by_table=True),
    "default size, one technique": replace(
        BASE, test=1000, val=100, probe_seeds=10, by_table=True, matters="one technique"
    ),
    "unequal spreads": replace(BASE, unequal=1.0),
    "unequal spreads, 3 seeds": replace(BASE, unequal=1.0, seeds=3),
    "collapse": replace(BASE, collapse=0.2),
    "patients": replace(BASE, patient_images=4),
    "1:9 classes": replace(BASE, first_class=0.1),
    "3 classes": replace(BASE, classes=3),
    "10 classes": replace(BASE, classes=10),
}


@cache
def nodes() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of a standard normal."""
    points, weights = np.polynomial.hermite_e.hermegauss(61)
    return points, weights / weights.sum()


def accuracy_at(mean: float, sd: float) -> float:
    """Probability of a correct answer where logits are normal with logistic noise."""
    points, weights = nodes()
    return float(weights @ expit(mean + sd * points))


@cache
def mean_logit(accuracy: float, spread: float) -> tuple[float, float]:
    """Mean logit and standard deviation over seeds in logits that give an accuracy and its spread over seeds."""
    images_sd = float(np.sqrt(EASE_SD**2 + IMAGE_EFFECT_SD**2 + CLASS_BIAS_SD**2))
    centre = brentq(lambda mean: accuracy_at(mean, images_sd) - accuracy, -20, 20)
    slope = (accuracy_at(centre + 0.01, images_sd) - accuracy_at(centre - 0.01, images_sd)) / 0.02
    seed_sd = spread / slope
    total = float(np.sqrt(images_sd**2 + seed_sd**2))
    return brentq(lambda mean: accuracy_at(mean, total) - accuracy, -20, 20), seed_sd


@cache
def temperature(accuracy: float) -> float:
    """The divisor of logits at which mean confidence equals accuracy."""
    generator = np.random.default_rng(5)
    mean = mean_logit(accuracy, 0.02)[0]
    logits = generator.normal(mean, EASE_SD, 200_000) + generator.logistic(size=200_000)
    return float(brentq(lambda t: expit(np.abs(logits) / t).mean() - accuracy, 0.2, 100))


@cache
def settings() -> Params:
    """The settings of `params.yaml`; permutation tests decide nothing, so that they cost little here."""
    params = load_params()
    return params.model_copy(update={"analysis": params.analysis.model_copy(update={"resamples": 1})})


@cache
def planned() -> list[Condition]:
    """The conditions of `params.yaml`."""
    return plan_conditions(settings(), dict.fromkeys(settings().models, ""))


@cache
def accuracies(cell: Cell) -> dict[str, float]:
    """The true accuracy of each condition, runs that collapse included."""
    return {
        str(one.key): (1 - cell.collapse_of(one)) * cell.accuracy_of(one) + cell.collapse_of(one) * COLLAPSED
        for one in planned()
    }


def _labels(cell: Cell, images: int) -> np.ndarray:
    if cell.classes > 2:
        return np.arange(images) % cell.classes
    return (np.arange(images) >= round(cell.first_class * images)).astype(int)


def draw(cell: Cell, seed: int) -> tuple[AnalysisInputs, list[LevelTest]]:
    """One study, and tests of risks, which lack their condition."""
    generator = np.random.default_rng([seed, *repr(cell).encode()])
    params = settings()
    counts: dict[Split, int] = {"val": cell.val, "test": cell.test}
    labels = {name: _labels(cell, images) for name, images in counts.items()}
    rivals = {
        name: (own + generator.integers(1, cell.classes, len(own)) if cell.classes > 2 else own + 1) % cell.classes
        for name, own in labels.items()
    }
    patients = {name: np.arange(images) // cell.patient_images for name, images in counts.items()}
    ease = {}
    for name, images in counts.items():
        of_patients = generator.normal(0, EASE_SD / np.sqrt(2), images)[patients[name]]
        own = EASE_SD if cell.patient_images == 1 else EASE_SD / np.sqrt(2)
        ease[name] = generator.normal(0, own, images) + (of_patients if cell.patient_images > 1 else 0.0)
    probabilities: dict[Split, dict[str, np.ndarray]] = {"val": {}, "test": {}}
    evaluated: list[ConditionEvaluation] = []
    reported: dict[str, float] = {}
    for condition in planned():
        key = str(condition.key)
        seeds, accuracy = cell.seeds_of(condition), cell.accuracy_of(condition)
        spread = cell.spread_of(condition) * float(np.exp(generator.normal(0, cell.unequal)))
        mean, seed_sd = mean_logit(accuracy, min(spread, 0.12))
        shifts = generator.normal(0, seed_sd, (seeds, 1))
        bias = generator.normal(0, CLASS_BIAS_SD, (seeds, cell.classes))
        failed = generator.random(seeds) < cell.collapse_of(condition)
        for name, images in counts.items():
            own = generator.normal(0, IMAGE_EFFECT_SD, images)
            logits = mean + ease[name] + own + shifts + bias[:, labels[name]]
            logits = np.where(failed[:, None], 0, logits) + generator.logistic(size=(seeds, images))
            true = expit(logits / temperature(accuracy))
            probabilities[name][key] = _by_class(true, labels[name], rivals[name], cell.classes)
        runs = [_run(key, number, generator, params.analysis.equivalence_margin) for number in range(seeds)]
        evaluated.append(ConditionEvaluation(condition=key, runs=runs))
        if condition.strategy != "lp_ft" and condition.model in ("resnet50", "mobilenet_v2") and len(reported) < 9:
            true_accuracy = accuracy_at(mean + generator.normal(0, seed_sd), EASE_SD)
            reported[key] = generator.binomial(REPORTED_IMAGES, true_accuracy) / REPORTED_IMAGES
    uniform = generator.random(SHIFTS)
    train = np.arange(60) % cell.classes
    sizes: dict[Split, int] = {"train": len(train), **counts}
    names = [f"class {number}" for number in range(cell.classes)]
    study = AnalysisInputs(
        conditions=planned(),
        weights=[_weights(name) for name in params.models],
        evaluation=Evaluation(
            classes=names,
            val_labels=labels["val"].tolist(),
            val_patients=list(map(str, patients["val"])),
            test_labels=labels["test"].tolist(),
            test_patients=list(map(str, patients["test"])),
            test_ids=list(map(str, range(cell.test))),
            conditions=evaluated,
        ),
        probabilities=probabilities,
        description=DataDescription(
            source="phantom", simulated=True, verified=None, classes=names,
            counts={name: [images // cell.classes] * cell.classes for name, images in sizes.items()},
            patient_counts=sizes, has_patients=cell.patient_images > 1, image_px=8, channels=1, original_sizes=[],
            content_sha256="", checks=[], notes={},
        ),
        train_labels=train.tolist(),
        statistics={},
        features={},
        shifts=[_shift(f"features-{number}", float(p)) for number, p in enumerate(uniform)],
        published=[],
        latencies=[],
        reported=Reported(source="simulated", test_images=REPORTED_IMAGES, test_accuracy=reported),
        claims=[],
        settings=params.analysis,
    )  # fmt: skip
    return study, _risk_tests(cell, generator)


def _risk_tests(cell: Cell, generator: np.random.Generator) -> list[LevelTest]:
    """Return tests of true hypotheses; those of net benefit are a chain of correlated normal numbers."""
    names, statistics = list(RISK_TESTS if cell.classes == 2 else ["temperature"]), []
    statistics += generator.normal(size=len(names)).tolist()
    if cell.classes == 2:
        value = generator.normal()
        for threshold in THRESHOLDS:
            names.append(f"{NET_BENEFIT}{threshold:.2f}")
            statistics.append(value)
            value = NEIGHBOURS * value + np.sqrt(1 - NEIGHBOURS**2) * generator.normal()
    return [
        LevelTest(name=name, condition="", level=0.0, estimate=_estimate(value), p_value=float(2 * ndtr(-abs(value))))
        for name, value in zip(names, statistics, strict=True)
    ]


def _estimate(value: float) -> Estimate:
    return Estimate(
        value=value, low=None, high=None, standard_error=None, df=None, confidence=0.95, scope="conditions", images=1,
        clusters=1, seeds=1,
    )  # fmt: skip


def _by_class(true: np.ndarray, labels: np.ndarray, rivals: np.ndarray, classes: int) -> np.ndarray:
    """Return (seeds, images, classes): the probability of the true class, of its rival, and next to none."""
    found = np.full((*true.shape, classes), REST)
    images = np.arange(len(labels))
    found[:, images, rivals] = 1 - true
    found[:, images, labels] = true
    return found


def _weights(name: str) -> InitialWeights:
    source: Literal["imagenet", "random"] = "random" if name.endswith("-random") else "imagenet"
    return InitialWeights(
        model=name, architecture=name.removesuffix("-random"), requested=source, source=source, reason="", origin="",
        sha256="", mean=[0.5], std=[0.5], parameters=1000, feature_count=10,
    )  # fmt: skip


def _run(key: str, seed: int, generator: np.random.Generator, margin: float) -> RunEvaluation:
    level = ACCURACY + generator.normal(0, 0.03)
    losses = 0.5 + generator.gamma(2, 0.05, 4)
    epochs = [
        Epoch(
            epoch=number,
            lr=1e-3,
            train_loss=0.5,
            train_accuracy=min(1.0, level + margin + generator.normal(0, 0.02)),
            val_loss=float(loss),
            val_accuracy=min(1.0, level),
        )
        for number, loss in enumerate(losses, start=1)
    ]
    history = History(
        condition=key, seed=seed, epochs=epochs, best_epoch=1 + int(losses.argmin()), stopped_early=False,
        trained_parameters=len(key), precision="float32",
    )  # fmt: skip
    numbers = dict.fromkeys(
        ("accuracy", "balanced_accuracy", "auroc", "sensitivity", "specificity", "f1", "brier", "calibration_error"),
        0.7,
    )
    scores = SplitScores(**numbers, loss=0.6, confusion=[[7, 3], [3, 7]])
    return RunEvaluation(history=history, val=scores, test=scores)


def _shift(name: str, p_value: float) -> ShiftTest:
    return ShiftTest(
        features=name, splits=("train", "test"), method="", effect=0.5, low=0.4, high=0.6, p_value=p_value,
        p_adjusted=None, equivalence_p=1.0, verdict="inconclusive",
    )  # fmt: skip


def stated(study: AnalysisInputs, risks: Sequence[LevelTest]) -> Statements:
    """All that a report of a study states; what decides nothing, such as most scores, is left out."""
    confidence = study.settings.confidence
    validated = {key: estimate("accuracy", one, confidence) for key, one in study.predictions["val"].items()}
    return decided_statements(study, selection_of(study, validated), risks)


def counted(report: Statements, cell: Cell) -> dict[str, int]:
    """What a report states, and how much of it is false."""
    counts = dict.fromkeys(
        ("main", "main_stated", "main_false", "main_true", "main_found", "other_stated", "other_false", "pairs_false",
         "curves_false", "drops_false", "reported_false", "shifts_false", "levels_false",
         "alone_true", "alone_found",
         "alone_equal", "alone_false", "wide_true", "wide_found", "wide_alone"),
        0,
    )  # fmt: skip
    truth = accuracies(cell)
    spreads = {str(one.key): cell.spread_of(one) for one in planned()}
    for one in report.comparisons:
        # AUROCs differ where accuracies do, in the same direction.
        difference = round(truth[one.treatment] - truth[one.reference], 9)
        false = {
            "better": difference <= 0,
            "worse": difference >= 0,
            "equivalent": abs(difference) >= one.margin,
            "inconclusive": False,
        }[one.verdict]
        role = "main" if one.role == "main" else "other"
        counts[f"{role}_stated"] += one.verdict != "inconclusive"
        counts["main_false" if role == "main" else "pairs_false"] += false
        if role == "main":
            found = difference != 0 and one.verdict == ("better" if difference > 0 else "worse")
            uncorrected = one.p_value is not None and one.p_value < 0.05
            alone = difference != 0 and uncorrected and (one.difference.value > 0) == (difference > 0)
            wide = max(spreads[one.treatment], spreads[one.reference]) >= WIDE
            counts["main"] += 1
            counts["main_true"] += difference != 0
            counts["main_found"] += found
            counts["alone_true"] += difference != 0
            counts["alone_found"] += alone
            counts["alone_equal"] += difference == 0
            counts["alone_false"] += difference == 0 and uncorrected
            counts["wide_true"] += wide and difference != 0
            counts["wide_found"] += wide and found
            counts["wide_alone"] += wide and alone
    kinds: dict[str, Sequence[Any]] = {
        "curves": report.curve_comparisons,
        "drops": report.drops,
        "reported": report.reported,
        "shifts": report.shifts,
        "levels": report.levels,
    }
    for kind, members in kinds.items():
        counts[f"{kind}_false"] = sum(one.verdict != "inconclusive" for one in members)
        counts["other_stated"] += counts[f"{kind}_false"]
    counts["other_false"] = sum(counts[f"{kind}_false"] for kind in ("pairs", *kinds))
    return counts


def simulate(name: str, reports: int, store: Path) -> None:
    """Add what a cell's reports lack to the store."""
    done = {line["seed"] for line in stored(store) if line["cell"] == name}
    gc.freeze()
    for seed in range(reports):
        if seed not in done:
            found = counted(stated(*draw(CELLS[name], seed)), CELLS[name])
            with store.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"cell": name, "seed": seed} | found) + "\n")


def stored(store: Path) -> list[dict[str, Any]]:
    """The lines of all reports so far; a last line that was cut off is left out."""
    lines = store.read_text(encoding="utf-8").splitlines() if store.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def rows_of(text: str) -> dict[str, tuple[int, str]]:
    """The rows of a file written before, by cell, each with its number of reports."""
    rows = [line for line in text.splitlines() if line.startswith("| ") and line.split(" | ")[1].isdigit()]
    return {row.removeprefix("| ").split(" | ")[0]: (int(row.split(" | ")[1]), row) for row in rows}


def table(lines: list[dict[str, Any]], before: dict[str, tuple[int, str]]) -> Iterator[str]:
    """The lines of the Markdown file; a cell with fewer reports than its row of `before` counts keeps that row."""
    yield "# What whole reports state that is false\n"
    yield (
        "Measured by `benchmarks/whole_reports.py`: simulated studies of the default shape (22 conditions; 200 "
        "test and 50 validation images, 5 seeds, where a cell does not say otherwise) through the project's own "
        "evidence and decisions. After ± stands one standard error. False main: of reports where nothing differs "
        "those with a false main finding, else the mean share of false ones among those stated. False "
        "exploratory: reports with any, AUROC included. Found: of main questions with a true difference (8 "
        "points) those that are found; uncorrected: by the same test at 5 % alone. Found where runs spread most: "
        f"the same where the accuracy of one of the two conditions varies by {100 * SPREADS['fine_tuning']:.1f} "
        "points over seeds, beyond the images' noise. Error of a pair: of main questions without a difference, at"
        " 5 % alone. Not simulated: claims, and tests of shift, which enter as uniform p-values. Where runs "
        "collapse, confidence and reported numbers truly differ, so false exploratory findings are not counted "
        "there.\n"
    )
    spreads = "; ".join(
        f"{strategy.replace('_', ' ')} of {model} {100 * spread:.1f}" for (strategy, model), spread in MEASURED.items()
    )
    yield (
        "Technique: every condition with dropout is better; strategy: every linear probe. One technique: in each "
        "table that has it, dropout alone is better. Runs of fine-tuned conditions spread by "
        f"{100 * SPREADS['fine_tuning']:.1f} points, the largest spread of 325 real runs. Spreads by table are "
        f"those of these runs ({spreads} points; other networks as mobilenet_v2). Default size: 1,000 test and 100"
        " validation images, 10 seeds of linear probes, spreads by table.\n"
    )
    heads = (
        "cell", "reports", "false main", "false exploratory", "main stated", "found", "found uncorrected",
        "found where runs spread most", "the same, uncorrected", "error of a pair",
    )  # fmt: skip
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for name in CELLS:
        own = [line for line in lines if line["cell"] == name]
        reports, row = before.get(name, (0, ""))
        if len(own) < reports:
            yield row
        if len(own) < max(reports, 1):
            continue
        at = {key: np.array([line[key] for line in own], dtype=float) for key in own[0] if key != "cell"}
        shares = np.divide(at["main_false"], np.maximum(at["main_stated"], 1))
        other = (at["other_false"] > 0).astype(float)
        cells = [name, str(len(own)), _with_error(shares if at["main_true"].any() else at["main_false"] > 0)]
        cells += ["–" if CELLS[name].collapse else _with_error(other)]
        cells += [f"{at['main_stated'].mean():.1f} of {at['main'].mean():.0f}"]
        shown = ("main_found", "main_true"), ("alone_found", "alone_true")
        for found, true in (*shown, ("wide_found", "wide_true"), ("wide_alone", "wide_true")):
            cells.append(f"{100 * at[found].sum() / at[true].sum():.0f} %" if at[true].any() else "–")
        equal = at["alone_equal"].sum()
        cells.append(f"{100 * at['alone_false'].sum() / equal:.1f} %" if equal else "–")
        yield f"| {' | '.join(cells)} |"


def _with_error(values: np.ndarray) -> str:
    numbers = np.asarray(values, dtype=float)
    return f"{100 * numbers.mean():.1f} ± {100 * numbers.std() / np.sqrt(len(numbers)):.1f} %"


def main() -> None:
    """Simulate the cells that are named, or write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cells", nargs="*", metavar="CELL", help=f"of {', '.join(CELLS)}")
    parser.add_argument("--reports", type=int, default=1000, help="simulated studies a cell")
    parser.add_argument("--write", action="store_true", help="write the Markdown file")
    arguments = parser.parse_args()
    STORE.parent.mkdir(exist_ok=True)
    for name in arguments.cells:
        simulate(name, arguments.reports, STORE)
    if arguments.write:
        before = rows_of(OUTPUT.read_text(encoding="utf-8"))
        OUTPUT.write_text("\n".join(table(stored(STORE), before)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
