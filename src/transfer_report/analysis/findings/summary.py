"""The first page: what was asked, then one bullet for each topic, then the recommendation."""

from collections.abc import Sequence

from transfer_report.analysis.findings.comparison import models_without_match, recommendation
from transfer_report.analysis.findings.controls import controls_overview
from transfer_report.analysis.findings.pairwise import by_p_value, equivalents, headline, not_detected, pair_finding
from transfer_report.analysis.findings.table import common, probes_kept
from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.questions import TOPICS, by_start, main_comparisons
from transfer_report.records.analysis import Comparison, Finding, Topic

MOST_OF_TOPIC = 3
"""Differences that a bullet lists one by one: those with the smallest p-values."""
_SECTION = "summary"


def summary_findings(lookup: Lookup) -> list[Finding]:
    """Return the sentences of the first page in reading order; each bullet is a section of its own."""
    bullets = [finding for topic in TOPICS for finding in _bullet(lookup, topic)]
    recommended = recommendation(lookup, f"{_SECTION}:recommendation")
    controls = controls_overview(lookup, f"{_SECTION}:controls")
    return [_study(lookup), *bullets, *controls, *recommended, *_next_steps(lookup)]


def _study(lookup: Lookup) -> Finding:
    """Return the size of the study."""
    verdict = "one_seed" if lookup.evidence.facts.most_seeds == 1 else "seeds"
    return Finding(kind="study", section=_SECTION, about=(), verdict=verdict)


def _bullet(lookup: Lookup, topic: Topic) -> list[Finding]:
    """Return what was found on a topic: headline, the clearest differences, one sentence on all others."""
    compared = main_comparisons(lookup.evidence.comparisons, topic)
    section = f"{_SECTION}:{topic}"
    untested = _pretraining_untested(lookup, section, alone=not compared) if topic == "pretraining" else []
    if not compared:
        return untested
    groups = by_start(lookup.evidence.comparisons, topic, lookup.random_starts)
    return [
        *(models_without_match(lookup, section) if topic == "network" else []),
        *(found for group, members in groups.items() for found in _answer(lookup, topic, group, members)),
        *(probes_kept(lookup, section, "lp_ft") if topic == "strategy" else []),
        *untested,
    ]


def _answer(lookup: Lookup, topic: Topic, group: str, compared: Sequence[Comparison]) -> list[Finding]:
    """Return the answer of some comparisons on a topic: what they show, the clearest, and all others in a sentence."""
    section = f"{_SECTION}:{topic}"
    together = equivalents(lookup, section, compared, group)
    in_one_sentence = ("inconclusive", "equivalent") if together else ("inconclusive",)
    decided = [one for one in compared if one.verdict not in in_one_sentence]
    listed = sorted(decided, key=by_p_value)[:MOST_OF_TOPIC]
    return [
        headline(lookup, topic, group, compared),
        *(pair_finding(lookup, section, topic, one) for one in compared if one in listed),
        *together,
        *not_detected(lookup, section, compared, group),
    ]


def _next_steps(lookup: Lookup) -> list[Finding]:
    """Return what would let the study decide more: seeds, epochs and missing weights, as far as each would help."""
    facts = lookup.evidence.facts
    found: list[tuple[str, str, dict[str, str]]] = []
    if facts.plans:
        more = "seeds" if facts.plans_within_reach > facts.plans_able else "other"
        found.append(("next_seeds", "enough" if facts.plans_able == facts.plans else more, {}))
    counts = lookup.run_counts["fine_tuning"]
    if common(counts.last_epoch_runs, counts.runs):
        found.append(("next_epochs", "longer", {"counts": counts.address}))
    if facts.missing_weights:
        found.append(("next_weights", "missing", {}))
    return [
        Finding(kind=kind, section=f"{_SECTION}:next", about=(), verdict=verdict, refs=refs)
        for kind, verdict, refs in found
    ]


def _pretraining_untested(lookup: Lookup, section: str, *, alone: bool) -> list[Finding]:
    """Return which models lacked ImageNet weights; where no comparison was made for another reason, that."""
    if lookup.evidence.facts.pretraining_unavailable:
        kind, verdict = "headline_pretraining" if alone else "pretraining_untested", "no_weights"
        return [Finding(kind=kind, section=section, about=(), verdict=verdict)]
    if not alone or main_comparisons(lookup.evidence.comparisons, "weights"):
        return []
    return [Finding(kind="headline_pretraining", section=section, about=(), verdict="not_tested")]
