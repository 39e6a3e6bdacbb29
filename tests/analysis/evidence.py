"""A small study's evidence, made by hand, of which a test changes one thing at a time."""

from itertools import combinations

from transfer_report.analysis.families import BETWEEN_TASKS, PRETRAINING, within_table
from transfer_report.records import (
    Comparison,
    CurveComparison,
    CurveEvidence,
    Estimate,
    Evidence,
    Fall,
    HardImage,
    Latency,
    Measurement,
    ModelFacts,
    ReferenceResult,
    RunsTest,
    Selection,
    ShiftTest,
    StudyTable,
)

MEASURES = (
    "gap",
    "volatility",
    "epochs_to_level",
    "overfitting_onset",
    "final_train_accuracy",
    "final_train_loss",
    "median_train_accuracy",
)
TABLES = [
    StudyTable(
        number=number,
        group=group,
        model="resnet50",
        conditions=[f"{group}/baseline", f"{group}/lr", f"{group}/dropout"],
        baseline=f"{group}/baseline",
        techniques={f"{group}/lr": {"lr": 5e-4}, f"{group}/dropout": {"dropout": 0.5}},
    )
    for number, group in ((1, "fine_tuning"), (2, "fixed_features"))
]
CONDITIONS = [key for table in TABLES for key in table.conditions]
FAMILIES = (BETWEEN_TASKS, PRETRAINING, *map(within_table, TABLES))


def estimate(value=0.8, low=0.7, high=0.9, scope="conditions"):
    error = None if low is None else 0.02
    return Estimate(
        value=value, low=low, high=high, standard_error=error, df=4.0, confidence=0.95, scope=scope,
        images=200, groups=200, seeds=1 if scope == "runs" else 3,
    )  # fmt: skip


def comparison(family, treatment, reference, verdict="cannot_tell", scope="conditions"):
    value = {"better": 0.05, "worse": -0.05}.get(verdict, 0.001)
    return Comparison(
        reference=reference, treatment=treatment, split="test", metric="accuracy", family=family,
        difference=estimate(value, value - 0.01, value + 0.01, scope), p_value=0.01, p_adjusted=0.02,
        equivalence_p=0.5, margin=0.02, verdict=verdict, detectable=0.06, gained=7, lost=3,
        runs_test=RunsTest(method="permutation", p_value=0.02),
    )  # fmt: skip


def curve_comparison(family, treatment, reference, measure, verdict="cannot_tell"):
    return CurveComparison(
        reference=reference, treatment=treatment, measure=measure, family=family,
        difference=estimate(-0.03, -0.05, -0.01), p_value=0.01, p_adjusted=0.02, verdict=verdict,
    )  # fmt: skip


def fall(key, verdict="cannot_tell"):
    return Fall(
        condition=key, difference=estimate(0.05, 0.01, 0.09), p_value=0.01, p_adjusted=0.03, verdict=verdict
    )  # fmt: skip


def shift(features, verdict="cannot_tell"):
    return ShiftTest(
        features=features, splits=("train", "test"), method="classifier", effect=0.6, low=0.5, high=0.7,
        p_value=0.02, p_adjusted=0.04, verdict=verdict,
    )  # fmt: skip


def published(architecture, parameters, gflops, top1, top5):
    return ModelFacts(
        architecture=architecture, weights="IMAGENET1K_V1", parameters=parameters, gflops=gflops, file_mb=97.8,
        top1=top1, top5=top5, source="https://example.org",
    )  # fmt: skip


def latency(model, low, middle, high):
    return Latency(
        model=model, image_px=224, batch=1, device="cpu", threads=2, milliseconds_per_image=middle, low=low, high=high
    )


def evidence(**changes):
    """The evidence of six conditions, two tables, three seeds; `changes` replace whole fields."""
    pairs = [(within_table(table), b, a) for table in TABLES for a, b in combinations(table.conditions, 2)]
    pairs.append((BETWEEN_TASKS, "fixed_features/baseline", "fine_tuning/baseline"))
    facts = {
        "conditions": 6, "seeds": 3, "epochs": 5, "train_images": 180, "val_images": 60, "test_images": 200,
        "margin": 0.02, "confidence": 0.95, "power": 0.8, "rise": 0.05, "techniques": 4, "techniques_changed": 1,
        "fell": 1, "missing_weights": 0, "constant_conditions": 0, "worst_class_validated": 0.7,
        "best_class_validated": 0.9, **{f"constant_runs.{key}": 0 for key in CONDITIONS},
        "hard_images": 4, "worst_class": "pneumonia", "best_class": "normal", "worst_class_index": 1,
        "best_class_index": 0, **{f"rising_runs.{key}": 1 for key in CONDITIONS},
        **{f"epochs.{key}": 5 for key in CONDITIONS},
        **{f"setting.{key}.epochs": 5 for key in CONDITIONS},
        "task_settings": "",
        **{
            f"{name}.{family}": value
            for family in FAMILIES
            for name, value in {
                "pairs": 2, "pairs_undecided": 2, "detectable_smallest": 0.05, "detectable_largest": 0.07
            }.items()
        },
        **{f"runs.{within_table(table)}": 9 for table in TABLES},
        **{f"last_epoch_runs.{within_table(table)}": 2 for table in TABLES},
    }  # fmt: skip
    best = {table.number: table.baseline for table in TABLES}
    fields = {
        "facts": facts,
        "selection": Selection(
            best="fine_tuning/baseline", recommended="fine_tuning/baseline", best_of_table=best
        ),
        "tables": TABLES,
        "estimates": {
            split: {key: {"accuracy": estimate(), "calibration_error": estimate(0.1, 0.05, 0.2)} for key in CONDITIONS}
            for split in ("val", "test")
        },
        "comparisons": [comparison(*pair) for pair in pairs],
        "curves": [
            CurveEvidence(
                condition=key, measure=measure, per_seed=[0.1, None, None], estimate=estimate(0.1, 0.05, 0.15)
            )
            for key in CONDITIONS
            for measure in MEASURES
        ],
        "curve_comparisons": [curve_comparison(*pair, measure) for pair in pairs for measure in MEASURES],
        "calibration": {},
        "measurements": [
            Measurement(name=name, condition=key, estimate=estimate(0.1, -0.05, 0.25))
            for key in CONDITIONS
            for name in ("recall-0", "recall-1", "recall_gap", "overconfidence")
        ],
        "falls": [
            fall(key)
            for key in CONDITIONS
        ],
        "shifts": [shift("image_statistics"), shift("backbone:resnet50")],
        "hard_images": [HardImage(row=3, id="a.png", label=1, wrong=5, conditions=6)],
        "references": [
            ReferenceResult(
                condition="fine_tuning/lr", accuracy=0.8125, images=400, low=0.77, high=0.85,
                difference=estimate(0.01, -0.05, 0.07), p_value=0.7, p_adjusted=0.7, verdict="cannot_tell",
            )
        ],
        "published": [published("resnet50", 25_557_032, 4.089, 76.13, 92.862)],
        "latencies": [latency("resnet50", 30.0, 31.0, 35.0)],
    }  # fmt: skip
    return Evidence(**(fields | changes))
