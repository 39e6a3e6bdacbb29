"""Findings on pairwise comparisons: what was found of a topic, one difference, and all that was not detected."""

from collections.abc import Sequence

from transfer_report.analysis.lookup import Lookup
from transfer_report.records.analysis import Comparison, Finding


def pair_refs(lookup: Lookup, comparison: Comparison) -> dict[str, str]:
    """Refer to a comparison, and to those of its conditions of which runs failed, with which its sentence ends."""
    return {"pair": comparison.address} | failure_refs(lookup, comparison.treatment, comparison.reference)


def failure_refs(lookup: Lookup, treatment: str, reference: str) -> dict[str, str]:
    """Refer to those of two conditions of which runs failed."""
    sides = {"failed_treatment": lookup.conditions[treatment], "failed_reference": lookup.conditions[reference]}
    return {name: one.address for name, one in sides.items() if one.failed_runs}


UNDECIDED = ("inconclusive", "inconclusive_run", "no_value", "one_seed", "same_value", "none")
"""Verdicts that state nothing."""
SEVERAL = 2
"""Comparisons that show equivalence, from which on they share a sentence."""


def is_exploratory(comparison: Comparison) -> bool:
    """Return whether a comparison states something that is no answer to a main question."""
    return comparison.role == "exploratory" and comparison.verdict != "inconclusive"


def by_p_value(one: Comparison) -> tuple[float, float]:
    """Return the p-value behind a verdict and the size of the difference, to order comparisons by their clarity."""
    tested = one.equivalence_p_adjusted if one.verdict == "equivalent" else one.p_adjusted
    return 1.0 if tested is None else tested, -abs(one.difference.value)


def scoped_verdict(comparison: Comparison) -> str:
    """The verdict, with `_run` behind it where it holds for these runs and not for the conditions."""
    return comparison.verdict if comparison.difference.scope == "conditions" else f"{comparison.verdict}_run"


def headline(lookup: Lookup, topic: str, group: str, compared: Sequence[Comparison]) -> Finding:
    """Return what was found of a topic in one short sentence.

    Args:
        lookup: The evidence.
        topic: Topic of the question.
        group: Name of these comparisons in the facts that count them.
        compared: All main comparisons of the topic, or those from one kind of weights.

    Its verdict is that of the comparisons that were decided: all `better`, all `worse`, all `equivalent`, `mixed`, or
    `inconclusive` where none was. On other topics than pretraining, `winner` where one strategy, network or technique
    is better in each that shows a difference, `baseline` where that is the baseline, else `some`.
    """
    verdicts = {one.verdict for one in compared} - {"inconclusive"}
    verdict = "mixed" if len(verdicts) > 1 else next(iter(verdicts), "inconclusive")
    if topic != "pretraining" and verdict != "inconclusive":
        verdict = "equivalent" if verdict == "equivalent" else "some"
    counts = lookup.groups[group].address
    refs = {"group": counts, "decided": counts}
    if verdict == "some" and (winner := _winner(lookup, topic, compared)):
        departs = topic != "technique" or _varied(lookup, topic, winner)
        verdict = "winner" if departs else "baseline"
        refs["winner"] = lookup.conditions[winner].address
    about = () if group == topic else (group,)
    return Finding(kind=f"headline_{topic}", section=f"summary:{topic}", about=about, verdict=verdict, refs=refs)


def _winner(lookup: Lookup, topic: str, compared: Sequence[Comparison]) -> str:
    """Return a condition of the one strategy, network or technique that is better in each decided comparison, or ""."""
    better = [
        one.treatment if one.verdict == "better" else one.reference
        for one in compared
        if one.verdict in ("better", "worse")
    ]
    return better[0] if len({_varied(lookup, topic, key) for key in better}) == 1 else ""


def _varied(lookup: Lookup, topic: str, key: str) -> str:
    """Return what the comparisons of a topic vary, of one condition; empty for the technique of a baseline."""
    table = next(table for table in lookup.evidence.tables if key in table.conditions)
    if topic == "technique":
        return "; ".join(f"{name} {value}" for name, value in sorted(table.techniques.get(key, {}).items()))
    return table.strategy if topic == "strategy" else table.model


def pair_finding(lookup: Lookup, section: str, topic: str, comparison: Comparison) -> Finding:
    """Return the sentence on one decided comparison: what the two share, which is better, and by how much."""
    return Finding(
        kind="difference_pretraining" if topic == "pretraining" else "difference",
        section=section,
        about=(comparison.treatment, comparison.reference),
        verdict=scoped_verdict(comparison),
        refs=pair_refs(lookup, comparison),
        exploratory=is_exploratory(comparison),
    )


def equivalents(lookup: Lookup, section: str, compared: Sequence[Comparison], group: str) -> list[Finding]:
    """Return one sentence for several comparisons that show equivalence, with the range of their differences."""
    shown = [one for one in compared if one.verdict == "equivalent"]
    if len(shown) < SEVERAL:
        return []
    verdict = "runs" if any(one.difference.scope == "runs" for one in shown) else "conditions"
    refs = _range(lookup, shown, group)
    return [Finding(kind="equivalents", section=section, about=(group,), verdict=verdict, refs=refs)]


def not_detected(lookup: Lookup, section: str, compared: Sequence[Comparison], group: str) -> list[Finding]:
    """Return one sentence for all comparisons without a verdict, with the differences that the study could detect.

    Args:
        lookup: The evidence.
        section: Where the sentence stands.
        compared: Comparisons of one topic or of one table.
        group: Its name in the facts that count comparisons.
    """
    undecided = [one for one in compared if one.verdict == "inconclusive"]
    if not undecided:
        return []
    verdict = "all" if len(undecided) == len(compared) else "others"
    refs = _range(lookup, undecided, group)
    return [Finding(kind="not_detected", section=section, about=(group,), verdict=verdict, refs=refs)]


def _range(lookup: Lookup, members: Sequence[Comparison], group: str) -> dict[str, str]:
    """Refer to a group's counts, and to the members with the lowest and the highest difference."""
    ordered = sorted(members, key=lambda one: one.difference.value)
    return {
        "group": lookup.groups[group].address,
        "lowest": ordered[0].address,
        "highest": ordered[-1].address,
    }
