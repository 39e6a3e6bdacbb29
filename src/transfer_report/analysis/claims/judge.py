"""How a claim is judged: it holds when every part is shown, and is contradicted when any part's opposite is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from transfer_report.analysis.claims.predicates import (
    Claim,
    CurveDifference,
    CurveLevel,
    Difference,
    Faster,
    Fell,
    LargestEffect,
    NotTested,
    Published,
    PublishedFigure,
    PublishedRatio,
    RisingLoss,
)
from transfer_report.analysis.lookup import Lookup, address
from transfer_report.analysis.rules import against_level
from transfer_report.records import ClaimEvidence, ClaimResult, CurveMeasure, Value, Verdict

Outcome = Literal["holds", "contradicted", "cannot_tell"]


FIGURE_FORMATS: dict[PublishedFigure, str] = {
    "top1": "decimal3",
    "top5": "decimal3",
    "parameters": "millions",
    "gflops": "decimal",
    "file_mb": "decimal1",
}
MEASURE_FORMATS: dict[CurveMeasure, tuple[str, str]] = {
    "gap": ("points", "signed_points"),
    "volatility": ("decimal3", "signed_number"),
    "epochs_to_level": ("decimal1", "signed_number"),
    "overfitting_onset": ("decimal1", "signed_number"),
    "final_train_accuracy": ("percent", "signed_points"),
    "final_train_loss": ("decimal3", "signed_number"),
    "median_train_accuracy": ("percent", "signed_points"),
}
"""How a measure of the curves, and a difference of it, are printed."""


@dataclass(frozen=True)
class Judgement:
    """What became of one predicate, how the wording file says it, and with which values."""

    outcome: Outcome
    wording: str
    values: dict[str, Value] = field(default_factory=dict)


def judge(claim: Claim, lookup: Lookup) -> ClaimResult:
    """Hold a claim against the evidence."""
    parts = [JUDGES[type(predicate)](predicate, lookup) for predicate in claim.all_of]
    outcomes = {part.outcome for part in parts}
    verdict: Outcome = (
        "contradicted" if "contradicted" in outcomes else "holds" if outcomes == {"holds"} else "cannot_tell"
    )
    evidence = [ClaimEvidence(wording=part.wording, verdict=part.outcome, values=part.values) for part in parts]
    return ClaimResult(id=claim.id, text=claim.text, reads_as=claim.reads_as, verdict=verdict, evidence=evidence)


def _published(claim: Published, lookup: Lookup) -> Judgement:
    recorded = lookup.value(f"published.{claim.architecture}.{claim.figure}", FIGURE_FORMATS[claim.figure])
    same = round(float(recorded.value or 0), claim.decimals) == claim.value
    return Judgement("holds" if same else "contradicted", "published", {"recorded": recorded})


def _published_ratio(claim: PublishedRatio, lookup: Lookup) -> Judgement:
    larger, smaller = (
        lookup.value(f"published.{name}.{claim.figure}", FIGURE_FORMATS[claim.figure])
        for name in (claim.larger, claim.smaller)
    )
    enough = float(larger.value or 0) >= claim.factor * float(smaller.value or 0)
    values = {"larger": larger, "smaller": smaller}
    return Judgement("holds" if enough else "contradicted", "published_ratio", values)


def _faster(claim: Faster, lookup: Lookup) -> Judgement:
    """By the whole range of the repeats: where the ranges overlap, the medians alone decide nothing."""
    values = {
        f"{role}{suffix}": lookup.value(f"latencies.{model}.{name}", "milliseconds")
        for role, model in (("fast", claim.faster), ("slow", claim.slower))
        for suffix, name in (("", "milliseconds_per_image"), ("_low", "low"), ("_high", "high"))
    }
    number = {name: float(value.value or 0) for name, value in values.items()}
    outcome: Outcome = "cannot_tell"
    if number["fast_high"] < number["slow_low"]:
        outcome = "holds"
    elif number["slow_high"] < number["fast_low"]:
        outcome = "contradicted"
    return Judgement(outcome, "faster", values)


def _difference(claim: Difference, lookup: Lookup) -> Judgement:
    comparison, turned = lookup.either_way(claim.treatment, claim.reference, claim.metric)
    verdict: Verdict = TURNED.get(comparison.verdict, comparison.verdict) if turned else comparison.verdict
    outcome: Outcome = "holds" if verdict == claim.expect else "contradicted"
    if verdict == "cannot_tell":
        outcome = "cannot_tell"
    place = address("comparisons", comparison)
    values = lookup.interval("difference", f"{place}.difference", "signed_points") | {
        "p": lookup.value(f"{place}.p_adjusted", "p_equals"),
        "treatment": lookup.condition(comparison.treatment),
        "reference": lookup.condition(comparison.reference),
        "metric": lookup.value(f"{place}.metric", "metric"),
    }
    return Judgement(outcome, f"difference_{comparison.difference.scope}", values)


TURNED: dict[Verdict, Verdict] = {"better": "worse", "worse": "better"}


def _curve_difference(claim: CurveDifference, lookup: Lookup) -> Judgement:
    found = lookup.curves_either_way(claim.treatment, claim.reference, claim.measure)
    if found is None or found[0].difference is None or found[0].p_adjusted is None:
        return Judgement("cannot_tell", "curve_no_value")
    comparison, turned = found
    verdict = comparison.verdict
    if turned:
        verdict = {"higher": "lower", "lower": "higher"}.get(verdict, verdict)  # type: ignore[assignment]
    outcome: Outcome = "holds" if verdict == claim.expect else "contradicted"
    if verdict == "cannot_tell":
        outcome = "cannot_tell"
    place = address("curve_comparisons", comparison)
    values = lookup.interval("difference", f"{place}.difference", MEASURE_FORMATS[claim.measure][1]) | {
        "p": lookup.value(f"{place}.p_adjusted", "p_equals"),
        "treatment": lookup.condition(comparison.treatment),
        "reference": lookup.condition(comparison.reference),
        "measure": lookup.value(f"{place}.measure", "measure"),
    }
    return Judgement(outcome, "curve_difference", values)


def _curve_level(claim: CurveLevel, lookup: Lookup) -> Judgement:
    estimate = lookup.curve(claim.condition, claim.measure).estimate
    epochs = lookup.value(f"facts.epochs.{claim.condition}", "count")
    if int(epochs.value or 0) < claim.min_epochs:
        return Judgement("cannot_tell", "too_few_epochs", {"epochs": epochs})
    if estimate is None:
        return Judgement("cannot_tell", "curve_no_value")
    place = f"curves.{claim.condition}.{claim.measure}"
    values = lookup.interval("level", f"{place}.estimate", MEASURE_FORMATS[claim.measure][0]) | {
        "measure": lookup.value(f"{place}.measure", "measure"),
        "condition": lookup.condition(claim.condition),
    }
    verdict = against_level(estimate, claim.level)
    outcome: Outcome = "holds" if verdict == claim.expect else "contradicted"
    if verdict == "cannot_tell":
        outcome = "cannot_tell"
    return Judgement(outcome, "curve_level", values)


def _rising_loss(claim: RisingLoss, lookup: Lookup) -> Judgement:
    per_seed = lookup.curve(claim.condition, "overfitting_onset").per_seed
    rising = [epoch is not None for epoch in per_seed]
    outcome: Outcome = "cannot_tell"
    if len(rising) > 1 and len(set(rising)) == 1:
        outcome = "holds" if rising[0] == claim.expect else "contradicted"
    values = {
        "rising": lookup.value(f"facts.rising_runs.{claim.condition}", "count"),
        "seeds": lookup.value("facts.seeds", "count"),
    }
    return Judgement(outcome, "rising_loss", values)


def _largest_effect(claim: LargestEffect, lookup: Lookup) -> Judgement:
    """Shown when the condition departs from the baseline, and from every other in the same direction."""

    def verdict(treatment: str, reference: str) -> Verdict:
        comparison, turned = lookup.either_way(treatment, reference, "accuracy")
        return TURNED.get(comparison.verdict, comparison.verdict) if turned else comparison.verdict

    effect = verdict(claim.condition, claim.baseline)
    against = [verdict(claim.condition, other) for other in claim.others]
    exceeded = any(
        verdict(other, claim.baseline) in TURNED and (effect == "equivalent" or other_way == TURNED.get(effect))
        for other, other_way in zip(claim.others, against, strict=True)
    )
    outcome: Outcome = "contradicted" if exceeded else "cannot_tell"
    if effect in TURNED and all(other == effect for other in against):
        outcome = "holds"
    return Judgement(outcome, "largest_effect", {"condition": lookup.condition(claim.condition)})


def _fell(claim: Fell, lookup: Lookup) -> Judgement:
    fall = next(fall for fall in lookup.evidence.falls if fall.condition == claim.condition)
    outcomes: dict[str, Outcome] = {"fell": "holds", "rose": "contradicted", "cannot_tell": "cannot_tell"}
    place = f"falls.{claim.condition}"
    values = lookup.interval("fall", f"{place}.difference", "signed_points") | {
        "p": lookup.value(f"{place}.p_adjusted", "p_equals"),
        "condition": lookup.condition(claim.condition),
    }
    return Judgement(outcomes[fall.verdict], "fell", values)


def _not_tested(claim: NotTested, lookup: Lookup) -> Judgement:  # noqa: ARG001  # every judge has the same form
    return Judgement("cannot_tell", "not_tested", {"reason": Value(value=claim.reason, format="text", source="claim")})


JUDGES: dict[type, Callable[[Any, Lookup], Judgement]] = {
    Published: _published,
    PublishedRatio: _published_ratio,
    Faster: _faster,
    Difference: _difference,
    CurveDifference: _curve_difference,
    CurveLevel: _curve_level,
    RisingLoss: _rising_loss,
    LargestEffect: _largest_effect,
    Fell: _fell,
    NotTested: _not_tested,
}
