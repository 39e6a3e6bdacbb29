"""A complete small study, made up by a seeded generator: 15 conditions, 3 seeds, 5 epochs, 200 test images."""

import math
from itertools import combinations

import numpy as np

from transfer_report import storage
from transfer_report.analysis.families import BETWEEN_TASKS, within_table
from transfer_report.analysis.tables import study_tables
from transfer_report.evaluation.conditions import evaluate_condition
from transfer_report.figures.atlas import Material, draw_all, to_record
from transfer_report.figures.gallery import gallery
from transfer_report.params import Condition, Model, condition_keys, load_params, training_settings
from transfer_report.records import (
    Analysis,
    Attention,
    AttentionImage,
    CalibrationBin,
    CheckResult,
    ClaimEvidence,
    ClaimResult,
    Comparison,
    DataDescription,
    Epoch,
    Estimate,
    Evaluation,
    FigureList,
    Finding,
    HardImage,
    History,
    ImageTable,
    Latency,
    ModelFacts,
    Provenance,
    ReferenceResult,
    RunsTest,
    Selection,
    ShiftTest,
    StartWeights,
    Value,
)
from transfer_report.report.study import Study
from transfer_report.wording.names import study_printer
from transfer_report.wording.wording import Wording, load_texts, wording_file

SEEDS, EPOCHS, VAL, TEST, SIDE = [0, 1, 2], 5, 60, 200, 48
REPORTED = {"fine_tuning/resnet50-baseline": 0.735, "fine_tuning/resnet50-lr": 0.8125}
SENTENCES = {
    "study": {"seeds": "{{ conditions }} conditions were trained with {{ seeds }} seeds each."},
    "technique": {
        "better": "{{ condition }} beats the baseline by {{ difference }} points ({{ low }} to {{ high }}, {{ p }}).",
        "cannot_tell": "Whether {{ condition }} differs from the baseline ({{ difference }} points) cannot be told.",
        "equivalent": "{{ condition }} is equivalent to the baseline.",
        "worse": "{{ condition }} is worse than the baseline by {{ difference }} points.",
    },
}
CLAIMS = {"difference": "The difference is {{ difference }} points."}


def texts():
    """The report's words, with sentences for the findings and claims of this study."""
    tree = load_texts(wording_file("en"))
    return tree | {"findings": SENTENCES, "claims": CLAIMS}


def conditions():
    params = load_params()
    return [
        Condition(
            group=group, name=name, model=params.conditions[group][name].model,
            training=training_settings(params, group, name), image_px=SIDE, precision="float32", device="cpu",
            threads=1, keep_models="none", start_weights_sha256="0" * 64,
        )
        for group, name in condition_keys(params)
    ]  # fmt: skip


def history(generator, key, seed, skill):
    epochs = []
    for number in range(1, EPOCHS + 1):
        rise = 1 - math.exp(-number / 1.6)
        train = min(0.5 + (skill + 0.12 - 0.5) * rise + generator.normal(0, 0.01), 1)
        val = min(0.5 + (skill - 0.5) * rise + generator.normal(0, 0.03), 1)
        epochs.append(
            Epoch(
                epoch=number, lr=1e-3, train_loss=max(0.02, 1.3 * (1 - train)), train_accuracy=train,
                val_loss=max(0.05, 1.6 * (1 - val) + generator.normal(0, 0.05)), val_accuracy=val,
            )
        )  # fmt: skip
    best = max(epochs, key=lambda epoch: epoch.val_accuracy).epoch
    trained = 4_098 if key.startswith("fixed") else 23_512_130
    return History(
        condition=key, seed=seed, epochs=epochs, best_epoch=best, stopped_early=False, trained_parameters=trained,
        precision="float32",
    )  # fmt: skip


def probabilities(generator, labels, ease, skill):
    """(seeds, images, 2): images differ in ease, so that conditions err on the same ones."""
    logit = 2.2 * (skill - 0.5) * 4 + ease + generator.normal(0, 0.8, (len(SEEDS), len(labels)))
    right = 1 / (1 + np.exp(-logit))
    second = np.where(labels == 1, right, 1 - right)
    return np.stack([1 - second, second], axis=-1)


def evaluation(plan):
    generator = np.random.default_rng(7)
    val_labels, test_labels = np.arange(VAL) % 2, np.arange(TEST) % 2
    val_ease, test_ease = generator.normal(0, 1.6, VAL), generator.normal(0, 1.6, TEST)
    members = []
    for condition in plan:
        skill = generator.uniform(0.68, 0.9)
        members.append(
            evaluate_condition(
                condition.key,
                [history(generator, condition.key, seed, skill) for seed in SEEDS],
                probabilities(generator, val_labels, val_ease, skill),
                probabilities(generator, test_labels, test_ease, skill - 0.03),
                val_labels, test_labels, 10,
            )
        )  # fmt: skip
    val_ids, test_ids = [f"val-{row:03}" for row in range(VAL)], [f"test-{row:03}" for row in range(TEST)]
    return Evaluation(
        seeds=SEEDS, classes=["normal", "consolidation"], val_labels=val_labels.tolist(), val_groups=val_ids,
        val_ids=val_ids, test_labels=test_labels.tolist(), test_groups=test_ids, test_ids=test_ids, conditions=members,
    )  # fmt: skip


def estimate(values, images):
    value = float(np.mean(values))
    error = math.sqrt(max(value * (1 - value), 1e-4) / images + np.var(values) / len(values))
    return Estimate(
        value=value, low=value - 2 * error, high=value + 2 * error, standard_error=error, df=6.0, confidence=0.95,
        scope="conditions", images=images, groups=images, seeds=len(SEEDS),
    )  # fmt: skip


def estimates(members, split, images):
    metrics = type(getattr(members[0].runs[0], split)).model_fields.keys() - {"loss", "confusion"}
    return {
        member.condition: {
            metric: estimate([getattr(getattr(run, split), metric) for run in member.runs], images)
            for metric in sorted(metrics)
        }
        for member in members
    }


def comparison(family, treatment, reference, accuracies):
    difference = accuracies[treatment]["accuracy"].value - accuracies[reference]["accuracy"].value
    half = 0.06
    verdict = "better" if difference > half else "worse" if difference < -half else "cannot_tell"
    return Comparison(
        reference=reference, treatment=treatment, split="test", metric="accuracy", family=family,
        difference=Estimate(
            value=difference, low=difference - half, high=difference + half, standard_error=half / 2, df=5.0,
            confidence=0.95, scope="conditions", images=TEST, groups=TEST, seeds=len(SEEDS),
        ),
        p_value=math.exp(-abs(difference) / 0.03), p_adjusted=min(1.0, 3 * math.exp(-abs(difference) / 0.03)),
        equivalence_p=0.4, margin=0.02, verdict=verdict, detectable=0.09, gained=round(max(0, difference) * 200) + 5,
        lost=round(max(0, -difference) * 200) + 5, runs_test=RunsTest(method="permutation", p_value=0.2),
    )  # fmt: skip


def comparisons(tables, accuracies):
    found = [
        comparison(within_table(table), treatment, reference, accuracies)
        for table in tables
        for reference, treatment in combinations(table.conditions, 2)
    ]
    for first, second in combinations(tables, 2):
        if first.model == second.model:
            found.append(comparison(BETWEEN_TASKS, second.baseline, first.baseline, accuracies))
    return found


def finding(one):
    place = f"comparisons.{one.family}.{one.treatment}.{one.reference}.accuracy"
    values = {
        "condition": Value(value=one.treatment, format="technique", source=f"conditions.{one.treatment}"),
        "difference": Value(value=one.difference.value, format="points", source=f"{place}.difference.value"),
        "low": Value(value=one.difference.low, format="points", source=f"{place}.difference.low"),
        "high": Value(value=one.difference.high, format="points", source=f"{place}.difference.high"),
        "p": Value(value=one.p_adjusted, format="p_equals", source=f"{place}.p_adjusted"),
    }
    group, name = one.treatment.split("/")
    section = f"table:{group}:{name.split('-')[0]}"
    return Finding(kind="technique", section=section, about=(one.treatment,), verdict=one.verdict, values=values)


def published():
    generator = np.random.default_rng(3)
    costs = np.exp(generator.uniform(math.log(0.06), math.log(60), 40))
    found = [
        ModelFacts(
            architecture=f"network_{index:02}", weights="IMAGENET1K_V1", parameters=int(6e6 * cost**0.7),
            gflops=float(cost), file_mb=24.0, top1=float(72 + 3.4 * math.log(cost) + generator.normal(0, 3)), top5=91.0,
            source="https://example.org",
        )
        for index, cost in enumerate(costs)
    ]  # fmt: skip
    ours = {"resnet50": (25_557_032, 4.09, 97.8, 76.13, 92.862), "mobilenet_v2": (3_504_872, 0.3, 13.6, 71.878, 90.286)}
    for name, (parameters, gflops, file_mb, top1, top5) in ours.items():
        found.append(
            ModelFacts(
                architecture=name, weights=f"{name}.IMAGENET1K_V1", parameters=parameters, gflops=gflops,
                file_mb=file_mb, top1=top1, top5=top5, source="https://example.org",
            )
        )  # fmt: skip
    return found


def latencies():
    return [
        Latency(
            model=model, image_px=SIDE, batch=32, device="cpu", threads=2, milliseconds_per_image=time,
            low=time * 0.9, high=time * 1.3,
        )
        for model, time in (("resnet50", 11.4), ("mobilenet_v2", 2.35))
    ]  # fmt: skip


def calibration():
    generator = np.random.default_rng(5)
    bins = np.linspace(0.55, 0.95, 5)
    return [
        CalibrationBin(
            confidence=float(bin_), accuracy=float(min(bin_ - 0.05 + generator.normal(0, 0.04), 1)), count=count
        )
        for bin_, count in zip(bins, (30, 60, 90, 160, 260), strict=True)
    ]


def analysis(plan, runs):
    tables = study_tables(plan)
    scores = {"val": estimates(runs.conditions, "val", VAL), "test": estimates(runs.conditions, "test", TEST)}
    pairs = comparisons(tables, scores["test"])
    accuracies = scores["test"]
    reported = [
        ReferenceResult(
            condition=key, accuracy=accuracy, images=400, low=accuracy - 0.04, high=accuracy + 0.04,
            difference=estimate([accuracies[key]["accuracy"].value - accuracy], TEST), p_value=0.3, p_adjusted=0.6,
            verdict="cannot_tell",
        )
        for key, accuracy in REPORTED.items()
    ]  # fmt: skip
    facts = {
        "conditions": len(plan), "seeds": len(SEEDS), "epochs": max(one.training.epochs for one in plan),
        "classes": 2, "train_images": 180, "val_images": 60, "test_images": 200, "margin": 0.02, "confidence": 0.95,
        "power": 0.8, "rise": 0.05, "level_share": 0.95, "negligible_auroc": 0.556, "reported_source": "a homework",
    }  # fmt: skip
    study = Finding(
        kind="study", section="summary", about=(), verdict="seeds",
        values={
            name: Value(value=facts[name], format="count", source=f"facts.{name}") for name in ("conditions", "seeds")
        },
    )  # fmt: skip
    first = pairs[0]
    claim = ClaimEvidence(
        wording="difference", verdict="cannot_tell",
        values={
            "difference": Value(
                value=first.difference.value, format="points",
                source=f"comparisons.{first.family}.{first.treatment}.{first.reference}.accuracy.difference.value",
            )
        },
    )  # fmt: skip
    hard = [
        HardImage(row=row, id=f"test-{row:03}", label=row % 2, wrong=15 - index, conditions=15)
        for index, row in enumerate((4, 17, 50, 51, 90, 120))
    ]
    return Analysis(
        facts=facts, selection=Selection(best=plan[0].key, recommended=plan[7].key, best_of_table={1: plan[0].key}),
        tables=tables, estimates=scores, comparisons=pairs, curves=[], curve_comparisons=[],
        calibration={condition.key: calibration() for condition in plan}, measurements=[], falls=[],
        shifts=[
            ShiftTest(
                features=features, splits=("train", "test"), method="logistic", effect=0.53, low=0.47, high=0.59,
                p_value=0.2, p_adjusted=0.4, verdict="cannot_tell",
            )
            for features in ("image_statistics", "backbone:resnet50")
        ],
        hard_images=hard, references=reported, published=published(), latencies=latencies(),
        findings=[study, *(finding(pair) for pair in pairs if pair.reference.endswith("-baseline"))],
        claims=[
            ClaimResult(id=id_, text=text, reads_as=reads_as, verdict=verdict, evidence=[claim])
            for id_, text, reads_as, verdict in (
                ("B1", "ResNet-50 fine-tuned at 1e-3 overfits.", "the gap exceeds the margin", "holds"),
                ("B4", "At 5e-4 test accuracy is higher than at 1e-3.", "", "contradicted"),
                ("E3", "Finding good settings takes much trial and error.", "", "cannot_tell"),
            )
        ],
    )  # fmt: skip


def description():
    return DataDescription(
        source="phantom", simulated=True, verified=None, classes=["normal", "consolidation"],
        counts={"train": [90, 90], "val": [30, 30], "test": [100, 100]},
        group_counts={"train": 180, "val": 60, "test": 200}, grouped=False,
        limit_per_class=0, image_px=SIDE, channels=1,
        original_sizes=["48 × 48"], content_sha256="ab" * 32,
        checks=[
            CheckResult(check="identical_across_splits", passed=True, count=0, examples=[]),
            CheckResult(check="few_test_images", passed=False, count=2, examples=["normal", "consolidation"]),
        ],
        notes={},
    )  # fmt: skip


def images(count, seed):
    """Grey squares with a bright patch that differs between classes: (images, side, side, 1)."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    patch = np.exp(-((x - 0.4) ** 2 + (y - 0.55) ** 2) / 0.02)
    shades = 60 + 90 * y + 70 * patch * (np.arange(count) % 2)[:, None, None]
    return np.clip(shades + generator.normal(0, 12, (count, SIDE, SIDE)), 0, 255).astype(np.uint8)[..., None]


def weights():
    return [
        StartWeights(
            model=model, architecture=model, requested="imagenet", source="random", reason="no file",
            origin="drawn from seed 0", sha256="cd" * 32, mean=[0.5] * 3, std=[0.25] * 3, parameters=23_512_130,
            head_parameters=4_098, feature_count=2048,
        )
        for model in ("resnet50", "mobilenet_v2")
    ]  # fmt: skip


def wording(evidence, tree=None, **options):
    tree = tree or texts()
    return Wording(tree, study_printer(tree, evidence.tables), file="wording", **options)


def figures(evidence, runs, tree=None):
    """All figures of the study, as records and files."""
    words = wording(evidence, tree)
    table = ImageTable(
        ids=[f"train-{row:03}" for row in range(180)], groups=["g"] * 180, labels=[row % 2 for row in range(180)]
    )
    material = Material(
        analysis=evidence, evaluation=runs,
        models=[Model(name=name, architecture=name, weights="imagenet") for name in ("resnet50", "mobilenet_v2")],
        train_images=images(180, 1), train_table=table, test_images=images(TEST, 2),
        attention=attention(evidence), maps=maps(),
    )  # fmt: skip
    records, files = [], {}
    for figure in draw_all(material, words):
        inputs = {"results/analysis/analysis.json": "ef" * 32} if figure.kind != "pipeline" else {}
        record, drawn = to_record(figure, inputs, words)
        records.append(record)
        files |= drawn
    shown, sheet = gallery(images(TEST, 2), runs, predicted(runs))
    return FigureList(figures=records, gallery=shown), files | {shown.file: sheet}


def predicted(runs):
    """By condition, (seeds, images): the last images of each class are taken for the next class, by one run fewer in
    each condition."""
    labels, classes = np.asarray(runs.test_labels), len(runs.classes)
    found = {}
    for number, one in enumerate(runs.conditions):
        found[one.condition] = np.tile(labels, (len(runs.seeds), 1))
        found[one.condition][: 1 + number % len(runs.seeds), -20:] = (labels[-20:] + 1) % classes
    return found


def attention(evidence):
    """One image that is right, one that is wrong."""
    shown = [
        AttentionImage(row=row, id=f"test-{row:03}", label=row % 2, predicted=1, kind=kind)
        for row, kind in ((3, "right"), (4, "wrong"))
    ]
    return Attention(
        condition=evidence.selection.best, seed=0, missing="", layer="layer2", side=4, images=shown, likeness=0.15
    )


def maps():
    """(2, 2, 4, 4): for the true class highest at the top left, for the predicted one at the bottom right."""
    found = np.zeros((2, 2, 4, 4), dtype=np.float32)
    found[:, 0, 0, 0] = found[:, 1, 3, 3] = 2.0
    return found


HASHED = (
    storage.analysis_file().as_posix(), storage.evaluation_file().as_posix(),
    storage.data_description_file().as_posix(), storage.PLAN.as_posix(),
    *(storage.weights_record_file(model).as_posix() for model in ("resnet50", "mobilenet_v2")),
)  # fmt: skip


def make_study():
    """The whole study."""
    plan = conditions()
    runs = evaluation(plan)
    evidence = analysis(plan, runs)
    drawn, files = figures(evidence, runs)
    return Study(
        settings=load_params().report.model_copy(update={"author": "A. Student", "course": "Deep learning in imaging"}),
        conditions=plan, weights=weights(), data=description(), evaluation=runs, analysis=evidence, figures=drawn,
        attention=attention(evidence),
        provenance=Provenance(edited=False,
            commit="0123456789abcdef0123456789abcdef01234567", date="2026-01-02T03:04:05Z", python="3.11.7",
            packages={"torch": "2.13.0", "weasyprint": "70.0"},
        ),
        hashes={path: f"{number:x}" * 64 for number, path in enumerate(HASHED, start=10)}, files=files,
        notes={"comparison": "A note with *emphasis* and [a link](https://example.org)."},
    )  # fmt: skip
