"""Fixed passages of the report, filled with values of the records."""

from typing import NamedTuple

from transfer_report.records import SPLITS, Draft, ModelFacts, StartWeights, StudyTable
from transfer_report.report.study import Study
from transfer_report.report.tables.conditions import condition_table_id
from transfer_report.wording.wording import Wording

SENTENCES_PER_PARAGRAPH = 5
OPENING_KINDS = ("technique", "undecided_techniques", "ranking", "pretraining", "recall_gap", "shift_image_statistics")
"""Findings that begin a paragraph."""


class ModelNotes(NamedTuple):
    """The three notes that the homework asks for each model."""

    name: str
    architecture: str
    performance: str
    computation: str


class Fact(NamedTuple):
    """One line of the box beside the summary."""

    name: str
    text: str


class Definition(NamedTuple):
    """What a term of the report means, and by whose definition."""

    term: str
    text: str


def notices(study: Study, wording: Wording) -> list[str]:
    """What a reader has to know before anything else: random weights, simulated images."""
    found = [draft_notice(study.draft, wording)] if study.draft else []
    pretrained = {weights.architecture for weights in study.weights if weights.source == "imagenet"}
    # An architecture that starts from ImageNet's weights, too, starts from random ones to be compared with that.
    random = [weights for weights in study.weights if weights.architecture not in pretrained]
    for notice, requested in (("weights_missing", "imagenet"), ("weights_random", "random")):
        if names := [wording.printer.text(one.model, "model") for one in random if one.requested == requested]:
            found.append(wording.text(f"notices.{notice}", models=", ".join(names), count=len(names)))
    if study.data.simulated:
        found.append(wording.text("notices.simulated"))
    return found


def draft_mark(study: Study, wording: Wording) -> str:
    """What every page of a draft says; empty for a finished study."""
    if study.draft is None:
        return ""
    return wording.text("draft.mark", done=len(study.draft.conditions), planned=study.draft.planned)


def draft_notice(draft: Draft, wording: Wording) -> str:
    """What is finished, what has begun, and that all may change."""
    begun = wording.text("draft.begun", names="; ".join(draft.begun)) if draft.begun else ""
    return wording.text(
        "draft.notice",
        done=len(draft.conditions),
        planned=draft.planned,
        seeds=len(draft.seeds),
        planned_seeds=draft.planned_seeds,
        begun=begun,
    )


def key_facts(study: Study, wording: Wording) -> list[Fact]:
    """The study in a few lines: images, models, runs, build."""
    printer = wording.printer
    counts = {split: study.value(f"facts.{split}_images", "count") for split in SPLITS}
    classes = study.value("facts.classes", "count")
    runs = {name: study.value(f"facts.{name}", "count") for name in ("conditions", "seeds", "epochs")}
    facts = [
        Fact(wording.text("facts.data"), wording.text("facts.data_text", classes=classes, **counts)),
        Fact(
            wording.text("facts.models"), ", ".join(printer.text(weights.model, "model") for weights in study.weights)
        ),
        Fact(wording.text("facts.runs"), wording.text("facts.runs_text", **runs)),
    ]
    if commit := study.provenance.commit:
        kept = "page.edited" if study.provenance.edited else "page.commit"
        build = wording.text(kept, commit=printer.text(commit, "short_hash"))
        facts.append(Fact(wording.text("facts.build"), build))
    return facts


def findings(study: Study, wording: Wording, section: str) -> list[str]:
    """What may be said in a section, in paragraphs: each technique has its own, and so has what sums them up."""
    paragraphs: list[list[str]] = []
    for finding in study.findings(section):
        if not paragraphs or finding.kind in OPENING_KINDS or len(paragraphs[-1]) == SENTENCES_PER_PARAGRAPH:
            paragraphs.append([])
        paragraphs[-1].append(wording.sentence(f"findings.{finding.kind}.{finding.verdict}", **finding.values))
    return [wording.joined(sentences) for sentences in paragraphs]


def definitions(study: Study, wording: Wording) -> list[Definition]:
    """What the measures and verdicts mean, in the order of the wording file."""
    thresholds = {
        "confidence": study.value("facts.confidence", "percent_exact"),
        "margin": study.value("facts.margin", "points"),
        "power": study.value("facts.power", "percent_exact"),
        "rise": study.value("facts.rise", "percent_exact"),
        "level": study.value("facts.level_share", "percent_exact"),
        "alike": study.value("facts.negligible_auroc", "decimal3"),
    }
    terms = wording.names("definitions.terms")
    return [Definition(term, wording.text(f"definitions.texts.{name}", **thresholds)) for name, term in terms.items()]


def model_notes(study: Study, wording: Wording) -> list[ModelNotes]:
    """Architecture, pretrained performance and computation time of each model with published figures."""
    published = {facts.architecture: facts for facts in study.analysis.published}
    return [_notes(study, weights, published[weights.architecture], wording) for weights in study.described_models]


def _notes(study: Study, weights: StartWeights, facts: ModelFacts, wording: Wording) -> ModelNotes:
    key = f"models.architectures.{facts.architecture}"
    place = f"published.{facts.architecture}"
    return ModelNotes(
        name=wording.printer.text(weights.model, "model"),
        architecture=wording.text(
            key if wording.has(key) else "models.architectures.other", architecture=facts.architecture
        ),
        performance=wording.text(
            "models.performance_text",
            top1=study.value(f"{place}.top1", "decimal"),
            top5=study.value(f"{place}.top5", "decimal"),
            weights=facts.weights,
        ),
        computation=wording.text(
            "models.computation_text",
            gflops=study.value(f"{place}.gflops", "decimal"),
            parameters=study.value(f"{place}.parameters", "millions"),
            file=study.value(f"{place}.file_mb", "decimal1"),
            latency=_latency(study, weights.model, wording),
        ),
    )


def _latency(study: Study, model: str, wording: Wording) -> str:
    place = f"latencies.{model}"
    if f"{place}.milliseconds_per_image" not in study.leaves:
        return ""
    return wording.text(
        "models.latency_text",
        device=study.value(f"{place}.device", "text"),
        threads=study.value(f"{place}.threads", "count"),
        px=study.value(f"{place}.image_px", "count"),
        batch=study.value(f"{place}.batch", "count"),
        time=study.value(f"{place}.milliseconds_per_image", "milliseconds"),
        low=study.value(f"{place}.low", "milliseconds"),
        high=study.value(f"{place}.high", "milliseconds"),
    )


def selection_rule(study: Study, wording: Wording) -> str:
    """By which rule the models were chosen, where one is known, and how many others are better and cheaper."""
    parts = []
    for weights in study.described_models:
        count = study.value(f"models_better_and_cheaper.{weights.model}", "count")
        key = "models.better_model" if count.value else "models.better_none"
        parts.append(wording.text(key, count=count, model=wording.printer.text(weights.model, "model")))
    rule = f"models.rules.{'+'.join(sorted({weights.architecture for weights in study.described_models}))}"
    better = wording.joined(parts, wording.text("models.better_joint"))
    return wording.text(rule if wording.has(rule) else "models.rules.other", better=better)


def image_text(study: Study, wording: Wording) -> str:
    """Where the images come from, how they are used, and what is known of patients and contents."""
    data = study.data
    verified = {True: "models.verified", False: "models.unverified"}
    sizes = [
        wording.text("models.original", size=study.value(f"data.original_sizes.{number}", "text"))
        for number in range(len(data.original_sizes))
    ]
    return wording.text(
        "models.images_text",
        source=study.value("data.source", "text"),
        px=study.value("data.image_px", "count"),
        originals=wording.text("models.originals", sizes=wording.joined(sizes, ", ")) if sizes else "",
        groups=_groups_text(study, wording),
        verified=wording.text(verified[data.verified]) if data.verified is not None else "",
        told=wording.text("models.told") if data.notes else "",
        limited=(
            wording.text("models.limited", limit=study.value("data.limit_per_class", "count"))
            if data.limit_per_class
            else ""
        ),
    )


def _groups_text(study: Study, wording: Wording) -> str:
    """Whether patients are known, and whether any stands on two sides of a split."""
    if not study.data.grouped:
        return wording.text("models.ungrouped")
    shared = study.patients_across_splits
    return wording.text("models.grouped_given", shared=shared) if shared else wording.text("models.grouped")


def baseline_text(study: Study, wording: Wording, table: StudyTable) -> str:
    """How a table's baseline trains, and where the table is."""
    place = f"plan.{table.baseline}"
    training = study.by_condition[table.baseline].training
    text = wording.text(
        "conditions.baseline" if len(table.conditions) > 1 else "conditions.alone",
        optimizer=training.optimizer.name,
        lr=study.value(f"{place}.lr", "learning_rate"),
        epochs=study.value(f"{place}.epochs", "count"),
        batch_size=study.value(f"{place}.batch_size", "count"),
        model=wording.printer.text(table.model, "model"),
        group=wording.printer.text(table.group, "group"),
        table=condition_table_id(table),
    )
    if not training.head_epochs:
        return text
    head = wording.text("conditions.head_first", head_epochs=study.value(f"{place}.head_epochs", "count"))
    return wording.joined([text, head])


def attention_text(study: Study, wording: Wording) -> str:
    """Whose attention maps are shown, what they cannot show, and how like those of a random network they are."""
    attention = study.attention
    if attention.missing:
        return wording.text(f"attention.missing.{attention.missing}")
    parts = [wording.text("attention.intro"), wording.text("attention.caution")]
    if attention.likeness is not None:
        parts.append(wording.text("attention.likeness", likeness=study.value("attention.likeness", "decimal")))
    return wording.joined(parts)


def comparison_text(study: Study, wording: Wording) -> str:
    """By what rules the conditions are compared."""
    conditions = any(comparison.difference.scope == "conditions" for comparison in study.analysis.comparisons)
    return wording.text(
        "comparison.intro",
        scope=wording.text("comparison.scope_conditions" if conditions else "comparison.scope_runs"),
        margin=study.value("facts.margin", "points"),
    )


def claims_text(study: Study, wording: Wording) -> str:
    """How many claims hold."""
    counts = {name: study.value(f"claims.{name}", "count") for name in ("all", "holds", "contradicted", "cannot_tell")}
    return wording.text("claims_section.count", **counts)
