"""The recommendation, and what limits comparisons of strategies."""

from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.questions import main_comparisons
from transfer_report.records.analysis import Finding


def comparison_findings(lookup: Lookup) -> list[Finding]:
    """Return what limits comparisons of strategies and of networks: other settings, and networks without a match."""
    settings = {
        kind: lookup.value(f"facts.{fact}", "settings")
        for kind, fact in (("strategies_settings", "strategy_settings"), ("networks_settings", "network_settings"))
    }
    found = [
        Finding(kind=kind, section="comparison", about=(), verdict="differ", values={"settings": value})
        for kind, value in settings.items()
        if value.value
    ]
    on_first_page = main_comparisons(lookup.evidence.comparisons, "network")
    return found if on_first_page else [*found, *models_without_match(lookup, "comparison")]


def models_without_match(lookup: Lookup, section: str) -> list[Finding]:
    """Name the networks that were compared with no other, because none started from the same kind of weights."""
    models = lookup.value("facts.uncompared_models", "models")
    if not models.value:
        return []
    return [Finding(kind="uncompared_models", section=section, about=(), verdict="weights", values={"models": models})]


def recommendation(lookup: Lookup, section: str) -> list[Finding]:
    """State the recommendation from validation, its test result and the failed runs."""
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
    found = [Finding(kind="recommendation", section=section, about=(), verdict=verdict, values=values)]
    return [*found, *_recommended_failed(lookup, section, chosen)]


def _recommended_failed(lookup: Lookup, section: str, chosen: str) -> list[Finding]:
    """How many runs of the recommended condition failed, if any."""
    failed = lookup.value(f"facts.failed_runs.{chosen}", "count")
    if not failed.value:
        return []
    verdict = "all" if failed.value == lookup.evidence.facts[f"seeds.{chosen}"] else "some"
    values = {"failed": failed, "seeds": lookup.value(f"facts.seeds.{chosen}", "count")}
    return [Finding(kind="recommended_failed", section=section, about=(), verdict=verdict, values=values)]
