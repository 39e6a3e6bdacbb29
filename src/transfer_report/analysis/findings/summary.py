"""What the first page says: the study, what was found in one paragraph, and what it cannot speak of."""

from transfer_report.analysis.families import within_table
from transfer_report.analysis.findings.comparison import between_tasks, recommendation
from transfer_report.analysis.lookup import Lookup
from transfer_report.records import Finding

SECTION = "summary"


def summary_findings(lookup: Lookup) -> list[Finding]:
    """The sentences of the summary, in reading order."""
    tasks = [finding for finding in between_tasks(lookup, SECTION) if finding.kind != "tasks_selected"]
    if not any(finding.kind == "tasks_baseline" for finding in tasks):  # where none is decided, it explains nothing
        tasks = [finding for finding in tasks if finding.kind != "tasks_settings"]
    recommended = [*recommendation(lookup, SECTION), *_recommended_fall(lookup)]
    return [_study(lookup), *recommended, *tasks, *_techniques(lookup), *_constant(lookup)]


def _study(lookup: Lookup) -> Finding:
    """What was run: the size of the study, and its subject matter."""
    names = ("conditions", "seeds", "epochs", "train_images", "val_images", "test_images")
    verdict = "one_seed" if lookup.evidence.facts["seeds"] == 1 else "seeds"
    return Finding(
        kind="study",
        about=(),
        section=SECTION,
        verdict=verdict,
        values={name: lookup.value(f"facts.{name}", "count") for name in names},
    )


def _recommended_fall(lookup: Lookup) -> list[Finding]:
    """Whether the recommended condition is shown to do worse on the test images than in validation."""
    chosen = lookup.evidence.selection.recommended
    if not any(fall.condition == chosen and fall.verdict == "fell" for fall in lookup.evidence.falls):
        return []
    values = lookup.interval("fall", f"falls.{chosen}.difference", "points") | {
        "p": lookup.value(f"falls.{chosen}.p_adjusted", "p_equals"),
        "confidence": lookup.value("facts.confidence", "percent_exact"),
    }
    return [Finding(kind="recommended_fall", section=SECTION, about=(), verdict="fell", values=values)]


def _constant(lookup: Lookup) -> list[Finding]:
    """How many conditions have runs that give one answer to all."""
    if not lookup.evidence.facts["constant_conditions"]:
        return []
    values = {
        "constant": lookup.value("facts.constant_conditions", "count"),
        "conditions": lookup.value("facts.conditions", "count"),
    }
    return [Finding(kind="constant_conditions", section=SECTION, about=(), verdict="some", values=values)]


def _techniques(lookup: Lookup) -> list[Finding]:
    """How many of the techniques, where there are any, are shown to change test accuracy against their baseline."""
    if not lookup.evidence.facts["techniques"]:
        return []
    changed = [
        comparison
        for table in lookup.evidence.tables
        for treatment in table.conditions[1:]
        if (comparison := lookup.comparison(within_table(table), treatment, table.baseline)).verdict
        in ("better", "worse")
    ]
    scope = {comparison.difference.scope for comparison in lookup.evidence.comparisons}
    verdict = ("some" if changed else "none") + ("_runs" if scope == {"runs"} else "")
    values = {
        "changed": lookup.value("facts.techniques_changed", "count"),
        "techniques": lookup.value("facts.techniques", "count"),
    }
    return [Finding(kind="techniques", section=SECTION, about=(), verdict=verdict, values=values)]
