"""A complete small study, made up by a seeded generator: 22 conditions, 3 seeds, 5 epochs, 200 test images."""

import math
from functools import cache
from itertools import combinations

import numpy as np
from tests.analysis.evidence import condition_facts, study_facts
from tests.analysis.samples import drawn as drawn_predictions

from transfer_report.analysis.checklists import load_checklists
from transfer_report.analysis.clinical.study import clinical_of_study
from transfer_report.analysis.facts import compared_groups
from transfer_report.analysis.families import BETWEEN_STRATEGIES, within_table
from transfer_report.analysis.tables import study_tables
from transfer_report.conditions import ConditionKey
from transfer_report.evaluation.conditions import evaluate_condition
from transfer_report.figures.all_figures import FigureInputs, draw_all, to_record
from transfer_report.figures.gallery import gallery
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.planning import ComputeSettings, Condition, Model, condition_keys, training_settings
from transfer_report.records.analysis import (
    Analysis,
    CalibrationBin,
    ClaimEvidence,
    ClaimResult,
    Comparison,
    Control,
    Estimate,
    Finding,
    FixedSeedTest,
    HardImage,
    Promise,
    QuestionPlan,
    ReportedResult,
    Selection,
    ShiftTest,
)
from transfer_report.records.attention import Attention, AttentionImage
from transfer_report.records.data import Characteristic, CheckResult, DataDescription, FlowStep, ImageTable, Level
from transfer_report.records.evaluation import Evaluation
from transfer_report.records.figures import FigureList
from transfer_report.records.models import InitialWeights, Latency, ModelFacts
from transfer_report.records.report import Provenance
from transfer_report.records.training import Epoch, History
from transfer_report.report.study import Study
from transfer_report.wording.names import study_printer
from transfer_report.wording.wording import Wording, load_texts, wording_file

SEEDS, EPOCHS, VAL, TEST, SIDE = [0, 1, 2], 5, 60, 200, 48
REPORTED = {"fine_tuning/resnet50-baseline": 0.735, "fine_tuning/resnet50-lr": 0.8125}
SENTENCES = {
    "study": {"seeds": "{{ facts.conditions }} conditions were trained with {{ facts.seeds }} seeds each."},
    "technique": {
        "better": (
            "{{ pair.treatment | technique }} beats the baseline by {{ pair.difference | points }} points "
            "({{ pair.difference | ends('points') }}, {{ pair.p_adjusted | p_equals }})."
        ),
        "inconclusive": (
            "Whether {{ pair.treatment | technique }} differs from the baseline ({{ pair.difference | points }} "
            "points) cannot be told."
        ),
        "equivalent": "{{ pair.treatment | technique }} is equivalent to the baseline.",
        "worse": (
            "{{ pair.treatment | technique }} is worse than the baseline by {{ pair.difference | points }} points."
        ),
    },
}
CLAIMS = {"difference": "The difference is {{ pair.difference | points }} points."}


@cache
def texts():
    """The report's words, with sentences for the findings and claims of this study."""
    tree = load_texts(wording_file("en"))
    return tree | {"findings": SENTENCES, "claims": CLAIMS}


def conditions():
    params = load_params()
    return [
        Condition(
            strategy=key.strategy, name=key.name, model=params.conditions[key.strategy][key.name].model,
            training=training_settings(params, key),
            compute=ComputeSettings(image_px=SIDE, precision="float32", device="cpu", threads=1),
            keep_models="none", initial_weights_sha256="0" * 64,
        )
        for key in condition_keys(params)
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
    trained = 4_098 if key.startswith("linear_probe") else 23_512_130
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
                str(condition.key),
                [history(generator, str(condition.key), seed, skill) for seed in SEEDS],
                probabilities(generator, val_labels, val_ease, skill),
                probabilities(generator, test_labels, test_ease, skill - 0.03),
                val_labels, test_labels, 10,
            )
        )  # fmt: skip
    val_ids, test_ids = [f"val-{row:03}" for row in range(VAL)], [f"test-{row:03}" for row in range(TEST)]
    return Evaluation(
        classes=["normal", "consolidation"], val_labels=val_labels.tolist(), val_patients=val_ids,
        test_labels=test_labels.tolist(), test_patients=test_ids, test_ids=test_ids, conditions=members,
    )  # fmt: skip


def estimate(values, images):
    value = float(np.mean(values))
    error = math.sqrt(max(value * (1 - value), 1e-4) / images + np.var(values) / len(values))
    return Estimate(
        value=value, low=value - 2 * error, high=value + 2 * error, standard_error=error, df=6.0, confidence=0.95,
        scope="conditions", images=images, clusters=images, seeds=len(SEEDS),
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


def comparison(family, treatment, reference, scores, metric="accuracy"):
    difference = scores[treatment][metric].value - scores[reference][metric].value
    half = 0.06
    verdict = "better" if difference > half else "worse" if difference < -half else "inconclusive"
    return Comparison(
        reference=reference, treatment=treatment, split="test", metric=metric, family=family,
        role="main" if reference.endswith("baseline") and metric == "accuracy" else "exploratory",
        topic="strategy" if family == BETWEEN_STRATEGIES else "technique",
        difference=Estimate(
            value=difference, low=difference - half, high=difference + half, standard_error=half / 2, df=5.0,
            confidence=0.95, scope="conditions", images=TEST, clusters=TEST, seeds=len(SEEDS),
        ),
        p_value=math.exp(-abs(difference) / 0.03), p_adjusted=min(1.0, 3 * math.exp(-abs(difference) / 0.03)),
        equivalence=Estimate(
            value=difference, low=difference - 0.8 * half, high=difference + 0.8 * half, standard_error=half / 2,
            df=5.0, confidence=0.9, scope="conditions", images=TEST, clusters=TEST, seeds=len(SEEDS),
        ),
        equivalence_p=0.4, equivalence_p_adjusted=0.5, margin=0.02, verdict=verdict, minimum_detectable_difference=0.09,
        probability_better=0.31, probability_worse=0.043,
        gained=round(max(0, difference) * 200) + 5,
        lost=round(max(0, -difference) * 200) + 5, fixed_seed_test=FixedSeedTest(method="permutation", p_value=0.2),
    )  # fmt: skip


def comparisons(tables, accuracies):
    found = [
        comparison(within_table(table), treatment, reference, accuracies)
        for table in tables
        for reference, treatment in combinations(table.conditions, 2)
    ]
    for first, second in combinations(tables, 2):
        if first.model == second.model:
            found.append(comparison(BETWEEN_STRATEGIES, second.baseline, first.baseline, accuracies))
    return found + [comparison(one.family, one.treatment, one.reference, accuracies, "auroc") for one in found]


def address(pair):
    return f"comparisons.{pair.family}.{pair.treatment}.{pair.reference}.{pair.metric}"


def finding(one):
    strategy, name = ConditionKey.parse(one.treatment)
    section = f"table:{strategy}:{name.split('-')[0]}"
    refs = {"pair": address(one)}
    return Finding(kind="technique", section=section, about=(one.treatment,), verdict=one.verdict, refs=refs)


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
            median=time * 1.1, busy=False,
        )
        for model, time in (("resnet50", 11.4), ("mobilenet_v2", 2.35))
    ]  # fmt: skip


def planned(pairs):
    """One main question of the plan that seeds answer, and one that nothing does."""
    return [
        QuestionPlan(
            treatment=pair.treatment, reference=pair.reference, detectable=detectable, error=0.05 / 22, limit=limit,
            seeds=3, images=200, target=0.05, seeds_needed=seeds, images_needed=None, seconds=seconds,
        )
        for pair, detectable, limit, seeds, seconds in (
            (pairs[0], 0.04, "images", 3, 0.0),
            (pairs[1], 0.12, "seeds", 17, 260.0),
            (pairs[2], 1.2, "seeds", None, None),
        )
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


def controls(scores):
    """Controls that score as the first condition does."""
    first = {split: next(iter(of_split.values())) for split, of_split in scores.items()}
    names = {"majority_class": None, "image_statistics": None, "nearest_neighbours:resnet50": 5,
             "nearest_neighbours:mobilenet_v2": 11}  # fmt: skip
    return [Control(name=name, neighbours=count, estimates=first) for name, count in names.items()]


def analysis(plan, runs):
    tables = study_tables(plan)
    scores = {"val": estimates(runs.conditions, "val", VAL), "test": estimates(runs.conditions, "test", TEST)}
    pairs = comparisons(tables, scores["test"])
    accuracies = scores["test"]
    reported = [
        ReportedResult(
            condition=key, accuracy=accuracy, images=400, low=accuracy - 0.04, high=accuracy + 0.04,
            difference=estimate([accuracies[key]["accuracy"].value - accuracy], TEST), p_value=0.3, p_adjusted=0.6,
            verdict="inconclusive",
        )
        for key, accuracy in REPORTED.items()
    ]  # fmt: skip
    facts = study_facts(
        conditions=len(plan), runs=len(plan) * len(SEEDS), epochs=max(one.training.epochs for one in plan),
        class_names=["normal", "consolidation"],
    )  # fmt: skip
    study = Finding(kind="study", section="summary", about=(), verdict="seeds")
    claim = ClaimEvidence(wording="difference", verdict="inconclusive", refs={"pair": address(pairs[0])})
    hard = [
        HardImage(row=row, id=f"test-{row:03}", label=row % 2, incorrect=22 - index, conditions=22)
        for index, row in enumerate((4, 17, 50, 51, 90, 120))
    ]
    return Analysis(
        facts=facts,
        conditions=[condition_facts(str(condition.key)) for condition in plan],
        run_counts=[],
        compared_groups=compared_groups(tables, pairs, {key: one["accuracy"].value for key, one in accuracies.items()}),
        changed_curves=[],
        selection=Selection(
            best=str(plan[0].key), recommended=str(plan[7].key), best_of_table={1: str(plan[0].key)}
        ),
        tables=tables, estimates=scores, comparisons=pairs, curves=[], curve_comparisons=[],
        calibration={str(condition.key): calibration() for condition in plan}, measurements=[], levels=[],
        promises=[Promise(role=role, tests=20, stated=2, error=0.05) for role in ("main", "exploratory")], drops=[],
        shifts=[
            ShiftTest(
                features=features, splits=("train", "test"), method="logistic", effect=0.53, low=0.47, high=0.59,
                p_value=0.2, p_adjusted=0.4, equivalence_p=0.3, verdict="inconclusive",
            )
            for features in ("image_statistics", "backbone:resnet50")
        ],
        controls=controls(scores), control_comparisons=[], failed_runs=[], hard_images=hard,
        reported=reported, published=published(), latencies=latencies(), plans=planned(pairs),
        findings=[study, *(finding(pair) for pair in pairs if pair.role == "main")],
        claims=[
            ClaimResult(id=id_, text=text, reads_as=reads_as, verdict=verdict, evidence=[claim])
            for id_, text, reads_as, verdict in (
                ("B1", "ResNet-50 fine-tuned at 1e-3 overfits.", "the gap exceeds the margin", "holds"),
                ("B4", "At 5e-4 test accuracy is higher than at 1e-3.", "", "contradicted"),
                ("E3", "Finding good settings takes much trial and error.", "", "inconclusive"),
            )
        ],
    )  # fmt: skip


def description():
    return DataDescription(
        source="phantom", simulated=True, verified=None, classes=["normal", "consolidation"],
        positive_class="consolidation",
        flow=[FlowStep(step="read", images=442, patients=442), FlowStep(step="duplicates", images=2, patients=None)],
        characteristics=[
            Characteristic(
                name="age", missing={"train": 2, "val": 0, "test": 0}, levels=[],
                quartiles={"train": [31.0, 52.5, 66.0], "val": [30.0, 49.0, 61.0], "test": []},
            ),
            Characteristic(
                name="sex", missing={"train": 0, "val": 0, "test": 0}, quartiles=None,
                levels=[
                    Level(name="F", counts={"train": 100, "val": 31, "test": 96}),
                    Level(name="M", counts={"train": 80, "val": 29, "test": 104}),
                ],
            ),
        ],
        counts={"train": [90, 90], "val": [30, 30], "test": [100, 100]},
        patient_counts={"train": 180, "val": 60, "test": 200}, has_patients=False,
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
        InitialWeights(
            model=model, architecture=model, requested="imagenet", source="random", reason="no file",
            origin="drawn from seed 0", sha256="cd" * 32, mean=[0.5] * 3, std=[0.25] * 3, parameters=23_512_130,
            feature_count=2048,
        )
        for model in ("resnet50", "mobilenet_v2")
    ]  # fmt: skip


def wording(evidence, tree=None, **options):
    tree = tree or texts()
    return Wording(tree, study_printer(tree, evidence.tables), file="wording", **options)


@cache
def clinical():
    """Clinical numbers of two conditions, whose risks are drawn by a seeded generator."""
    generator = np.random.default_rng(11)
    keys = ["fine_tuning/resnet50-baseline", "linear_probe/resnet50-baseline"]
    predictions = {
        split: {key: drawn_predictions(generator, len(SEEDS), count, condition=key) for key in keys}
        for split, count in (("val", VAL), ("test", TEST))
    }  # fmt: skip
    accuracies = {key: estimate([0.9 - 0.1 * number], VAL) for number, key in enumerate(keys)}
    selection = Selection(best=keys[0], recommended=keys[0], best_of_table={})
    return clinical_of_study(predictions, selection, accuracies, load_params().analysis, has_patients=False)


def figures(evidence, runs, tree=None, *, shows_images=True):
    """All figures of the study, as records and files."""
    words = wording(evidence, tree)
    table = ImageTable(
        ids=[f"train-{row:03}" for row in range(180)], patients=["g"] * 180, labels=[row % 2 for row in range(180)]
    )
    material = FigureInputs(
        analysis=evidence, clinical=clinical(), evaluation=runs,
        data=description(),
        models=[Model(name=name, architecture=name, weights="imagenet") for name in ("resnet50", "mobilenet_v2")],
        train_images=images(180, 1), train_table=table, test_images=images(TEST, 2),
        attention=attention(evidence), maps=maps(), shows_images=shows_images,
    )  # fmt: skip
    records, files = [], {}
    for figure in draw_all(material, words):
        inputs = {"results/analysis/analysis.json": "ef" * 32} if figure.kind != "pipeline" else {}
        record, drawn = to_record(figure, inputs, words)
        records.append(record)
        files |= drawn
    if not shows_images:
        return FigureList(figures=records, gallery=None), files
    shown, sheet = gallery(images(TEST, 2), runs, predicted(runs))
    return FigureList(figures=records, gallery=shown), files | {shown.file: sheet}


def predicted(runs):
    """By condition, (seeds, images): the last images of each class are taken for the next class, by one run fewer in
    each condition."""
    labels, classes = np.asarray(runs.test_labels), len(runs.classes)
    found = {}
    for number, one in enumerate(runs.conditions):
        found[one.condition] = np.tile(labels, (len(SEEDS), 1))
        found[one.condition][: 1 + number % len(SEEDS), -20:] = (labels[-20:] + 1) % classes
    return found


def attention(evidence):
    """One image that is right, one that is incorrect."""
    shown = [
        AttentionImage(row=row, id=f"test-{row:03}", label=row % 2, predicted=1, kind=kind)
        for row, kind in ((3, "correct"), (4, "incorrect"))
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
    HERE.analysis_file().as_posix(), HERE.evaluation_file().as_posix(),
    HERE.data_description_file().as_posix(), HERE.plan.as_posix(),
    *(HERE.weights_record_file(model).as_posix() for model in ("resnet50", "mobilenet_v2")),
    HERE.clinical_file().as_posix(),
)  # fmt: skip


@cache
def records():
    """Its conditions, their runs, and what was found; nothing changes them."""
    plan = conditions()
    runs = evaluation(plan)
    return plan, runs, analysis(plan, runs)


@cache
def make_study(*, shows_images=True):
    """The whole study; the same object each time, which nothing changes."""
    plan, runs, evidence = records()
    drawn, files = figures(evidence, runs, shows_images=shows_images)
    return Study(
        settings=load_params().report.model_copy(update={"author": "A. Student", "course": "Deep learning in imaging"}),
        conditions=plan, weights=weights(), data=description(), evaluation=runs, analysis=evidence, figures=drawn,
        clinical=clinical(), attention=attention(evidence),
        provenance=Provenance(edited=False,
            commit="0123456789abcdef0123456789abcdef01234567", date="2026-01-02T03:04:05Z", python="3.11.7",
            packages={"torch": "2.13.0", "weasyprint": "70.0"},
        ),
        hashes={path: f"{number:x}" * 64 for number, path in enumerate(HASHED, start=10)}, files=files,
        checklists=load_checklists(),
        notes={"comparison": "A note with *emphasis* and [a link](https://example.org)."},
    )  # fmt: skip
