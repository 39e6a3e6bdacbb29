"""Description of a study for exports: methods, model card, numbers, settings for classifying an image."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from transfer_report.analysis.clinical.records import ClinicalEvidence
from transfer_report.conditions import STRATEGIES, ConditionKey
from transfer_report.export.methods import Methods
from transfer_report.export.model_card import CardMetric, ModelCard
from transfer_report.export.network import NetworkSettings
from transfer_report.export.tables import ExportedTable
from transfer_report.layout import HERE
from transfer_report.models.backbones import BUILD_ARGUMENTS
from transfer_report.models.packaged import PACKAGED
from transfer_report.models.timm_models import is_of_timm
from transfer_report.records.analysis import Metric
from transfer_report.records.base import SPLITS
from transfer_report.report.context import Context
from transfer_report.report.passages import notices
from transfer_report.report.study import Study
from transfer_report.report.tables.widths import column_widths
from transfer_report.wording.wording import Wording

REFERENCES = {"resnet50": "he2016", "mobilenet_v2": "sandler2018", "efficientnet_lite0": "tan2019"}
"""Keys of `references.bib` by architecture."""
SCRIPT_NEEDS = ("torch", "safetensors", "pillow")
SOFTWARE = ("torch", "torchvision", "timm", "scikit-learn", "statsmodels")
CARD_METRICS: dict[Metric, tuple[str, str]] = {
    "accuracy": ("accuracy", "percent"),
    "auroc": ("roc_auc", "decimal3"),
    "sensitivity": ("recall", "percent"),
    "specificity": ("specificity", "percent"),
    "f1": ("f1", "decimal3"),
    "brier": ("brier_score", "decimal3"),
}
"""Names that Hugging Face has for the metrics of a card, and their formats."""
MACRO: frozenset[Metric] = frozenset({"auroc", "sensitivity", "specificity", "f1"})
"""Means over the classes, where there are more than two."""
PERCENT: frozenset[Metric] = frozenset({"accuracy", "balanced_accuracy", "sensitivity", "specificity"})
NAMES_IMAGES = ("tab-checks",)
"""Tables that name images, and so may name patients."""


class KeptRun(NamedTuple):
    """A trained network that was kept: the run of the recommended condition."""

    key: ConditionKey
    seed: int
    position: int
    """Position of the seed among the condition's."""


def run_to_ship(study: Study, kept: Mapping[tuple[str, int], bool]) -> KeptRun | None:
    """Return the first kept run of the recommended condition that did not fail; None where there is none.

    Args:
        study: Has the recommendation.
        kept: Returns, by condition and seed, whether the weights of a run exist.
    """
    condition = study.analysis.selection.recommended
    failed = {(run.condition, run.seed) for run in study.analysis.failed_runs}
    seeds = next(one.seeds for one in study.evaluation.conditions if one.condition == condition)
    for position, seed in enumerate(seeds):
        if kept.get((condition, seed)) and (condition, seed) not in failed:
            return KeptRun(ConditionKey.parse(condition), seed, position)
    return None


def kept_run(study: Study) -> KeptRun | None:
    """Return the run that `run_to_ship` chooses among those whose networks lie in `results/models`."""
    condition = study.analysis.selection.recommended
    key = ConditionKey.parse(condition)
    seeds = next(one.seeds for one in study.evaluation.conditions if one.condition == condition)
    return run_to_ship(study, {(condition, seed): HERE.kept_model_file(key, seed).is_file() for seed in seeds})


def network_settings(study: Study, run: KeptRun, fit: str) -> NetworkSettings:
    """Return what it takes to classify an image with a kept network, at its operating point.

    Args:
        study: Study of the run.
        run: Whose network.
        fit: How an image becomes square, `data.fit`.
    """
    condition = study.by_condition[str(run.key)]
    weights = next(one for one in study.weights if one.model == condition.model)
    packaged = PACKAGED.get(weights.architecture)
    return NetworkSettings(
        architecture=weights.architecture,
        classes=study.data.classes,
        image_px=study.data.image_px,
        fit=fit,  # type: ignore[arg-type]  # checked by the settings
        channels=1 if study.data.channels == 1 else 3,
        mean=weights.mean,
        std=weights.std,
        threshold=_threshold(study, study.clinical.images, run),
        arguments={} if packaged else BUILD_ARGUMENTS.get(weights.architecture, {}),
        package=packaged.modules[0] if packaged else "timm" if is_of_timm(weights.architecture) else "",
    )


def patient_threshold(study: Study, run: KeptRun) -> float | None:
    """Return the threshold of a run for scores of patients; that of images where the study scored no patients."""
    return _threshold(study, study.clinical.patients or study.clinical.images, run)


def _threshold(study: Study, evidence: ClinicalEvidence, run: KeptRun) -> float | None:
    """Of two classes; None where the more probable one is called: a threshold would be less plain."""
    points = [one for one in evidence.operating_points if one.condition == str(run.key)]
    if len(study.data.classes) > 2 or not points or points[0].rule == "argmax" or points[0].thresholds is None:
        return None
    return points[0].thresholds[run.position]


def methods_of(study: Study, wording: Wording) -> Methods:
    """Return what the methods paragraph says."""
    printer = wording.printer
    trained, tunings = [condition.training for condition in study.conditions], study.analysis.tunings
    sources = dict.fromkeys(weights.name or printer.text(weights.source, "verdict") for weights in study.weights)
    packages = {"Python": study.provenance.python, **study.provenance.packages}
    return Methods(
        classes=study.data.classes,
        counts={split: sum(study.data.counts[split]) for split in SPLITS},
        has_patients=study.data.has_patients,
        patients_apart=study.patients_across_splits is None,
        image_px=study.data.image_px,
        networks={
            printer.text(weights.model, "model"): REFERENCES.get(weights.architecture, _library(weights.architecture))
            for weights in study.listed_models
        },
        initial_weights=wording.text("export.joint").join(sources),
        strategies=[name for name in STRATEGIES if any(one.strategy == name for one in study.conditions)],
        runs=_range([len(one.runs) for one in study.evaluation.conditions], wording),
        epochs=_range([one.epochs for one in trained], wording),
        select_by=trained[0].select_by,
        tuned=[printer.text(name, "setting") for name in dict.fromkeys(name for one in tunings for name in one.chosen)],
        tuning_seeds=len(tunings[0].seeds) if tunings else 0,
        confidence=printer.text(study.clinical.images.confidence, "percent_exact"),
        decision=wording.sentence(
            "export.decision", rule=operating_rule(study, wording), positive=_positive(study, wording)
        ),
        software={name: packages[name] for name in ("Python", *SOFTWARE) if name in packages},
        commit=study.provenance.commit[:12],
    )


def model_card_of(study: Study, run: KeptRun, dataset: str, wording: Wording) -> ModelCard:
    """Return what the card of the recommended network says.

    Args:
        study: Study of the run.
        run: Whose network leaves.
        dataset: Name of the images.
        wording: Plain.
    """
    condition = str(run.key)
    weights = next(one for one in study.weights if one.model == study.by_condition[condition].model)
    said = {
        one.kind: wording.sentence(f"findings.{one.kind}.{one.verdict}", **wording.referred(one.refs))
        for one in study.findings("clinical")
    }
    name = wording.printer.text(condition, "condition")
    return ModelCard(
        name=name,
        summary=wording.text("export.card.summary", classes=", ".join(study.data.classes), seed=run.seed, name=name),
        architecture=wording.printer.text(weights.architecture, "model"),
        base_model=weights.origin if weights.source != "random" else "",
        classes=study.data.classes,
        dataset=dataset,
        simulated=study.data.simulated,
        test_images=sum(study.data.counts["test"]),
        metrics=list(_card_metrics(study, condition, wording)),
        selection=wording.text("export.card.selection"),
        operating_point=said.get("clinical_operating_point", ""),
        calibration=said.get("clinical_calibration_slope", ""),
        limits=[
            *notices(study, wording),
            *(wording.text(f"export.card.limits.{limit}") for limit in wording.names("export.card.limits")),
        ],
        commit=study.provenance.commit,
        library=_library(weights.architecture),
        requirements=list(_requirements(study, weights.architecture)),
    )


def _library(architecture: str) -> str:
    """The package that builds a network which comes in no package of its own."""
    return "timm" if is_of_timm(architecture) else "torchvision"


def _requirements(study: Study, architecture: str) -> Iterator[str]:
    """What `classify.py` imports, in the versions that the report knows of."""
    packaged = PACKAGED.get(architecture)
    for name in (*SCRIPT_NEEDS, packaged.modules[0].replace("_", "-") if packaged else _library(architecture)):
        version = study.provenance.packages.get(name, "").partition("+")[0]  # without the build, which no index has
        yield f"{name}=={version}" if version else name


def _card_metrics(study: Study, condition: str, wording: Wording) -> Iterator[CardMetric]:
    for metric, (kind, format_) in CARD_METRICS.items():
        estimate = study.analysis.estimates["test"][condition].get(metric)
        if estimate is None:
            continue
        value = wording.printer.text(estimate.value, format_)
        end_format = "percent_number" if format_ == "percent" else format_
        low, high = (wording.printer.text(end, end_format) for end in (estimate.low, estimate.high))
        printed = value if estimate.low is None else wording.text("export.interval", value=value, low=low, high=high)
        name = wording.printer.text(metric, "metric")
        if len(study.data.classes) > 2 and metric in MACRO:
            name = wording.text("export.card.macro", name=name)
        yield CardMetric(kind, name, float(estimate.value), printed)


def operating_rule(study: Study, wording: Wording) -> str:
    """Return how an image is called positive, or put into a class."""
    points = study.clinical.images.operating_points
    if not points:  # of one class against the rest there is no point where the most probable one is called
        return wording.text("tables.clinical.rules.argmax_of_many")
    return wording.text(f"tables.clinical.rules.{points[0].kind}", point=points[0])


def _positive(study: Study, wording: Wording) -> str:
    if len(study.data.classes) != 2:
        return ""
    return wording.text("export.positive", positive=study.data.classes[1])


def _range(counts: list[int], wording: Wording) -> str:
    low, high = min(counts), max(counts)
    return str(low) if low == high else wording.text("page.interval", low=low, high=high)


FACTS = ("facts", "conditions", "compared_groups", "run_counts", "changed_curves")


def numbers_of(study: Study, wording: Wording) -> dict[str, str]:
    """Return printed numbers by address: facts, estimates, and the operating points of the recommended condition."""
    found: dict[str, str] = {}
    for address, value in study.records.leaves.items():
        place, *steps = address.split(".")
        if isinstance(value, str) or value is None or isinstance(value, bool):
            continue
        if place in FACTS:
            found[address] = wording.printer.text(value, "count" if isinstance(value, int) else "number")
        elif place == "estimates" and steps[-1] in ("value", "low", "high"):
            found[address] = wording.printer.text(value, "percent" if steps[-2] in PERCENT else "decimal3")
    chosen = (study.analysis.selection.recommended, 1)
    for point in study.clinical.images.operating_points:
        rates = {"sensitivity": point.sensitivity, "specificity": point.specificity, "ppv": point.ppv, "npv": point.npv}
        for rate, estimate in rates.items():
            ends = () if estimate is None or (point.condition, point.positive) != chosen else ("value", "low", "high")
            for end in ends:
                found[f"operating_point.{rate}.{end}"] = wording.printer.text(getattr(estimate, end), "percent")
    return found


def exported_tables(context: Context) -> Iterator[ExportedTable]:
    """Yield each table that names no image."""
    for id_, table in context.tables.items():
        if id_ not in NAMES_IMAGES and table.rows:
            yield ExportedTable(
                id_,
                table.caption,
                [one.head for one in table.columns],
                [one.align for one in table.columns],
                column_widths(table),
                [list(map(str, row)) for row in table.rows],
            )
