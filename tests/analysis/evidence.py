"""A small study's evidence, made by hand, of which a test changes one thing at a time."""

from itertools import combinations
from typing import get_args

from transfer_report.analysis.facts import changed_curves, compared_groups
from transfer_report.analysis.families import BETWEEN_STRATEGIES, NETWORKS, PRETRAINING, WEIGHTS, within_table
from transfer_report.records.analysis import (
    Comparison,
    Control,
    CurveComparison,
    CurveEvidence,
    CurveMeasure,
    Drop,
    Estimate,
    Evidence,
    FixedSeedTest,
    HardImage,
    LevelTest,
    Measurement,
    Promise,
    ReportedResult,
    Selection,
    ShiftTest,
    StudyTable,
)
from transfer_report.records.facts import ConditionFacts, RunCounts, StudyFacts
from transfer_report.records.models import Latency, ModelFacts

MEASURES = get_args(CurveMeasure)
TABLES = [
    StudyTable(
        number=number,
        strategy=strategy,
        model="resnet50",
        conditions=[f"{strategy}/baseline", f"{strategy}/lr", f"{strategy}/dropout"],
        baseline=f"{strategy}/baseline",
        techniques={f"{strategy}/lr": {"lr": 5e-4}, f"{strategy}/dropout": {"dropout": 0.5}},
    )
    for number, strategy in ((1, "fine_tuning"), (2, "linear_probe"))
]
CONDITIONS = [key for table in TABLES for key in table.conditions]
FAMILIES = (BETWEEN_STRATEGIES, PRETRAINING, WEIGHTS, NETWORKS, *map(within_table, TABLES))


TOPIC_OF = {BETWEEN_STRATEGIES: "strategy", PRETRAINING: "pretraining", WEIGHTS: "weights", NETWORKS: "network"}


def estimate(value=0.8, low=0.7, high=0.9, scope="conditions"):
    error = None if low is None else 0.02
    return Estimate(
        value=value, low=low, high=high, standard_error=error, df=4.0, confidence=0.95, scope=scope,
        images=200, clusters=200, seeds=1 if scope == "runs" else 3,
    )  # fmt: skip


def comparison(family, treatment, reference, verdict="inconclusive", scope="conditions", role=None):
    value = {"better": 0.05, "worse": -0.05}.get(verdict, 0.001)
    return Comparison(
        reference=reference, treatment=treatment, split="test", metric="accuracy", family=family,
        role=role or ("main" if reference.endswith("baseline") else "exploratory"),
        topic=TOPIC_OF.get(family, "technique"), difference=estimate(value, value - 0.01, value + 0.01, scope),
        p_value=0.01, p_adjusted=0.02,
        equivalence=estimate(value, value - 0.008, value + 0.008, scope), equivalence_p=0.5,
        equivalence_p_adjusted=0.6, margin=0.02, verdict=verdict, minimum_detectable_difference=0.06, gained=7, lost=3,
        fixed_seed_test=FixedSeedTest(method="permutation", p_value=0.02),
    )  # fmt: skip


def curve_comparison(family, treatment, reference, measure, verdict="inconclusive"):
    return CurveComparison(
        reference=reference, treatment=treatment, measure=measure, family=family,
        difference=estimate(-0.03, -0.05, -0.01), p_value=0.01, p_adjusted=0.02, verdict=verdict,
    )  # fmt: skip


def level(name, condition, at, verdict="inconclusive"):
    return LevelTest(
        name=name, condition=condition, level=at, estimate=estimate(0.1, -0.05, 0.25), p_value=0.1, p_adjusted=0.4,
        verdict=verdict,
    )  # fmt: skip


def drop(key, verdict="inconclusive"):
    return Drop(
        condition=key, difference=estimate(0.05, 0.01, 0.09), p_value=0.01, p_adjusted=0.03, verdict=verdict
    )  # fmt: skip


def shift(features, verdict="inconclusive"):
    return ShiftTest(
        features=features, splits=("train", "test"), method="classifier", effect=0.6, low=0.5, high=0.7,
        p_value=0.02, p_adjusted=0.04, equivalence_p=0.5, verdict=verdict,
    )  # fmt: skip


def control(name, neighbours=None):
    scores = {"accuracy": estimate(0.5, 0.4, 0.6, "runs")}
    return Control(name=name, neighbours=neighbours, estimates={"val": scores, "test": scores})


def published(architecture, parameters, gflops, top1, top5):
    return ModelFacts(
        architecture=architecture, weights="IMAGENET1K_V1", parameters=parameters, gflops=gflops, file_mb=97.8,
        top1=top1, top5=top5, source="https://example.org",
    )  # fmt: skip


def latency(model, shortest, median):
    return Latency(
        model=model,
        image_px=224,
        batch=1,
        device="cpu",
        threads=2,
        milliseconds_per_image=shortest,
        median=median,
        busy=False,
    )


def study_facts(**changes):
    """Facts of six conditions with three seeds; `changes` replace some."""
    return StudyFacts(
        **{
            "conditions": 6, "runs": 18, "seeds": 3, "most_seeds": 3, "epochs": 5, "train_images": 180,
            "val_images": 60, "test_images": 200, "classes": 2, "class_names": ["normal", "pneumonia"],
            "confidence": 0.95, "margin": 0.02, "target_difference": 0.05, "power": 0.8, "failed_loss": 5.0,
            "rise": 0.05, "level_share": 0.95, "negligible_auroc": 0.556, "ranks_well": 0.7, "plan_limit": 0.8,
            "more_seeds": 3, "strategy_settings": [], "network_settings": [], "uncompared_models": [],
            "pretraining_models": ["resnet50"], "pretraining_unavailable": [], "missing_weights": 0,
            "missing_weights_models": [],
            "failed_runs": 0, "failed_conditions": 0, "failures_not_excluded": 0.632,
            "failures_not_excluded_by_most": 0.632, "dropped": 0,
            "undetected_shifts": ["image_statistics", "backbone:resnet50"], "undetected_shift_count": 2, "plans": 0,
            "plans_able": 0, "plans_within_reach": 0, "not_above_majority": 0, "not_above_statistics": 0,
            "not_above_controls": {"nothing": [], "weak": [], "ranks": [], "statistics": []}, "hard_images": 4,
            "worst_class": "pneumonia", "best_class": "normal", "worst_class_index": 1, "best_class_index": 0,
            "worst_class_validated": 0.7, "best_class_validated": 0.9, "reported_source": "a homework",
        }
        | changes
    )  # fmt: skip


def condition_facts(key, **changes):
    """Facts of a condition with three sound runs; `changes` replace some."""
    return ConditionFacts(
        **{
            "condition": key, "seeds": 3, "epochs": 5, "rising_runs": 1, "failed_runs": 0, "failed_one_class_runs": 0,
            "failed_one_class": [], "failed_loss_runs": 0, "failed_loss": [],
            "random_weights": False, "missing_weights": False, "settings": {"epochs": 5},
        }
        | changes
    )  # fmt: skip


def evidence(**changes):
    """The evidence of six conditions, two tables, three seeds; `changes` replace whole fields."""
    pairs = [(within_table(table), b, a) for table in TABLES for a, b in combinations(table.conditions, 2)]
    pairs.append((BETWEEN_STRATEGIES, "linear_probe/baseline", "fine_tuning/baseline"))
    comparisons = changes.get("comparisons") or [comparison(*pair) for pair in pairs]
    best = {table.number: table.baseline for table in TABLES}
    fields = {
        "facts": study_facts(dropped=sum(one.verdict == "dropped" for one in changes.get("drops", ()))),
        "conditions": [condition_facts(key) for key in CONDITIONS],
        "run_counts": [
            RunCounts(of=of, runs=runs, last_epoch_runs=2 if runs else 0, probe_runs=0)
            for of, runs in (*((within_table(table), 9) for table in TABLES), ("lp_ft", 0), ("fine_tuning", 9))
        ],
        "compared_groups": compared_groups(TABLES, comparisons, dict.fromkeys(CONDITIONS, 0.8)),
        "changed_curves": changed_curves(TABLES, changes.get("curve_comparisons") or []),
        "selection": Selection(
            best="fine_tuning/baseline", recommended="fine_tuning/baseline", best_of_table=best
        ),
        "tables": TABLES,
        "estimates": {
            split: {key: {"accuracy": estimate(), "calibration_error": estimate(0.1, 0.05, 0.2)} for key in CONDITIONS}
            for split in ("val", "test")
        },
        "comparisons": comparisons,
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
        "levels": [
            *(level("gap", table.baseline, 0.02) for table in TABLES),
            *(level(name, "fine_tuning/baseline", 0.0) for name in ("recall_gap", "overconfidence")),
        ],
        "promises": [
            Promise(role="main", tests=6, stated=2, error=0.05),
            Promise(role="exploratory", tests=50, stated=4, error=0.05),
        ],
        "drops": [
            drop(key)
            for key in CONDITIONS
        ],
        "shifts": [shift("image_statistics"), shift("backbone:resnet50")],
        "controls": [control("majority_class"), control("image_statistics"), control("nearest_neighbours:resnet50", 5)],
        "control_comparisons": [],
        "failed_runs": [],
        "hard_images": [HardImage(row=3, id="a.png", label=1, incorrect=5, conditions=6)],
        "reported": [
            ReportedResult(
                condition="fine_tuning/lr", accuracy=0.8125, images=400, low=0.77, high=0.85,
                difference=estimate(0.01, -0.05, 0.07), p_value=0.7, p_adjusted=0.7, verdict="inconclusive",
            )
        ],
        "published": [published("resnet50", 25_557_032, 4.089, 76.13, 92.862)],
        "latencies": [latency("resnet50", 30.0, 35.0)],
    }  # fmt: skip
    return Evidence(**(fields | changes))
