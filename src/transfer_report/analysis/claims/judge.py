"""How a claim is judged: it holds when every part is shown, and is contradicted when any part's opposite is."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from transfer_report.analysis.claims.predicates import (
    Claim,
    CurveDifference,
    CurveLevel,
    Difference,
    Dropped,
    Faster,
    LargestEffect,
    NotTested,
    Published,
    PublishedFigure,
    PublishedRatio,
    RisingLoss,
    Simple,
    compared_by,
    named_by,
)
from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.rules import Effect, departs_further, effect_of, why_no_interval
from transfer_report.errors import UserError, did_you_mean
from transfer_report.records.analysis import ClaimEvidence, ClaimResult, Metric, Verdict
from transfer_report.records.models import ModelFacts

ClaimVerdict = Literal["holds", "contradicted", "inconclusive"]


AGREE_BY_CHANCE = 0.05
"""Share of studies in which the runs of a claim's conditions may all agree by chance (one-sided sign test)."""


@dataclass(frozen=True)
class Judgement:
    """Outcome of one predicate: the sentence in the wording file, and what it is about, as in `ClaimEvidence`."""

    outcome: ClaimVerdict
    wording: str
    refs: dict[str, str] = field(default_factory=dict)
    own: dict[str, bool | float | int | str] = field(default_factory=dict)
    details: tuple["Judgement", ...] = ()
    """Judgements that the outcome rests on, printed after it."""


def judge(claim: Claim, lookup: Lookup) -> ClaimResult:
    """Hold a claim against the evidence.

    A predicate is not decided if a condition's model did not start from the requested weights, or if its settings
    differ from those the claim assumes: the claim is about other networks, or other trainings. Its numbers are printed
    all the same.
    """
    parts, reasons = [], []
    rising = sum(isinstance(predicate, RisingLoss) for predicate in claim.all_of)
    for predicate in claim.all_of:
        part = JUDGES[type(predicate)](predicate, lookup)
        if isinstance(predicate, RisingLoss) and not _enough_agree(predicate, rising, lookup):
            part = replace(part, outcome="inconclusive")
        against = [*_without_weights(predicate, lookup), *_other_settings(predicate, claim, lookup)]
        part = replace(part, outcome="inconclusive") if against else part
        parts.append(replace(part, details=(*part.details, *_failures(predicate, lookup, part.outcome))))
        reasons += against
    parts = [*(reason for index, reason in enumerate(reasons) if reason not in reasons[:index]), *parts]
    outcomes = {part.outcome for part in parts}
    verdict: ClaimVerdict = (
        "contradicted" if "contradicted" in outcomes else "holds" if outcomes == {"holds"} else "inconclusive"
    )
    evidence = [
        ClaimEvidence(wording=judgement.wording, verdict=part.outcome, refs=judgement.refs, own=judgement.own)
        for part in parts
        for judgement in (part, *part.details)
    ]
    return ClaimResult(id=claim.id, text=claim.text, reads_as=claim.reads_as, verdict=verdict, evidence=evidence)


def _enough_agree(predicate: RisingLoss, parts: int, lookup: Lookup) -> bool:
    """Return whether so many runs rarely agree by chance, in a claim with so many parts (Bonferroni)."""
    runs = len(lookup.curve(predicate.condition, "overfitting_onset").per_seed)
    return 0.5**runs <= AGREE_BY_CHANCE / parts


def _without_weights(predicate: Simple, lookup: Lookup) -> list[Judgement]:
    """That a condition did not start from the weights that were asked for, where one did not."""
    missing = any(lookup.conditions[condition].missing_weights for condition in named_by(predicate))
    return [Judgement("inconclusive", "random_start")] if missing else []


def _failures(predicate: Simple, lookup: Lookup, outcome: ClaimVerdict) -> tuple[Judgement, ...]:
    """That runs of a condition failed, for each that the predicate names: its numbers include theirs."""
    named = (lookup.conditions[condition] for condition in dict.fromkeys(named_by(predicate)))
    return tuple(Judgement(outcome, "failed_runs", {"condition": one.address}) for one in named if one.failed_runs)


def _other_settings(predicate: Simple, claim: Claim, lookup: Lookup) -> list[Judgement]:
    """Return the settings of conditions that contradict what the claim assumes."""
    return [
        Judgement("inconclusive", "other_settings", {"condition": one.address}, {"setting": name, "claimed": claimed})
        for one in (lookup.conditions[condition] for condition in dict.fromkeys(named_by(predicate)))
        for name, claimed in claim.given.get(one.condition, {}).items()
        if one.settings[name] != claimed
    ]


def _published(claim: Published, lookup: Lookup) -> Judgement:
    facts = _facts(claim.architecture, lookup)
    same = round(_figure(facts, claim.figure), claim.decimals) == claim.value
    return Judgement("holds" if same else "contradicted", f"published.{claim.figure}", {"facts_of": facts.address})


def _published_ratio(claim: PublishedRatio, lookup: Lookup) -> Judgement:
    larger, smaller = _facts(claim.larger, lookup), _facts(claim.smaller, lookup)
    enough = _figure(larger, claim.figure) >= claim.factor * _figure(smaller, claim.figure)
    refs = {"larger": larger.address, "smaller": smaller.address}
    return Judgement("holds" if enough else "contradicted", f"published_ratio.{claim.figure}", refs)


def _facts(architecture: str, lookup: Lookup) -> ModelFacts:
    known = {one.architecture: one for one in lookup.evidence.published}
    if architecture not in known:
        raise UserError(f"nothing is published of {architecture!r}; {did_you_mean(architecture, known)}")
    return known[architecture]


def _figure(facts: ModelFacts, figure: PublishedFigure) -> float:
    value: float | None = getattr(facts, figure)
    if value is None:
        raise UserError(f"no {figure} of {facts.architecture} is published")
    return value


def _faster(claim: Faster, lookup: Lookup) -> Judgement:
    """By the shortest passes, the best estimates, and only where one model's median lies below the other's shortest."""
    latencies = {one.model: one for one in lookup.evidence.latencies}
    if missing := {claim.faster, claim.slower} - {*latencies}:
        raise UserError(f"no time of {', '.join(sorted(missing))} was measured")
    fast, slow = latencies[claim.faster], latencies[claim.slower]
    outcome: ClaimVerdict = "inconclusive"
    if fast.median < slow.milliseconds_per_image:
        outcome = "holds"
    elif slow.median < fast.milliseconds_per_image:
        outcome = "contradicted"
    return Judgement(outcome, "faster", {"fast": fast.address, "slow": slow.address})


def _difference(claim: Difference, lookup: Lookup) -> Judgement:
    verdict = effect_of(*lookup.either_way(claim.treatment, claim.reference, claim.metric)).verdict
    outcome: ClaimVerdict = "holds" if verdict == claim.expect else "contradicted"
    if verdict == "inconclusive":
        outcome = "inconclusive"
    return _difference_judgement(outcome, claim.treatment, claim.reference, claim.metric, lookup, claim.expect)


def _difference_judgement(
    outcome: ClaimVerdict,
    treatment: str,
    reference: str,
    metric: Metric,
    lookup: Lookup,
    expect: Verdict = "inconclusive",
) -> Judgement:
    """A difference in the claim's direction; with the test of equivalence where that is claimed or found."""
    pair, turned = lookup.either_way(treatment, reference, metric)
    kind = "equivalence" if "equivalent" in (expect, pair.verdict) else "difference"
    return Judgement(outcome, f"{kind}_{pair.difference.scope}", {"pair": pair.address}, {"turned": turned})


def _curve_difference(claim: CurveDifference, lookup: Lookup) -> Judgement:
    found = lookup.curves_either_way(claim.treatment, claim.reference, claim.measure)
    if found is None or found[0].difference is None or found[0].p_adjusted is None:
        refs = {"treatment": lookup.conditions[claim.treatment].address,
                "reference": lookup.conditions[claim.reference].address}  # fmt: skip
        return Judgement("inconclusive", "curve_pair_no_value", refs, {"measure": claim.measure})
    pair, turned = found
    verdict = pair.verdict
    if turned:
        verdict = {"higher": "lower", "lower": "higher"}.get(verdict, verdict)  # type: ignore[assignment]
    outcome: ClaimVerdict = "holds" if verdict == claim.expect else "contradicted"
    if verdict == "inconclusive":
        outcome = "inconclusive"
    return Judgement(outcome, "curve_difference", {"pair": pair.address}, {"turned": turned})


def _curve_level(claim: CurveLevel, lookup: Lookup) -> Judgement:
    curve, condition = lookup.curve(claim.condition, claim.measure), lookup.conditions[claim.condition]
    if condition.epochs < claim.min_epochs:
        refs = {"condition": condition.address}
        return Judgement("inconclusive", "too_few_epochs", refs, {"needed": claim.min_epochs})
    refs = {"curve": curve.address}
    if curve.estimate is None:
        return Judgement("inconclusive", "curve_no_value", refs)
    if why := why_no_interval(curve.estimate):
        return Judgement("inconclusive", f"curve_level_{why}", refs)
    test = lookup.level(claim.measure, claim.condition, claim.level)
    outcome: ClaimVerdict = "inconclusive"
    if test is not None and test.verdict != "inconclusive":
        outcome = "holds" if test.verdict == claim.expect else "contradicted"
    return Judgement(outcome, "curve_level", refs)


def _rising_loss(claim: RisingLoss, lookup: Lookup) -> Judgement:
    per_seed = lookup.curve(claim.condition, "overfitting_onset").per_seed
    rising = [epoch is not None for epoch in per_seed]
    outcome: ClaimVerdict = "inconclusive"
    if len(set(rising)) == 1:
        outcome = "holds" if rising[0] == claim.expect else "contradicted"
    return Judgement(outcome, "rising_loss", {"condition": lookup.conditions[claim.condition].address})


def _largest_effect(claim: LargestEffect, lookup: Lookup) -> Judgement:
    """Shown when the condition departs further from the baseline than every other; denied when another does so."""

    def effect(treatment: str, reference: str) -> Effect:
        return effect_of(*lookup.either_way(treatment, reference, "accuracy"))

    own = effect(claim.condition, claim.baseline)
    others = {other: effect(other, claim.baseline) for other in claim.others}
    outcome: ClaimVerdict = "inconclusive"
    if any(departs_further(each, own, effect(other, claim.condition)) for other, each in others.items()):
        outcome = "contradicted"
    elif all(departs_further(own, each, effect(claim.condition, other)) for other, each in others.items()):
        outcome = "holds"
    details = tuple(_difference_judgement(outcome, *pair, "accuracy", lookup) for pair in compared_by(claim))
    refs = {"condition": lookup.conditions[claim.condition].address}
    return Judgement(outcome, "largest_effect", refs, details=details)


def _dropped(claim: Dropped, lookup: Lookup) -> Judgement:
    drop = lookup.drop(claim.condition)
    outcomes: dict[str, ClaimVerdict] = {"dropped": "holds", "rose": "contradicted", "inconclusive": "inconclusive"}
    return Judgement(outcomes[drop.verdict], "dropped", {"drop": drop.address})


def _not_tested(claim: NotTested, lookup: Lookup) -> Judgement:  # noqa: ARG001  # every judge has the same form
    return Judgement("inconclusive", "not_tested", own={"reason": claim.reason})


JUDGES: dict[type, Callable[[Any, Lookup], Judgement]] = {
    Published: _published,
    PublishedRatio: _published_ratio,
    Faster: _faster,
    Difference: _difference,
    CurveDifference: _curve_difference,
    CurveLevel: _curve_level,
    RisingLoss: _rising_loss,
    LargestEffect: _largest_effect,
    Dropped: _dropped,
    NotTested: _not_tested,
}
