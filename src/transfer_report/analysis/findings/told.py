"""What every sentence about a comparison of two conditions is told with."""

from transfer_report.analysis.lookup import Lookup, address
from transfer_report.records import Comparison, Value


def told_difference(lookup: Lookup, comparison: Comparison) -> dict[str, Value]:
    """Difference and interval, p, images flipped, and what the study could have found."""
    place = address("comparisons", comparison)
    return lookup.interval("difference", f"{place}.difference", "signed_points") | {
        "p": lookup.value(f"{place}.p_adjusted", "p_equals"),
        "equivalence_p": lookup.value(f"{place}.equivalence_p", "p_equals"),
        "gained": lookup.value(f"{place}.gained", "count"),
        "lost": lookup.value(f"{place}.lost", "count"),
        "detectable": lookup.value(f"{place}.detectable", "points_size"),
        "margin": lookup.value("facts.margin", "points_size"),
        "power": lookup.value("facts.power", "percent_exact"),
    }


def told_verdict(comparison: Comparison) -> str:
    """The verdict, with `_run` behind it where it speaks of these runs and not of the conditions."""
    return comparison.verdict if comparison.difference.scope == "conditions" else f"{comparison.verdict}_run"
