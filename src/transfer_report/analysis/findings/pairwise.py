"""Findings on pairwise comparisons: what was found of a topic, one difference, and all that was not detected."""

from collections.abc import Sequence

from transfer_report.analysis.lookup import Lookup, address
from transfer_report.records.analysis import Comparison, Finding, Value


def difference_values(lookup: Lookup, comparison: Comparison) -> dict[str, Value]:
    """Difference and interval, p-values, and images flipped."""
    place = address("comparisons", comparison)
    return lookup.interval("difference", f"{place}.difference", "signed_points") | {
        "p": lookup.value(f"{place}.p_adjusted", "p_equals"),
        **lookup.interval("equivalence", f"{place}.equivalence", "signed_points"),
        "equivalence_p": lookup.value(f"{place}.equivalence_p_adjusted", "p_equals"),
        "equivalence_confidence": lookup.value(f"{place}.equivalence.confidence", "percent_exact"),
        "margin": lookup.value("facts.margin", "points"),
        "confidence": lookup.value("facts.confidence", "percent_exact"),
        **failure_values(lookup, comparison.treatment, comparison.reference),
    }


def failure_values(lookup: Lookup, treatment: str, reference: str) -> dict[str, Value]:
    """How many runs of two conditions failed, with which every sentence about them ends; empty where none did."""
    if not any(lookup.evidence.facts[f"failed_runs.{key}"] for key in (treatment, reference)):
        return {}
    return {
        name: value
        for side, key in (("treatment", treatment), ("reference", reference))
        for name, value in {
            f"failed_{side}": lookup.value(f"facts.failed_runs.{key}", "count"),
            f"failed_{side}_of": lookup.value(f"facts.seeds.{key}", "count"),
            f"failed_{side}_name": lookup.condition(key),
        }.items()
    }


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
    counted = ("compared", "differ", "undecided")
    values = {name: lookup.value(f"facts.{name}.{group}", "count") for name in counted}
    values["failed_comparisons"] = lookup.value(f"facts.decided_failed.{group}", "count")
    values["start"] = lookup.value(f"facts.start.{group}", "start")
    values["models"] = lookup.value("facts.pretraining_models", "models")
    if verdict == "some" and (winner := _winner(lookup, topic, compared)):
        departs = topic != "technique" or _varied(lookup, topic, winner)
        verdict = "winner" if departs else "baseline"
        values["winner"] = lookup.value(f"conditions.{winner}", NAMED_BY[topic][1])
    about = () if group == topic else (group,)
    return Finding(kind=f"headline_{topic}", section=f"summary:{topic}", about=about, verdict=verdict, values=values)


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


NAMED_BY = {
    "pretraining": ("setup", "condition", "condition"),
    "weights": ("strategy_of", "model_of", "model_of"),
    "strategy": ("model_of", "strategy_of", "strategy_of"),
    "technique": ("setup", "technique", "technique"),
    "network": ("strategy_of", "model_of", "model_of"),
}
"""By topic, the formats that print what two conditions share, the treatment and the reference."""


def pair_finding(lookup: Lookup, section: str, topic: str, comparison: Comparison) -> Finding:
    """Return the sentence on one decided comparison: what the two share, which is better, and by how much."""
    treatment, reference = comparison.treatment, comparison.reference
    named = zip(("context", "treatment", "reference"), (treatment, treatment, reference), NAMED_BY[topic], strict=True)
    values = {name: lookup.value(f"conditions.{key}", format_) for name, key, format_ in named}
    return Finding(
        kind="difference_pretraining" if topic == "pretraining" else "difference",
        section=section,
        about=(treatment, reference),
        verdict=scoped_verdict(comparison),
        values=difference_values(lookup, comparison) | values,
        exploratory=is_exploratory(comparison),
    )


def equivalents(lookup: Lookup, section: str, compared: Sequence[Comparison], group: str) -> list[Finding]:
    """Return one sentence for several comparisons that show equivalence, with the range of their differences."""
    shown = sorted((one for one in compared if one.verdict == "equivalent"), key=lambda one: one.difference.value)
    if len(shown) < SEVERAL:
        return []
    values = {
        "equivalent": lookup.value(f"facts.equivalent.{group}", "count"),
        "compared": lookup.value(f"facts.compared.{group}", "count"),
        "lowest": lookup.value(f"{address('comparisons', shown[0])}.difference.value", "signed_points"),
        "highest": lookup.value(f"{address('comparisons', shown[-1])}.difference.value", "signed_points"),
        "margin": lookup.value("facts.margin", "points"),
        "weak": lookup.value(f"facts.equivalent_weak.{group}", "count"),
    }
    verdict = "runs" if any(one.difference.scope == "runs" for one in shown) else "conditions"
    return [Finding(kind="equivalents", section=section, about=(group,), verdict=verdict, values=values)]


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
    ordered = sorted(undecided, key=lambda one: one.difference.value)
    values = {
        "undecided": lookup.value(f"facts.undecided.{group}", "count"),
        "lowest": lookup.value(f"{address('comparisons', ordered[0])}.difference.value", "signed_points"),
        "highest": lookup.value(f"{address('comparisons', ordered[-1])}.difference.value", "signed_points"),
        "smallest": lookup.value(f"facts.detectable_smallest.{group}", "points"),
        "largest": lookup.value(f"facts.detectable_largest.{group}", "points"),
        "undetectable": lookup.value(f"facts.undetectable.{group}", "count"),
        "power": lookup.value("facts.power", "percent_exact"),
    }
    verdict = "all" if len(undecided) == len(compared) else "others"
    return [Finding(kind="not_detected", section=section, about=(group,), verdict=verdict, values=values)]
