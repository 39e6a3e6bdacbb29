"""What may be said below a table: how the baseline fits, and what each technique changed."""

from transfer_report.analysis.families import within_table
from transfer_report.analysis.findings.told import detectable_range, told_difference, told_verdict
from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.rules import Effect, against_margin, effect_of, stands_out, why_no_interval
from transfer_report.records import CurveMeasure, Finding, StudyTable, Value

MOST_TOLD = 12
"""Changes of a table that are told one by one, whatever is found; of more, the undecided ones share a sentence."""


def table_findings(lookup: Lookup, table: StudyTable) -> list[Finding]:
    """The sentences of one table, in reading order."""
    told = [
        *_constant(lookup, table),
        _gap(lookup, table),
        _volatility(lookup, table),
        _onset(lookup, table),
        _last_epoch(lookup, table),
    ]
    treatments = table.conditions[1:]
    for treatment in treatments:
        effect = _effect_on_accuracy(lookup, table, treatment)
        if len(treatments) <= MOST_TOLD or not effect.verdict.startswith("cannot_tell"):
            told += [effect, *_effects_on_curves(lookup, table, treatment)]
    if len(treatments) > MOST_TOLD and lookup.evidence.facts[f"pairs_undecided.{within_table(table)}"]:
        told.append(_undecided_together(lookup, table))
    told += detectable_range(lookup, section(table), within_table(table))
    if len(treatments) > 1:
        told.append(_what_matters_most(lookup, table))
    return told


def section(table: StudyTable) -> str:
    """Where a table's sentences stand."""
    return f"table:{table.group}:{table.model}"


def _finding(
    lookup: Lookup, table: StudyTable, kind: str, verdict: str, values: dict[str, Value], *about: str
) -> Finding:
    shared = {
        "baseline": lookup.condition(table.baseline),
        "confidence": lookup.value("facts.confidence", "percent_exact"),
    }
    return Finding(kind=kind, section=section(table), about=about, verdict=verdict, values=shared | values)


def _constant(lookup: Lookup, table: StudyTable) -> list[Finding]:
    """The conditions with runs that give every test image the same class."""
    told = []
    for key in table.conditions:
        if constant := lookup.evidence.facts[f"constant_runs.{key}"]:
            values = {
                "condition": lookup.condition(key),
                "constant": lookup.value(f"facts.constant_runs.{key}", "count"),
                "seeds": lookup.value("facts.seeds", "count"),
            }
            verdict = "all" if constant == lookup.evidence.facts["seeds"] else "some"
            told.append(_finding(lookup, table, "constant", verdict, values, key))
    return told


def _gap(lookup: Lookup, table: StudyTable) -> Finding:
    """Does the baseline fit its training images better than it validates, by more than the margin?"""
    estimate = lookup.curve(table.baseline, "gap").estimate
    if estimate is None:
        return _finding(lookup, table, "gap", "no_value", {})
    verdict = why_no_interval(estimate) or against_margin(estimate, float(lookup.evidence.facts["margin"]))
    values = lookup.interval("gap", f"curves.{table.baseline}.gap.estimate", "points") | {
        "margin": lookup.value("facts.margin", "points"),
        "val_images": lookup.value("facts.val_images", "count"),
    }
    return _finding(lookup, table, "gap", verdict, values)


def _volatility(lookup: Lookup, table: StudyTable) -> Finding:
    """How much the baseline's validation loss moves from epoch to epoch; a measurement, without a verdict."""
    estimate = lookup.curve(table.baseline, "volatility").estimate
    if estimate is None:
        return _finding(lookup, table, "volatility", "no_value", {})
    values = lookup.interval("volatility", f"curves.{table.baseline}.volatility.estimate", "significant3")
    return _finding(lookup, table, "volatility", why_no_interval(estimate) or "measured", values)


def _onset(lookup: Lookup, table: StudyTable) -> Finding:
    """In how many runs of the baseline the validation loss ends well above its lowest."""
    per_seed = lookup.curve(table.baseline, "overfitting_onset").per_seed
    rising = sum(epoch is not None for epoch in per_seed)
    verdict = "none" if rising == 0 else "all" if rising == len(per_seed) else "some"
    values = {
        "rising": lookup.value(f"facts.rising_runs.{table.baseline}", "count"),
        "seeds": lookup.value("facts.seeds", "count"),
        "rise": lookup.value("facts.rise", "percent_exact"),
    }
    return _finding(lookup, table, "onset", verdict, values)


def _last_epoch(lookup: Lookup, table: StudyTable) -> Finding:
    """How many runs of the table were still at their best when training ended."""
    values = {
        "last": lookup.value(f"facts.last_epoch_runs.{within_table(table)}", "count"),
        "runs": lookup.value(f"facts.runs.{within_table(table)}", "count"),
    }
    last = values["last"].value
    verdict = "none" if last == 0 else "all" if last == values["runs"].value else "some"
    return _finding(lookup, table, "last_epoch", verdict, values)


def _effect_on_accuracy(lookup: Lookup, table: StudyTable, treatment: str) -> Finding:
    """Did a technique change test accuracy against the baseline?"""
    comparison = lookup.comparison(within_table(table), treatment, table.baseline)
    values = told_difference(lookup, comparison) | {
        "condition": lookup.condition(treatment),
        "technique": lookup.value(f"conditions.{treatment}", "technique"),
    }
    return _finding(lookup, table, "technique", told_verdict(comparison), values, treatment)


def _undecided_together(lookup: Lookup, table: StudyTable) -> Finding:
    """Of how many changes it cannot be told whether they change test accuracy."""
    family = within_table(table)
    values = {
        "changes": lookup.value(f"facts.pairs.{family}", "count"),
        "undecided": lookup.value(f"facts.pairs_undecided.{family}", "count"),
    }
    scope = lookup.comparison(family, table.conditions[1], table.baseline).difference.scope
    return _finding(lookup, table, "undecided_techniques", scope, values)


def _effects_on_curves(lookup: Lookup, table: StudyTable, treatment: str) -> list[Finding]:
    """Did a technique change the gap or the volatility? What is decided of neither is told in one sentence."""
    effects = [_effect_on_curve(lookup, table, treatment, measure) for measure in ("gap", "volatility")]
    gap, volatility = effects
    if gap.verdict == volatility.verdict and gap.verdict in ("cannot_tell", "no_value"):
        values = gap.values | volatility.values
        return [_finding(lookup, table, "technique_curves", gap.verdict, values, treatment)]
    return effects


def _effect_on_curve(lookup: Lookup, table: StudyTable, treatment: str, measure: CurveMeasure) -> Finding:
    family = within_table(table)
    comparison = lookup.curve_comparison(family, treatment, table.baseline, measure)
    if comparison is None or comparison.difference is None or comparison.p_adjusted is None:
        return _finding(lookup, table, f"technique_{measure}", "no_value", {}, treatment)
    place = f"curve_comparisons.{family}.{treatment}.{table.baseline}.{measure}"
    unit = "signed_points" if measure == "gap" else "signed_significant3"
    values = lookup.interval(measure, f"{place}.difference", unit)
    values |= {f"{measure}_p": lookup.value(f"{place}.p_adjusted", "p_equals")}
    return _finding(lookup, table, f"technique_{measure}", comparison.verdict, values, treatment)


def _what_matters_most(lookup: Lookup, table: StudyTable) -> Finding:
    """Is there one technique that departs further from the baseline than every other?"""
    family = within_table(table)

    def effect(treatment: str, reference: str) -> Effect:
        turned = table.conditions.index(treatment) < table.conditions.index(reference)
        pair = (reference, treatment) if turned else (treatment, reference)
        return effect_of(lookup.comparison(family, *pair), turned)

    chosen = stands_out(table.baseline, table.conditions[1:], effect)
    if chosen is None:
        return _finding(lookup, table, "ranking", "cannot_tell", {})
    verdict = effect(chosen, table.baseline).verdict
    return _finding(lookup, table, "ranking", verdict, {"technique": lookup.value(f"conditions.{chosen}", "technique")})
