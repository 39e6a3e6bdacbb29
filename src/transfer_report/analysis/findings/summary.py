"""The first page: what was asked, then one bullet for each topic, then the recommendation."""

from collections.abc import Sequence

from transfer_report.analysis.findings.comparison import models_without_match, recommendation
from transfer_report.analysis.findings.controls import controls_overview
from transfer_report.analysis.findings.pairwise import by_p_value, equivalents, headline, not_detected, pair_finding
from transfer_report.analysis.findings.table import most_runs, probes_kept
from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.questions import TOPICS, by_start, main_comparisons
from transfer_report.records.analysis import Comparison, Finding, Topic, Value

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
    names = ("conditions", "seeds", "most_seeds", "epochs", "train_images", "val_images", "test_images")
    verdict = "one_seed" if lookup.evidence.facts["most_seeds"] == 1 else "seeds"
    return Finding(
        kind="study",
        about=(),
        section=_SECTION,
        verdict=verdict,
        values={name: lookup.value(f"facts.{name}", "count") for name in names},
    )


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
    found: list[tuple[str, str, dict[str, Value]]] = []
    if facts["plans"]:
        able, reach, asked = (int(facts[name]) for name in ("plans_able", "plans_within_reach", "plans"))
        verdict = "enough" if able == asked else "seeds" if reach > able else "other"
        values = {
            name: lookup.value(f"facts.{name}", "count") for name in ("plans", "plans_able", "plans_within_reach")
        }
        values["target"] = lookup.value("facts.target_difference", "points")
        values["times"] = lookup.value("facts.more_seeds", "count")
        found.append(("next_seeds", verdict, values))
    if values := most_runs(lookup, "last", "last_epoch_runs", "fine_tuning"):
        found.append(("next_epochs", "longer", values))
    models = lookup.value("facts.missing_weights_models", "models")
    if models.value:
        found.append(("next_weights", "missing", {"models": models}))
    return [
        Finding(kind=kind, section=f"{_SECTION}:next", about=(), verdict=verdict, values=values)
        for kind, verdict, values in found
    ]


def _pretraining_untested(lookup: Lookup, section: str, *, alone: bool) -> list[Finding]:
    """Return which models lacked ImageNet weights; where no comparison was made for another reason, that."""
    models = lookup.value("facts.pretraining_unavailable", "models")
    if models.value:
        kind, verdict = "headline_pretraining" if alone else "pretraining_untested", "no_weights"
        return [Finding(kind=kind, section=section, about=(), verdict=verdict, values={"models": models})]
    if not alone or main_comparisons(lookup.evidence.comparisons, "weights"):
        return []
    return [Finding(kind="headline_pretraining", section=section, about=(), verdict="not_tested", values={})]
