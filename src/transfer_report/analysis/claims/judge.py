"""How a claim is judged: it holds when every part is shown, and is contradicted when any part's opposite is."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

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
    Simple,
    compared_by,
    named_by,
)
from transfer_report.analysis.lookup import Lookup, address
from transfer_report.analysis.rules import Effect, against_level, departs_further, effect_of, why_no_interval
from transfer_report.records import ClaimEvidence, ClaimResult, CurveMeasure, Metric, Value, Verdict
from transfer_report.wording.names import setting_format

Outcome = Literal["holds", "contradicted", "cannot_tell"]


FIGURE_FORMATS: dict[PublishedFigure, str] = {
    "top1": "number",
    "top5": "number",
    "parameters": "millions",
    "gflops": "decimal",
    "file_mb": "decimal1",
}


class Printed(NamedTuple):
    """How a measure is printed: the format of its number, of a difference and of a turned one, and their units."""

    level: str
    level_unit: str
    difference: str
    turned: str
    difference_unit: str


_SHARE = Printed("percent", "plain", "signed_points", "turned_points", "points")
_LOSS = Printed("decimal3", "plain", "signed_number", "turned_number", "plain")
MEASURE_FORMATS: dict[CurveMeasure, Printed] = {
    "gap": _SHARE._replace(level="points", level_unit="points"),
    "volatility": _LOSS,
    "epochs_to_level": Printed("decimal1", "epochs", "signed_decimal1", "turned_decimal1", "epochs"),
    "overfitting_onset": Printed("decimal1", "plain", "signed_decimal1", "turned_decimal1", "epochs"),
    "final_train_accuracy": _SHARE,
    "final_train_loss": _LOSS,
    "median_train_accuracy": _SHARE,
}
"""How a measure of the curves, and a difference of it, are printed; a unit names a text of the wording file."""


@dataclass(frozen=True)
class Judgement:
    """What became of one predicate, how the wording file says it, and with which values."""

    outcome: Outcome
    wording: str
    values: dict[str, Value] = field(default_factory=dict)
    details: tuple["Judgement", ...] = ()
    """What the outcome rests on, told after it."""


def judge(claim: Claim, lookup: Lookup) -> ClaimResult:
    """Hold a claim against the evidence.

    A predicate about conditions whose model did not start from the weights that were asked for, or whose settings are
    others than the claim takes them to be, is not decided: the claim is about other networks, or other trainings. Its
    numbers are told all the same.
    """
    parts, reasons = [], []
    for predicate in claim.all_of:
        part = JUDGES[type(predicate)](predicate, lookup)
        against = [*_without_weights(predicate, lookup), *_other_settings(predicate, claim, lookup)]
        parts.append(replace(part, outcome="cannot_tell") if against else part)
        reasons += against
    parts = [*(reason for index, reason in enumerate(reasons) if reason not in reasons[:index]), *parts]
    outcomes = {part.outcome for part in parts}
    verdict: Outcome = (
        "contradicted" if "contradicted" in outcomes else "holds" if outcomes == {"holds"} else "cannot_tell"
    )
    evidence = [
        ClaimEvidence(wording=told.wording, verdict=part.outcome, values=told.values)
        for part in parts
        for told in (part, *part.details)
    ]
    return ClaimResult(id=claim.id, text=claim.text, reads_as=claim.reads_as, verdict=verdict, evidence=evidence)


def _without_weights(predicate: Simple, lookup: Lookup) -> list[Judgement]:
    """That a condition did not start from the weights that were asked for, where one did not."""
    missing = any(f"missing_weights.{condition}" in lookup.evidence.facts for condition in named_by(predicate))
    return [Judgement("cannot_tell", "random_start")] if missing else []


def _other_settings(predicate: Simple, claim: Claim, lookup: Lookup) -> list[Judgement]:
    """What conditions have that the claim takes to be otherwise."""
    return [
        Judgement(
            "cannot_tell",
            "other_settings",
            {
                "condition": lookup.condition(condition),
                "setting": Value(value=setting, format="setting", source=""),
                "value": lookup.value(f"facts.setting.{condition}.{setting}", setting_format(setting, own)),
                "claimed": Value(value=claimed, format=setting_format(setting, claimed), source=""),
            },
        )
        for condition in dict.fromkeys(named_by(predicate))
        for setting, claimed in claim.given.get(condition, {}).items()
        if (own := lookup.evidence.facts[f"setting.{condition}.{setting}"]) != claimed
    ]


def _published(claim: Published, lookup: Lookup) -> Judgement:
    recorded = lookup.value(f"published.{claim.architecture}.{claim.figure}", FIGURE_FORMATS[claim.figure])
    same = round(float(recorded.value or 0), claim.decimals) == claim.value
    values = {"recorded": recorded, "model": _architecture(claim.architecture, lookup)}
    return Judgement("holds" if same else "contradicted", f"published.{claim.figure}", values)


def _published_ratio(claim: PublishedRatio, lookup: Lookup) -> Judgement:
    larger, smaller = (
        lookup.value(f"published.{name}.{claim.figure}", FIGURE_FORMATS[claim.figure])
        for name in (claim.larger, claim.smaller)
    )
    enough = float(larger.value or 0) >= claim.factor * float(smaller.value or 0)
    values = {
        "larger": larger,
        "smaller": smaller,
        "larger_model": _architecture(claim.larger, lookup),
        "smaller_model": _architecture(claim.smaller, lookup),
    }
    return Judgement("holds" if enough else "contradicted", f"published_ratio.{claim.figure}", values)


def _architecture(name: str, lookup: Lookup) -> Value:
    return lookup.value(f"published.{name}.architecture", "model")


def _faster(claim: Faster, lookup: Lookup) -> Judgement:
    """By the whole range of the repeats: where the ranges overlap, the medians alone decide nothing."""
    times = {
        f"{role}{suffix}": lookup.value(f"latencies.{model}.{name}", "milliseconds")
        for role, model in (("fast", claim.faster), ("slow", claim.slower))
        for suffix, name in (("", "milliseconds_per_image"), ("_low", "low"), ("_high", "high"))
    }
    number = {name: float(value.value or 0) for name, value in times.items()}
    outcome: Outcome = "cannot_tell"
    if number["fast_high"] < number["slow_low"]:
        outcome = "holds"
    elif number["slow_high"] < number["fast_low"]:
        outcome = "contradicted"
    models = {
        "fast_model": lookup.value(f"models.{claim.faster}", "model"),
        "slow_model": lookup.value(f"models.{claim.slower}", "model"),
    }
    return Judgement(outcome, "faster", times | models)


def _difference(claim: Difference, lookup: Lookup) -> Judgement:
    verdict = effect_of(*lookup.either_way(claim.treatment, claim.reference, claim.metric)).verdict
    outcome: Outcome = "holds" if verdict == claim.expect else "contradicted"
    if verdict == "cannot_tell":
        outcome = "cannot_tell"
    return _told_difference(outcome, claim.treatment, claim.reference, claim.metric, lookup, claim.expect)


def _told_difference(
    outcome: Outcome, treatment: str, reference: str, metric: Metric, lookup: Lookup, expect: Verdict = "cannot_tell"
) -> Judgement:
    """A difference in the claim's direction; with the test of equivalence where that is claimed or found."""
    comparison, turned = lookup.either_way(treatment, reference, metric)
    place = address("comparisons", comparison)
    values = _interval(f"{place}.difference", "turned_points" if turned else "signed_points", lookup, turned) | {
        "p": lookup.value(f"{place}.p_adjusted", "p_equals"),
        "treatment": lookup.condition(treatment),
        "reference": lookup.condition(reference),
        "metric": lookup.value(f"{place}.metric", "metric"),
    }
    kind = "difference"
    if "equivalent" in (expect, comparison.verdict):
        kind = "equivalence"
        values["margin"] = lookup.value(f"{place}.margin", "points")
        values["equivalence_p"] = lookup.value(f"{place}.equivalence_p", "p_equals")
    return Judgement(outcome, f"{kind}_{comparison.difference.scope}", values)


def _interval(place: str, format_: str, lookup: Lookup, turned: bool) -> dict[str, Value]:
    """A difference and its interval; printed the other way round, its ends change places."""
    values = lookup.interval("difference", place, format_)
    if turned:
        values |= {"difference_low": values["difference_high"], "difference_high": values["difference_low"]}
    return values


def _curve_difference(claim: CurveDifference, lookup: Lookup) -> Judgement:
    names = {
        "treatment": lookup.condition(claim.treatment),
        "reference": lookup.condition(claim.reference),
        "measure": lookup.value(f"curves.{claim.treatment}.{claim.measure}.measure", "measure"),
    }
    found = lookup.curves_either_way(claim.treatment, claim.reference, claim.measure)
    if found is None or found[0].difference is None or found[0].p_adjusted is None:
        return Judgement("cannot_tell", "curve_pair_no_value", names)
    comparison, turned = found
    verdict = comparison.verdict
    if turned:
        verdict = {"higher": "lower", "lower": "higher"}.get(verdict, verdict)  # type: ignore[assignment]
    outcome: Outcome = "holds" if verdict == claim.expect else "contradicted"
    if verdict == "cannot_tell":
        outcome = "cannot_tell"
    place, printed = address("curve_comparisons", comparison), MEASURE_FORMATS[claim.measure]
    format_ = printed.turned if turned else printed.difference
    values = _interval(f"{place}.difference", format_, lookup, turned) | {
        "p": lookup.value(f"{place}.p_adjusted", "p_equals")
    }
    return Judgement(outcome, f"curve_difference.{printed.difference_unit}", names | values)


def _curve_level(claim: CurveLevel, lookup: Lookup) -> Judgement:
    estimate, place = lookup.curve(claim.condition, claim.measure).estimate, f"curves.{claim.condition}.{claim.measure}"
    names = {
        "measure": lookup.value(f"{place}.measure", "measure"),
        "condition": lookup.condition(claim.condition),
    }
    epochs = lookup.value(f"facts.epochs.{claim.condition}", "count")
    if int(epochs.value or 0) < claim.min_epochs:
        values = {"epochs": epochs, "needed": Value(value=claim.min_epochs, format="count", source="")}
        return Judgement("cannot_tell", "too_few_epochs", names | values)
    if estimate is None:
        return Judgement("cannot_tell", "curve_no_value", names)
    printed = MEASURE_FORMATS[claim.measure]
    if why := why_no_interval(estimate):
        level = lookup.value(f"{place}.estimate.value", printed.level)
        return Judgement("cannot_tell", f"curve_level_{why}.{printed.level_unit}", names | {"level": level})
    values = names | lookup.interval("level", f"{place}.estimate", printed.level)
    verdict = against_level(estimate, claim.level)
    outcome: Outcome = "holds" if verdict == claim.expect else "contradicted"
    if verdict == "cannot_tell":
        outcome = "cannot_tell"
    return Judgement(outcome, f"curve_level.{printed.level_unit}", values)


def _rising_loss(claim: RisingLoss, lookup: Lookup) -> Judgement:
    per_seed = lookup.curve(claim.condition, "overfitting_onset").per_seed
    rising = [epoch is not None for epoch in per_seed]
    outcome: Outcome = "cannot_tell"
    if len(rising) > 1 and len(set(rising)) == 1:
        outcome = "holds" if rising[0] == claim.expect else "contradicted"
    values = {
        "condition": lookup.condition(claim.condition),
        "rise": lookup.value("facts.rise", "percent_exact"),
        "rising": lookup.value(f"facts.rising_runs.{claim.condition}", "count"),
        "seeds": lookup.value("facts.seeds", "count"),
    }
    return Judgement(outcome, "rising_loss", values)


def _largest_effect(claim: LargestEffect, lookup: Lookup) -> Judgement:
    """Shown when the condition departs further from the baseline than every other; denied when another does so."""

    def effect(treatment: str, reference: str) -> Effect:
        return effect_of(*lookup.either_way(treatment, reference, "accuracy"))

    own = effect(claim.condition, claim.baseline)
    others = {other: effect(other, claim.baseline) for other in claim.others}
    outcome: Outcome = "cannot_tell"
    if any(departs_further(each, own, effect(other, claim.condition)) for other, each in others.items()):
        outcome = "contradicted"
    elif all(departs_further(own, each, effect(claim.condition, other)) for other, each in others.items()):
        outcome = "holds"
    details = tuple(_told_difference(outcome, *pair, "accuracy", lookup) for pair in compared_by(claim))
    return Judgement(outcome, "largest_effect", {"condition": lookup.condition(claim.condition)}, details)


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
    return Judgement("cannot_tell", "not_tested", {"reason": Value(value=claim.reason, format="text", source="")})


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
