"""Findings on conditions that are not shown to beat a control."""

from transfer_report.analysis.controls import AUROC_LEVELS
from transfer_report.analysis.lookup import Lookup
from transfer_report.records.analysis import IMAGE_STATISTICS, MAJORITY_CLASS, Finding


def control_findings(lookup: Lookup) -> list[Finding]:
    """One sentence for all conditions that have one thing in common: how they rank, or what they do not beat."""
    shared = {
        "majority": lookup.value(f"controls.{MAJORITY_CLASS}.estimates.test.accuracy.value", "percent"),
        "statistics": lookup.value(f"controls.{IMAGE_STATISTICS}.estimates.test.accuracy.value", "percent"),
        "ranks_well": lookup.value("facts.ranks_well", "number"),
    }
    found = []
    for group in ("nothing", "weak", "ranks", "statistics"):
        conditions = lookup.value(f"facts.not_above_controls.{group}", "conditions")
        if conditions.value:
            values = shared | {"conditions": conditions}
            found.append(
                Finding(
                    kind="not_above_controls",
                    section="controls",
                    about=(group,),
                    verdict=group,
                    values=values,
                    exploratory=group in AUROC_LEVELS.values(),
                )
            )
    return found


def controls_overview(lookup: Lookup, section: str) -> list[Finding]:
    """How many conditions are not shown to beat the majority class, or image statistics alone."""
    values = {
        "not_above_majority": lookup.value("facts.not_above_majority", "count"),
        "not_above_statistics": lookup.value("facts.not_above_statistics", "count"),
        "conditions": lookup.value("facts.conditions", "count"),
        "majority": lookup.value(f"controls.{MAJORITY_CLASS}.estimates.test.accuracy.value", "percent"),
        "statistics": lookup.value(f"controls.{IMAGE_STATISTICS}.estimates.test.accuracy.value", "percent"),
    }
    below = [name for name in ("majority", "statistics") if values[f"not_above_{name}"].value]
    if not below:
        return []
    return [Finding(kind="controls", section=section, about=(), verdict="_".join(below), values=values)]
