"""How a claim is judged: it holds when every part is shown, and is contradicted when any part's opposite is."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

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
from transfer_report.analysis.lookup import Lookup, address
from transfer_report.analysis.rules import Effect, departs_further, effect_of, why_no_interval
from transfer_report.errors import UserError
from transfer_report.records.analysis import ClaimEvidence, ClaimResult, CurveMeasure, Metric, Value, Verdict
from transfer_report.wording.names import setting_format

ClaimVerdict = Literal["holds", "contradicted", "inconclusive"]


AGREE_BY_CHANCE = 0.05
"""Share of studies in which the runs of a claim's conditions may all agree by chance (one-sided sign test)."""

FIGURE_FORMATS: dict[PublishedFigure, str] = {
    "top1": "number",
    "top5": "number",
    "parameters": "millions",
    "gflops": "decimal",
    "file_mb": "decimal1",
}


class PrintedValues(NamedTuple):
    """How a measure is printed: the format of its number, of a difference and of a turned one, and their units."""

    level: str
    level_unit: str
    difference: str
    turned: str
    difference_unit: str


_SHARE = PrintedValues("percent", "plain", "signed_points", "turned_points", "points")
_LOSS = PrintedValues("decimal3", "plain", "signed_number", "turned_number", "plain")
MEASURE_FORMATS: dict[CurveMeasure, PrintedValues] = {
    "gap": _SHARE._replace(level="points", level_unit="points"),
    "volatility": _LOSS,
    "epochs_to_level": PrintedValues("decimal1", "epochs", "signed_decimal1", "turned_decimal1", "epochs"),
    "overfitting_onset": PrintedValues("decimal1", "plain", "signed_decimal1", "turned_decimal1", "epochs"),
    "final_train_accuracy": _SHARE,
    "final_train_loss": _LOSS,
    "median_train_accuracy": _SHARE,
}
"""How a measure of the curves, and a difference of it, are printed; a unit names a text of the wording file."""


@dataclass(frozen=True)
class Judgement:
    """Outcome of one predicate: the sentence in the wording file and its values."""

    outcome: ClaimVerdict
    wording: str
    values: dict[str, Value] = field(default_factory=dict)
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
        ClaimEvidence(wording=judgement.wording, verdict=part.outcome, values=judgement.values)
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
    missing = any(f"missing_weights.{condition}" in lookup.evidence.facts for condition in named_by(predicate))
    return [Judgement("inconclusive", "random_start")] if missing else []


def _failures(predicate: Simple, lookup: Lookup, outcome: ClaimVerdict) -> tuple[Judgement, ...]:
    """That runs of a condition failed, for each that the predicate names: its numbers include theirs."""
    return tuple(
        Judgement(
            outcome,
            "failed_runs",
            {
                "condition": lookup.condition(condition),
                "failed": lookup.value(f"facts.failed_runs.{condition}", "count"),
                "seeds": lookup.value(f"facts.seeds.{condition}", "count"),
            },
        )
        for condition in dict.fromkeys(named_by(predicate))
        if lookup.evidence.facts[f"failed_runs.{condition}"]
    )


def _other_settings(predicate: Simple, claim: Claim, lookup: Lookup) -> list[Judgement]:
    """Return the settings of conditions that contradict what the claim assumes."""
    return [
        Judgement(
            "inconclusive",
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
    recorded = _published_figure(claim.architecture, claim.figure, lookup)
    same = round(float(recorded.value or 0), claim.decimals) == claim.value
    values = {"recorded": recorded, "model": _architecture(claim.architecture, lookup)}
    return Judgement("holds" if same else "contradicted", f"published.{claim.figure}", values)


def _published_ratio(claim: PublishedRatio, lookup: Lookup) -> Judgement:
    larger, smaller = (_published_figure(name, claim.figure, lookup) for name in (claim.larger, claim.smaller))
    enough = float(larger.value or 0) >= claim.factor * float(smaller.value or 0)
    values = {
        "larger": larger,
        "smaller": smaller,
        "larger_model": _architecture(claim.larger, lookup),
        "smaller_model": _architecture(claim.smaller, lookup),
    }
    return Judgement("holds" if enough else "contradicted", f"published_ratio.{claim.figure}", values)


def _published_figure(architecture: str, figure: PublishedFigure, lookup: Lookup) -> Value:
    value = lookup.value(f"published.{architecture}.{figure}", FIGURE_FORMATS[figure])
    if value.value is None:
        raise UserError(f"no {figure} of {architecture} is published")
    return value


def _architecture(name: str, lookup: Lookup) -> Value:
    return lookup.value(f"published.{name}.architecture", "model")


def _faster(claim: Faster, lookup: Lookup) -> Judgement:
    """By the shortest passes, the best estimates, and only where one model's median lies below the other's shortest."""
    times = {
        f"{role}{suffix}": lookup.value(f"latencies.{model}.{name}", "milliseconds")
        for role, model in (("fast", claim.faster), ("slow", claim.slower))
        for suffix, name in (("", "milliseconds_per_image"), ("_median", "median"))
    }
    number = {name: float(value.value or 0) for name, value in times.items()}
    outcome: ClaimVerdict = "inconclusive"
    if number["fast_median"] < number["slow"]:
        outcome = "holds"
    elif number["slow_median"] < number["fast"]:
        outcome = "contradicted"
    models = {
        "fast_model": lookup.value(f"models.{claim.faster}", "model"),
        "slow_model": lookup.value(f"models.{claim.slower}", "model"),
    }
    return Judgement(outcome, "faster", times | models)


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
        return Judgement("inconclusive", "curve_pair_no_value", names)
    comparison, turned = found
    verdict = comparison.verdict
    if turned:
        verdict = {"higher": "lower", "lower": "higher"}.get(verdict, verdict)  # type: ignore[assignment]
    outcome: ClaimVerdict = "holds" if verdict == claim.expect else "contradicted"
    if verdict == "inconclusive":
        outcome = "inconclusive"
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
        return Judgement("inconclusive", "too_few_epochs", names | values)
    if estimate is None:
        return Judgement("inconclusive", "curve_no_value", names)
    printed = MEASURE_FORMATS[claim.measure]
    if why := why_no_interval(estimate):
        level = lookup.value(f"{place}.estimate.value", printed.level)
        return Judgement("inconclusive", f"curve_level_{why}.{printed.level_unit}", names | {"level": level})
    values = names | lookup.interval("level", f"{place}.estimate", printed.level)
    test = lookup.level(claim.measure, claim.condition, claim.level)
    outcome: ClaimVerdict = "inconclusive"
    if test is not None and test.verdict != "inconclusive":
        outcome = "holds" if test.verdict == claim.expect else "contradicted"
    return Judgement(outcome, f"curve_level.{printed.level_unit}", values)


def _rising_loss(claim: RisingLoss, lookup: Lookup) -> Judgement:
    per_seed = lookup.curve(claim.condition, "overfitting_onset").per_seed
    rising = [epoch is not None for epoch in per_seed]
    outcome: ClaimVerdict = "inconclusive"
    if len(set(rising)) == 1:
        outcome = "holds" if rising[0] == claim.expect else "contradicted"
    values = {
        "condition": lookup.condition(claim.condition),
        "rise": lookup.value("facts.rise", "percent_exact"),
        "rising": lookup.value(f"facts.rising_runs.{claim.condition}", "count"),
        "seeds": lookup.value(f"facts.seeds.{claim.condition}", "count"),
    }
    return Judgement(outcome, "rising_loss", values)


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
    return Judgement(outcome, "largest_effect", {"condition": lookup.condition(claim.condition)}, details)


def _dropped(claim: Dropped, lookup: Lookup) -> Judgement:
    drop = next(drop for drop in lookup.evidence.drops if drop.condition == claim.condition)
    outcomes: dict[str, ClaimVerdict] = {"dropped": "holds", "rose": "contradicted", "inconclusive": "inconclusive"}
    place = f"drops.{claim.condition}"
    values = lookup.interval("drop", f"{place}.difference", "signed_points") | {
        "p": lookup.value(f"{place}.p_adjusted", "p_equals"),
        "condition": lookup.condition(claim.condition),
    }
    return Judgement(outcomes[drop.verdict], "dropped", values)


def _not_tested(claim: NotTested, lookup: Lookup) -> Judgement:  # noqa: ARG001  # every judge has the same form
    return Judgement("inconclusive", "not_tested", {"reason": Value(value=claim.reason, format="text", source="")})


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
