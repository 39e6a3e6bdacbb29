"""Fixed passages of the report, filled with values of the records."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from transfer_report.analysis.questions import TOPICS
from transfer_report.analysis.tables import TableGroup
from transfer_report.records.models import InitialWeights, ModelFacts
from transfer_report.records.report import ChangedQuestions, Draft
from transfer_report.report.study import Study
from transfer_report.wording.wording import Wording

SENTENCES_PER_PARAGRAPH = 5
OPENING_KINDS = ("recall_gap",)
"""Findings that begin a paragraph."""
FIRST_PAGE_LABELS = ("recommendation", "controls", "next")
"""Bullets of the first page without a headline of their own."""
MOST_CONDITIONS_NAMED = 4
"""Conditions that a passage names; of more it says the number, and a table has them."""


class ModelNotes(NamedTuple):
    """The three notes that the homework asks for each model."""

    name: str
    architecture: str
    performance: str
    computation: str


class Bullet(NamedTuple):
    """One answer of the first page: what was found in a few words, and its numbers."""

    topic: str
    label: str
    text: str


class Fact(NamedTuple):
    """One line of the box next to the summary."""

    name: str
    text: str


class Definition(NamedTuple):
    """Definition of a term of the report, with its source."""

    name: str
    term: str
    text: str


def notices(study: Study, wording: Wording) -> list[str]:
    """Return warnings that limit conclusions: failed runs, random weights, altered images, shared patients."""
    found = [draft_notice(study.draft, wording)] if study.draft else []
    pretrained = {weights.architecture for weights in study.weights if weights.source != "random"}
    # An architecture that starts from pretrained weights, too, starts from random ones to be compared with that.
    random = [weights for weights in study.weights if weights.architecture not in pretrained]
    for notice, requested in (("weights_missing", "imagenet"), ("weights_random", "random")):
        if names := [wording.printer.text(one.model, "model") for one in random if one.requested == requested]:
            found.append(wording.text(f"notices.{notice}", models=", ".join(names)))
    if study.changed_questions:
        found.append(changed_questions_notice(study.changed_questions, wording))
    if any(weights.source == "random" for weights in study.weights):
        found.append(wording.text("notices.one_draw"))
    if study.analysis.failed_runs:
        found.append(failed_runs_notice(study, wording))
    if study.data.simulated:
        found.append(wording.text("notices.simulated"))
    if study.data.verified is False:
        found.append(wording.text("notices.unverified"))
    if shared := study.patients_across_splits:
        found.append(wording.text("notices.shared_patients", shared=shared.count))
    return found


def changed_questions_notice(changed: ChangedQuestions, wording: Wording) -> str:
    """Return the notice of main questions that changed after the first results."""

    def named(questions: Sequence[str]) -> str:
        return wording.joined([wording.text(f"notices.main_questions.{one}") for one in questions], ", ")

    return wording.text(
        "notices.questions_changed" if changed.before else "notices.questions_named_late",
        before=named(changed.before),
        now=named(changed.now) or wording.text("notices.main_questions.none"),
        date=changed.date,
        commit=wording.printer.text(changed.commit, "short_hash"),
    )


def failed_runs_notice(study: Study, wording: Wording) -> str:
    """Return the notice of failed runs: count, conditions and seeds."""
    conditions = [
        wording.text("notices.failed_condition", one=one, seeds=sorted((*one.failed_one_class, *one.failed_loss)))
        for one in study.analysis.conditions
        if one.failed_runs
    ]
    return wording.text(
        "notices.failed_runs", conditions=wording.joined(conditions, "; "), sound=sound_runs_text(study, wording)
    )


def sound_runs_text(study: Study, wording: Wording) -> str:
    """The rate of failures that sound runs do not exclude, by the fewest and the most seeds of a condition."""
    facts = study.analysis.facts
    return wording.text("notices.sound_runs" if facts.most_seeds == facts.seeds else "notices.sound_runs_two")


def draft_mark(study: Study, wording: Wording) -> str:
    """Return the mark on every page of a draft; empty for a finished study."""
    if study.draft is None:
        return ""
    return wording.text("draft.mark", done=len(study.draft.conditions), planned=study.draft.planned)


def draft_notice(draft: Draft, wording: Wording) -> str:
    """Return the draft's notice: what is finished or begun, and that all may change."""
    begun = wording.text("draft.begun", names="; ".join(draft.begun)) if draft.begun else ""
    return wording.text(
        "draft.notice",
        done=len(draft.conditions),
        planned=draft.planned,
        runs=draft.runs,
        planned_runs=draft.planned_runs,
        begun=begun,
    )


def key_facts(study: Study, wording: Wording) -> list[Fact]:
    """The study in a few lines: images, models, runs, build."""
    printer = wording.printer
    facts = [
        Fact(wording.text("facts.data"), wording.text("facts.data_text")),
        Fact(
            wording.text("facts.models"), ", ".join(printer.text(weights.model, "model") for weights in study.weights)
        ),
        Fact(wording.text("facts.runs"), wording.text("facts.runs_text")),
    ]
    if commit := study.provenance.commit:
        kept = "page.edited" if study.provenance.edited else "page.commit"
        build = wording.text(kept, commit=printer.text(commit, "short_hash"))
        facts.append(Fact(wording.text("facts.build"), build))
    return facts


def question(study: Study, wording: Wording) -> str:
    """Return the study's question, by the comparisons that it makes."""
    compared = {group.name: group.compared for group in study.analysis.compared_groups}
    asked: list[str] = [topic for topic in TOPICS if compared[topic]]
    parts = [wording.text(f"front.asked.{topic}") for topic in asked or ["condition"]]
    first = wording.joined(parts[:-1], wording.text("front.joint"))
    together = wording.joined([part for part in (first, parts[-1]) if part], wording.text("front.last_joint"))
    return wording.text("front.question", questions=together)


def bullets(study: Study, wording: Wording) -> list[Bullet]:
    """The answers of the first page, the most important first."""
    found = []
    for section in dict.fromkeys(one.section for one in study.analysis.findings):
        place, _, topic = section.partition(":")
        if place == "summary" and topic:
            sentences = [wording.finding(finding) for finding in study.findings(section)]
            if topic == "next" and study.analysis.plans:
                sentences.append(wording.text("front.plans"))
            label = wording.text(f"front.labels.{topic}") if topic in FIRST_PAGE_LABELS else sentences.pop(0)
            found.append(Bullet(topic, label, wording.joined(sentences)))
    return found


def findings(study: Study, wording: Wording, section: str) -> list[str]:
    """Return the findings of a section in paragraphs: one per technique, and one for the summary."""
    paragraphs: list[list[str]] = []
    for finding in study.findings(section):
        if not paragraphs or finding.kind in OPENING_KINDS or len(paragraphs[-1]) == SENTENCES_PER_PARAGRAPH:
            paragraphs.append([])
        paragraphs[-1].append(wording.finding(finding))
    return [wording.joined(sentences) for sentences in paragraphs]


def definitions(study: Study, wording: Wording) -> list[Definition]:
    """Return definitions of measures and verdicts, in the order of the wording file."""
    promises = {one.role: one for one in study.analysis.promises}
    sound = sound_runs_text(study, wording)
    terms = wording.names("definitions.terms")
    return [
        Definition(name, term, wording.text(f"definitions.texts.{name}", **promises, sound=sound))
        for name, term in terms.items()
    ]


def model_notes(study: Study, wording: Wording) -> list[ModelNotes]:
    """Architecture, pretrained performance and computation time of each model with published figures."""
    published = {facts.architecture: facts for facts in study.analysis.published}
    return [_notes(study, weights, published[weights.architecture], wording) for weights in study.described_models]


def _notes(study: Study, weights: InitialWeights, facts: ModelFacts, wording: Wording) -> ModelNotes:
    key = f"models.architectures.{facts.architecture}"
    latency = next((one for one in study.analysis.latencies if one.model == weights.model), None)
    return ModelNotes(
        name=wording.printer.text(weights.model, "model"),
        architecture=wording.text(
            key if wording.has(key) else "models.architectures.other", architecture=facts.architecture
        ),
        performance=wording.text("models.performance_text", published_of=facts),
        computation=wording.text(
            "models.computation_text",
            published_of=facts,
            latency="" if latency is None else wording.text("models.latency_text", latency=latency),
        ),
    )


def selection_rule(study: Study, wording: Wording) -> str:
    """By which rule the models were chosen, where one is known, and how many others are better and cheaper."""
    parts = []
    for weights in study.described_models:
        count = study.records.at(f"models_better_and_cheaper.{weights.model}")
        key = "models.better_model" if count else "models.better_none"
        parts.append(wording.text(key, count=count, model=wording.printer.text(weights.model, "model")))
    rule = f"models.rules.{'+'.join(sorted({weights.architecture for weights in study.described_models}))}"
    better = wording.joined(parts, wording.text("models.better_joint"))
    return wording.text(rule if wording.has(rule) else "models.rules.other", better=better)


def image_text(study: Study, wording: Wording) -> str:
    """Where the images come from, how they are used, and what is known of patients and contents."""
    data = study.data
    verified = {True: "models.verified", False: "models.unverified"}
    drawn = {figure.id for figure in study.figures.figures}
    sizes = [wording.text("models.original", size=size) for size in data.original_sizes]
    return wording.text(
        "models.images_text",
        samples="samples" in drawn,
        flow="flow" in drawn,
        cohort=wording.text("models.cohort") if data.characteristics else "",
        originals=wording.text("models.originals", sizes=wording.joined(sizes, ", ")) if sizes else "",
        patients=_patients_text(study, wording),
        verified=wording.text(verified[data.verified]) if data.verified is not None else "",
        source_notes=wording.text("models.source_notes") if data.notes else "",
        flagged=_checks_text(study, wording),
        limited=wording.text("models.limited") if data.limit_per_class else "",
    )


def _checks_text(study: Study, wording: Wording) -> str:
    if not study.data.checks:
        return ""
    flagged = any(not check.passed for check in study.data.checks)
    return wording.text("models.flagged" if flagged else "models.nothing_flagged")


def _patients_text(study: Study, wording: Wording) -> str:
    """Return a sentence on whether patients are known, and whether any are in two splits."""
    if not study.data.has_patients:
        return wording.text("models.no_patients")
    shared = study.patients_across_splits
    return wording.text("models.patients_given", shared=shared.count) if shared else wording.text("models.patients")


def _fitted(study: Study, condition: str, *, alike: bool) -> str:
    """The text on how a baseline's head, or whole network, is fitted."""
    if study.by_condition[condition].training.head == "solved":
        return "conditions.solved"
    return "conditions.shared" if alike else "conditions.baseline"


def group_text(study: Study, wording: Wording, group: TableGroup) -> str:
    """How the baselines of a group train."""
    baselines = [table.baseline for table in group.tables]
    alike = len({study.by_condition[key].training.model_dump_json() for key in baselines}) == 1
    parts = [
        wording.text(
            _fitted(study, key, alike=alike), model=wording.printer.text(key, "model_of"), training=study.training[key]
        )
        for key in (baselines[:1] if alike else baselines)
    ]
    applies: dict[str, Callable[[str], bool]] = {
        "penalty": lambda key: study.training[key].head == "solved",
        "partly": lambda key: key in study.trains_partly(group.strategy),
        "unfreezing": lambda key: study.training[key].unfreeze_every > 0,
    }
    parts += [
        wording.text(f"conditions.{name}", condition=key, training=study.training[key], runs=study.runs[key])
        for name, is_so in applies.items()
        for key in group.conditions
        if is_so(key)
    ]
    if group is next((other for other in study.groups if other.strategy != "linear_probe"), None):
        batch_norm = study.by_condition[baselines[0]].training.batch_norm
        parts.append(wording.text(f"conditions.batch_norm.{batch_norm}"))
    return wording.joined(parts)


def tuning_text(study: Study, wording: Wording) -> str:
    """What was tuned, how, and what that means for the verdicts; empty where nothing was."""
    facts = study.analysis.facts.tuning
    if facts is None:
        return ""
    parts = [wording.text("tuning.intro")]
    for name, count, keys in (("edge", facts.edge_count, facts.edge), ("unlike", facts.unlike_count, facts.unlike)):
        shown = keys if len(keys) <= MOST_CONDITIONS_NAMED else []
        parts.append(wording.text(f"tuning.{name}" if keys else f"tuning.no_{name}", count=count, shown=shown))
    return wording.joined([*parts, wording.text("tuning.scope")])


def attention_text(study: Study, wording: Wording) -> str:
    """Whose attention maps are shown, what they cannot show, and how like those of a random network they are."""
    attention = study.attention
    if attention.missing:
        return wording.text(f"attention.missing.{attention.missing}")
    parts = [wording.text("attention.intro"), wording.text("attention.caution")]
    if attention.tokens:
        parts.append(wording.text("attention.tokens"))
    if attention.likeness is not None:
        parts.append(wording.text("attention.likeness"))
    return wording.joined(parts)


def comparison_text(study: Study, wording: Wording) -> str:
    """Return the introduction to the comparisons, with the scope of intervals and verdicts."""
    scopes = {comparison.difference.scope for comparison in study.analysis.comparisons}
    scope = "mixed" if len(scopes) > 1 else "".join(scopes)
    return wording.text(
        "comparison.intro",
        scope=wording.text(f"comparison.scope_{scope}"),
    )


def clinical_text(study: Study, wording: Wording) -> str:
    """Return the introduction to the figures and tables of the risks, with the conditions shown."""
    binary = len(study.evaluation.classes) == 2
    parts = [
        wording.text("clinical.intro", positive=study.evaluation.classes[1] if binary else ""),
        wording.text("clinical.shown.binary" if binary else "clinical.shown.classes"),
    ]
    if not binary and study.clinical.images.operating_points:
        parts.append(wording.text("clinical.shown.point"))
    return wording.joined(parts)
