"""One condition trained under four names, each with seeds of its own: no name may come out better than another.

    PYTHONPATH=src python benchmarks/same_condition.py

Reads what `dvc repro` left in `results/`, trains the first condition of each task and model with twelve seeds, and
compares the names as the report compares the conditions of a table. Writes `benchmarks/SAME_CONDITION.md`.
"""

from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from transfer_report import storage
from transfer_report.analysis.comparisons import Question, adjust_families, compare
from transfer_report.analysis.predictions import Predictions
from transfer_report.models.devices import lay_out, set_up
from transfer_report.models.heads import Network, build_head
from transfer_report.params import AnalysisSettings, Condition, load_params
from transfer_report.records import Comparison, ImageTable, TestLabels
from transfer_report.stages.fine_tune import read_images
from transfer_report.stages.train_head import read_features
from transfer_report.stages.training_files import read_backbone, read_description
from transfer_report.training.checkpoints import Checkpoint
from transfer_report.training.run import train_run
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
        "| condition | test accuracy by name (%) | smallest p (Holm) | better or worse | equivalent | cannot tell |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    seen = set()
    for group in ("fine_tuning", "fixed_features"):
        for name, entry in params.conditions[group].items():
            if (group, entry.model) in seen:
                continue
            seen.add((group, entry.model))
            condition = storage.read_record(storage.condition_file(group, name), Condition)
            lines.append(_row(condition, *_compared(condition, params.analysis)))
            print(lines[-1], flush=True)
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _row(condition: Condition, accuracies: list[float], comparisons: list[Comparison]) -> str:
    verdicts = [comparison.verdict for comparison in comparisons]
    alarms = verdicts.count("better") + verdicts.count("worse")
    smallest = min(comparison.p_adjusted or 1.0 for comparison in comparisons)
    shown = ", ".join(f"{100 * accuracy:.1f}" for accuracy in accuracies)
    counts = f"{alarms} | {verdicts.count('equivalent')} | {verdicts.count('cannot_tell')}"
    return f"| {condition.key} | {shown} | {smallest:.3f} | {counts} |"


def _compared(condition: Condition, settings: AnalysisSettings) -> tuple[list[float], list[Comparison]]:
    seeds = range(FIRST_SEED, FIRST_SEED + len(NAMES) * SEEDS_A_NAME)
    probabilities = np.stack([_test_probabilities(condition, seed) for seed in seeds])  # (seeds, images, classes)
    labels = np.asarray(storage.read_record(storage.TEST_LABELS, TestLabels).labels)
    groups = np.asarray(storage.read_record(storage.table_file("test"), ImageTable).groups)
    named = [
        Predictions(name, "test", part, labels, groups)
        for name, part in zip(NAMES, np.split(probabilities, len(NAMES)), strict=True)
    ]
    question = Question(
        metric="accuracy", family="same", margin=settings.equivalence_margin, confidence=settings.confidence,
        resamples=settings.resamples, seed=settings.seed,
    )  # fmt: skip
    comparisons = adjust_families([compare(first, second, question) for first, second in combinations(named, 2)])
    return [float(one.right.mean()) for one in named], comparisons


def _test_probabilities(condition: Condition, seed: int) -> NDArray[np.float32]:
    description, computing = read_description(), set_up(condition)
    weights, backbone = read_backbone(condition.model, condition.start_weights_sha256)
    head = build_head(
        weights.feature_count, len(description.classes), condition.training.dropout, stream_seed(seed, "head")
    )
    network: nn.Module
    if condition.group == "fixed_features":
        network = head.to(computing.device)
        data = read_features(condition.model, len(description.classes), computing.device)
    else:
        network = lay_out(Network(backbone, head).to(computing.device), computing.layout)
        data = read_images(description, weights, computing)
    never = Checkpoint(f"same-condition-{condition.name}-{seed}", share=0.0)
    return train_run(network, data, condition, seed, computing.precision, never).test_probabilities


if __name__ == "__main__":
    main()
