"""The recommendation, and what limits comparisons of strategies."""

from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.questions import main_comparisons
from transfer_report.records.analysis import Finding


def comparison_findings(lookup: Lookup) -> list[Finding]:
    """Return what limits comparisons of strategies and of networks: other settings, and networks without a match."""
    facts = lookup.evidence.facts
    settings = {"strategies_settings": facts.strategy_settings, "networks_settings": facts.network_settings}
    found = [
        Finding(kind=kind, section="comparison", about=(), verdict="differ")
        for kind, names in settings.items()
        if names
    ]
    on_first_page = main_comparisons(lookup.evidence.comparisons, "network")
    return found if on_first_page else [*found, *models_without_match(lookup, "comparison")]


def models_without_match(lookup: Lookup, section: str) -> list[Finding]:
    """Name the networks that were compared with no other, because none started from the same kind of weights."""
    if not lookup.evidence.facts.uncompared_models:
        return []
    return [Finding(kind="uncompared_models", section=section, about=(), verdict="weights")]


def recommendation(lookup: Lookup, section: str) -> list[Finding]:
    """State the recommendation from validation, its test result and the failed runs."""
    selection, estimates = lookup.evidence.selection, lookup.evidence.estimates
    verdict = "best" if selection.recommended == selection.best else "simpler"
    if lookup.evidence.facts.conditions == 1:
        verdict = "only"
    refs = {
        "validation": estimates["val"][selection.recommended]["accuracy"].address,
        "best_validation": estimates["val"][selection.best]["accuracy"].address,
        "test": estimates["test"][selection.recommended]["accuracy"].address,
    }
    found = [Finding(kind="recommendation", section=section, about=(), verdict=verdict, refs=refs)]
    chosen = lookup.conditions[selection.recommended]
    if chosen.failed_runs:
        verdict = "all" if chosen.failed_runs == chosen.seeds else "some"
        refs = {"condition": chosen.address}
        found.append(Finding(kind="recommended_failed", section=section, about=(), verdict=verdict, refs=refs))
    return found
