"""What may be said of the ways to train and of the start weights, and what validation recommends."""

from itertools import combinations

from transfer_report.analysis.families import BETWEEN_TASKS, PRETRAINING
from transfer_report.analysis.findings.told import detectable_range, told_difference, told_verdict
from transfer_report.analysis.lookup import Lookup
from transfer_report.records import Finding

SECTION = "comparison"


def comparison_findings(lookup: Lookup) -> list[Finding]:
    """The sentences of the comparison: each model in every task, the start weights, then the recommendation."""
    return [*between_tasks(lookup, SECTION), *pretraining(lookup), *recommendation(lookup, SECTION)]


def between_tasks(lookup: Lookup, section: str) -> list[Finding]:
    """How many comparisons of the ways to train are decided, and each of those: baselines, and what was selected."""
    told = []
    for first, second in combinations(lookup.evidence.tables, 2):
        if first.model != second.model:
            continue
        told.append(_pair(lookup, section, "tasks_baseline", first.baseline, second.baseline))
        best = lookup.evidence.selection.best_of_table
        reference, treatment = best[first.number], best[second.number]
        if (reference, treatment) != (first.baseline, second.baseline):
            told.append(_pair(lookup, section, "tasks_selected", reference, treatment))
    decided = [finding for finding in told if not finding.verdict.startswith("cannot_tell")]
    return [*_overview(lookup, section, told, decided), *_other_settings(lookup, section), *decided]


def _overview(lookup: Lookup, section: str, told: list[Finding], decided: list[Finding]) -> list[Finding]:
    """The undecided ones by their number: the table has each."""
    if len(decided) == len(told):
        return []
    values = {
        "pairs": lookup.value(f"facts.pairs.{BETWEEN_TASKS}", "count"),
        "undecided": lookup.value(f"facts.pairs_undecided.{BETWEEN_TASKS}", "count"),
    }
    return [
        Finding(kind="tasks", section=section, about=(), verdict="some" if decided else "none", values=values),
        *detectable_range(lookup, section, BETWEEN_TASKS),
    ]


def _other_settings(lookup: Lookup, section: str) -> list[Finding]:
    """Whether what is compared between the ways to train differs in other settings, too."""
    settings = lookup.value("facts.task_settings", "settings")
    if not settings.value:
        return []
    return [Finding(kind="tasks_settings", section=section, about=(), verdict="differ", values={"settings": settings})]


def pretraining(lookup: Lookup) -> list[Finding]:
    """Is it the pretraining? By the baselines that differ in their start weights alone, or why there are none."""
    pairs = [one for one in lookup.evidence.comparisons if (one.family, one.metric) == (PRETRAINING, "accuracy")]
    if not pairs:
        verdict = "no_weights" if lookup.evidence.facts["missing_weights"] else "not_tested"
        return [Finding(kind="pretraining", section=SECTION, about=(), verdict=verdict, values={})]
    told = [_pair(lookup, SECTION, "pretraining", one.reference, one.treatment, PRETRAINING) for one in pairs]
    return [*told, *detectable_range(lookup, SECTION, PRETRAINING, PRETRAINING)]


def _pair(
    lookup: Lookup, section: str, kind: str, reference: str, treatment: str, family: str = BETWEEN_TASKS
) -> Finding:
    comparison = lookup.comparison(family, treatment, reference)
    model = next(table.model for table in lookup.evidence.tables if treatment in table.conditions)
    values = told_difference(lookup, comparison) | {
        "model": lookup.value(f"models.{model}", "model"),
        "reference": lookup.condition(reference),
        "treatment": lookup.condition(treatment),
        "confidence": lookup.value("facts.confidence", "percent_exact"),
    }
    return Finding(
        kind=kind, section=section, about=(treatment, reference), verdict=told_verdict(comparison), values=values
    )


def recommendation(lookup: Lookup, section: str) -> list[Finding]:
    """What the rule recommends from validation, with what the test set then showed, runs of one answer first of all."""
    chosen, best = lookup.evidence.selection.recommended, lookup.evidence.selection.best
    values = {
        "condition": lookup.condition(chosen),
        "best": lookup.condition(best),
        "confidence": lookup.value("facts.confidence", "percent_exact"),
        **lookup.interval("validation", f"estimates.val.{chosen}.accuracy", "percent"),
        **lookup.interval("test", f"estimates.test.{chosen}.accuracy", "percent"),
        "best_validation": lookup.value(f"estimates.val.{best}.accuracy.value", "percent"),
    }
    verdict = "best" if chosen == best else "simpler"
    if lookup.evidence.facts["conditions"] == 1:
        verdict = "only"
    told = [Finding(kind="recommendation", section=section, about=(), verdict=verdict, values=values)]
    if constant := lookup.evidence.facts[f"constant_runs.{chosen}"]:
        verdict = "all" if constant == lookup.evidence.facts["seeds"] else "some"
        values = {
            "constant": lookup.value(f"facts.constant_runs.{chosen}", "count"),
            "seeds": lookup.value("facts.seeds", "count"),
        }
        told.append(Finding(kind="recommended_constant", section=section, about=(), verdict=verdict, values=values))
    return told
