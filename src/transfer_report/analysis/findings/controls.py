"""Findings on conditions that are not shown to beat a control."""

from transfer_report.analysis.controls import AUROC_LEVELS
from transfer_report.analysis.lookup import Lookup
from transfer_report.records.analysis import IMAGE_STATISTICS, MAJORITY_CLASS, Finding


def control_findings(lookup: Lookup) -> list[Finding]:
    """One sentence for all conditions that have one thing in common: how they rank, or what they do not beat."""
    return [
        Finding(
            kind="not_above_controls",
            section="controls",
            about=(group,),
            verdict=group,
            refs=_controls(lookup),
            exploratory=group in AUROC_LEVELS.values(),
        )
        for group in ("nothing", "weak", "ranks", "statistics")
        if lookup.evidence.facts.not_above_controls[group]
    ]


def controls_overview(lookup: Lookup, section: str) -> list[Finding]:
    """How many conditions are not shown to beat the majority class, or image statistics alone."""
    facts = lookup.evidence.facts
    counts = {"majority": facts.not_above_majority, "statistics": facts.not_above_statistics}
    below = [name for name, count in counts.items() if count]
    if not below:
        return []
    return [Finding(kind="controls", section=section, about=(), verdict="_".join(below), refs=_controls(lookup))]


def _controls(lookup: Lookup) -> dict[str, str]:
    names = {MAJORITY_CLASS: "majority", IMAGE_STATISTICS: "statistics"}
    return {names[one.name]: one.address for one in lookup.evidence.controls if one.name in names}
