"""One condition trained under four names, each with seeds of its own: no name may come out better than another.

    PYTHONPATH=src python benchmarks/same_condition.py

Reads what `dvc repro` left in `results/`, trains the first condition of each strategy and model with twelve seeds, and
compares the names as the report compares the conditions of a table. Writes `benchmarks/SAME_CONDITION.md`.
"""

from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from transfer_report.analysis.comparisons import Question, error_rate, uncorrected
from transfer_report.analysis.decisions import Statements, decide
from transfer_report.analysis.predictions import Predictions
from transfer_report.conditions import ConditionKey, Strategy
from transfer_report.files import read_record
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.models.devices import channels_last, set_up
from transfer_report.models.heads import Network, build_head
from transfer_report.planning import Condition
from transfer_report.records.analysis import Comparison
from transfer_report.records.data import ImageTable, TestLabels
from transfer_report.settings import AnalysisSettings
from transfer_report.stages.fine_tune import read_images
from transfer_report.stages.linear_probe import read_features
from transfer_report.training.checkpoints import Checkpoint
from transfer_report.training.run import train_run
from transfer_report.training.run_files import read_backbone, read_description
from transfer_report.training.seeding import stream_seed

NAMES = ("first", "second", "third", "fourth")
SEEDS_A_NAME = 3
FIRST_SEED = 1000
RESULT = Path("benchmarks/SAME_CONDITION.md")


def main() -> None:
    """Train, compare, write the table."""
    params = load_params()
    lines = [
        "# One condition under four names",
        "",
        f"Each condition was trained with {len(NAMES) * SEEDS_A_NAME} seeds, dealt out to four names; six comparisons "
        "each, with Holm's correction. A *better* or *worse* would be a false alarm.",
        "",
        "| condition | test accuracy by name (%) | smallest p (Holm) | better or worse | equivalent | inconclusive |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    seen = set()
    strategies: tuple[Strategy, ...] = ("fine_tuning", "linear_probe")
    for strategy in strategies:
        for name, entry in params.conditions[strategy].items():
            if (strategy, entry.model) in seen:
                continue
            seen.add((strategy, entry.model))
            condition = read_record(HERE.condition_file(ConditionKey(strategy, name)), Condition)
            lines.append(_row(condition, *_compared(condition, params.analysis)))
            print(lines[-1], flush=True)
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _row(condition: Condition, accuracies: list[float], comparisons: list[Comparison]) -> str:
    verdicts = [comparison.verdict for comparison in comparisons]
    alarms = verdicts.count("better") + verdicts.count("worse")
    smallest = min(comparison.p_adjusted or 1.0 for comparison in comparisons)
    shown = ", ".join(f"{100 * accuracy:.1f}" for accuracy in accuracies)
    counts = f"{alarms} | {verdicts.count('equivalent')} | {verdicts.count('inconclusive')}"
    return f"| {condition.key} | {shown} | {smallest:.3f} | {counts} |"


def _compared(condition: Condition, settings: AnalysisSettings) -> tuple[list[float], list[Comparison]]:
    seeds = range(FIRST_SEED, FIRST_SEED + len(NAMES) * SEEDS_A_NAME)
    probabilities = np.stack([_test_probabilities(condition, seed) for seed in seeds])  # (seeds, images, classes)
    labels = np.asarray(read_record(HERE.test_labels, TestLabels).labels)
    clusters = np.asarray(read_record(HERE.table_file("test"), ImageTable).patients)
    named = [
        Predictions(name, "test", part, labels, clusters)
        for name, part in zip(NAMES, np.split(probabilities, len(NAMES)), strict=True)
    ]
    question = Question(
        metric="accuracy", family="same", margin=settings.equivalence_margin, confidence=settings.confidence,
        resamples=settings.resamples, seed=settings.seed,
    )  # fmt: skip
    pairs = [uncorrected(first, second, question) for first, second in combinations(named, 2)]
    comparisons = decide(Statements(comparisons=pairs), error_rate(question.confidence)).comparisons
    return [float(one.correct.mean()) for one in named], comparisons


def _test_probabilities(condition: Condition, seed: int) -> NDArray[np.float32]:
    description, computing = read_description(), set_up(condition.compute)
    weights, backbone = read_backbone(condition.model, condition.initial_weights_sha256)
    head = build_head(
        weights.feature_count, len(description.classes), condition.training.dropout, stream_seed(seed, "head")
    )
    network: nn.Module
    if condition.strategy == "linear_probe":
        network = head.to(computing.device)
        data = read_features(condition.model, len(description.classes), computing.device)
    else:
        network = channels_last(Network(backbone, head).to(computing.device))
        data = read_images(description, weights, computing)
    never = Checkpoint(f"same-condition-{condition.name}-{seed}", share=0.0)
    return train_run(network, data, condition, seed, computing.precision, never).test_probabilities


if __name__ == "__main__":
    main()
