"""What every sentence about a comparison of two conditions is told with."""

from transfer_report.analysis.lookup import Lookup, address
from transfer_report.records import Comparison, Finding, Value

LARGEST_POSSIBLE = 1.0
"""No two accuracies are further apart."""


def told_difference(lookup: Lookup, comparison: Comparison) -> dict[str, Value]:
    """Difference and interval, p-values, and images flipped."""
    place = address("comparisons", comparison)
    return lookup.interval("difference", f"{place}.difference", "signed_points") | {
        "p": lookup.value(f"{place}.p_adjusted", "p_equals"),
        "equivalence_p": lookup.value(f"{place}.equivalence_p", "p_equals"),
        "gained": lookup.value(f"{place}.gained", "count"),
        "lost": lookup.value(f"{place}.lost", "count"),
        "margin": lookup.value("facts.margin", "points"),
    }


def told_verdict(comparison: Comparison) -> str:
    """The verdict, with `_run` behind it where it speaks of these runs and not of the conditions."""
    return comparison.verdict if comparison.difference.scope == "conditions" else f"{comparison.verdict}_run"


def detectable_range(lookup: Lookup, section: str, family: str, *about: str) -> list[Finding]:
    """Which true differences the undecided comparisons of a family would show, if any that is possible."""
    smallest, largest = (lookup.value(f"facts.detectable_{end}.{family}", "points") for end in ("smallest", "largest"))
    if not largest.value:
        return []
    beyond = [isinstance(end.value, float) and end.value > LARGEST_POSSIBLE for end in (smallest, largest)]
    verdict = "impossible" if all(beyond) else "partly" if any(beyond) else "possible"
    if verdict == "possible" and lookup.evidence.facts[f"pairs_undecided.{family}"] == 1:
        verdict = "one"
    values = {"smallest": smallest, "largest": largest, "power": lookup.value("facts.power", "percent_exact")}
    return [Finding(kind="detectable_range", section=section, about=about, verdict=verdict, values=values)]
