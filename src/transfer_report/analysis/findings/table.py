"""What may be said below a table: how the baseline fits, and what each technique changed."""

from typing import get_args

from transfer_report.analysis.families import within_table
from transfer_report.analysis.findings.pairwise import (
    UNDECIDED,
    by_p_value,
    difference_values,
    failure_values,
    is_exploratory,
    not_detected,
    scoped_verdict,
)
from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.rules import Effect, effect_of, stands_out, why_no_interval
from transfer_report.records.analysis import (
    Comparison,
    CurveComparison,
    FailureReason,
    Finding,
    StudyTable,
    Value,
)

MOST_LISTED = 3
"""Effects of one kind that get a sentence: those with the smallest p-values; the table of effects has all."""


EXPLORATORY = ("gap", "technique_gap", "technique_volatility", "ranking")
"""Kinds that state something that no main question asks."""


def table_findings(lookup: Lookup, table: StudyTable) -> list[Finding]:
    """Return the sentences of one table in reading order: what was found, then one for all that was not."""
    effects = [lookup.comparison(within_table(table), key, table.baseline) for key in table.conditions[1:]]
    decided = sorted((one for one in effects if one.verdict != "inconclusive"), key=by_p_value)[:MOST_LISTED]
    return [
        *_failed(lookup, table),
        _gap(lookup, table),
        *_onset(lookup, table),
        *_last_epoch(lookup, table),
        *(_effect_on_accuracy(lookup, table, one) for one in effects if one in decided),
        *_effects_on_curves(lookup, table),
        *_what_matters_most(lookup, table),
        *_no_effect(lookup, table, effects),
    ]


def section(table: StudyTable) -> str:
    """Where a table's sentences stand."""
    return f"table:{table.strategy}:{table.model}"


def _finding(
    lookup: Lookup, table: StudyTable, kind: str, verdict: str, values: dict[str, Value], *about: str
) -> Finding:
    shared = {
        "baseline": lookup.condition(table.baseline),
        "confidence": lookup.value("facts.confidence", "percent_exact"),
    }
    return Finding(
        kind=kind,
        section=section(table),
        about=about,
        verdict=verdict,
        values=shared | values,
        exploratory=kind in EXPLORATORY and verdict not in UNDECIDED,
    )


def _failed(lookup: Lookup, table: StudyTable) -> list[Finding]:
    """The conditions with failed runs, with their seeds, by the reason."""
    told = []
    for key in table.conditions:
        for reason in get_args(FailureReason):
            values = {
                "condition": lookup.condition(key),
                "failed": lookup.value(f"facts.failed_{reason}.{key}", "count"),
                "failed_seeds": lookup.value(f"facts.failed_{reason}_seeds.{key}", "text"),
                "seeds": lookup.value(f"facts.seeds.{key}", "count"),
                "times": lookup.value("facts.failed_loss", "number"),
            }
            if values["failed"].value:
                verdict = "all" if values["failed"].value == values["seeds"].value else "some"
                told.append(_finding(lookup, table, f"failed_{reason}", verdict, values, key))
    return told


def _gap(lookup: Lookup, table: StudyTable) -> Finding:
    """Does the baseline fit its training images better than it validates, by more than the margin?"""
    estimate = lookup.curve(table.baseline, "gap").estimate
    if estimate is None:
        return _finding(lookup, table, "gap", "no_value", {})
    test = lookup.level("gap", table.baseline, float(lookup.evidence.facts["margin"]))
    shown = {"above": "above", "below": "within"}.get(test.verdict if test else "", "inconclusive")
    verdict = why_no_interval(estimate) or shown
    values = lookup.interval("gap", f"curves.{table.baseline}.gap.estimate", "points") | {
        "margin": lookup.value("facts.margin", "points"),
        "val_images": lookup.value("facts.val_images", "count"),
    }
    return _finding(lookup, table, "gap", verdict, values)


def _onset(lookup: Lookup, table: StudyTable) -> list[Finding]:
    """Return in how many runs of the baseline the validation loss ends well above its lowest, where in any."""
    per_seed = lookup.curve(table.baseline, "overfitting_onset").per_seed
    rising = sum(epoch is not None for epoch in per_seed)
    if not rising:
        return []
    values = {
        "rising": lookup.value(f"facts.rising_runs.{table.baseline}", "count"),
        "seeds": lookup.value(f"facts.seeds.{table.baseline}", "count"),
        "rise": lookup.value("facts.rise", "percent_exact"),
    }
    return [_finding(lookup, table, "onset", "all" if rising == len(per_seed) else "some", values)]


def _last_epoch(lookup: Lookup, table: StudyTable) -> list[Finding]:
    """Return how many runs of the table were still at their best when training ended, where any was."""
    values = {
        "last": lookup.value(f"facts.last_epoch_runs.{within_table(table)}", "count"),
        "runs": lookup.value(f"facts.runs.{within_table(table)}", "count"),
    }
    if not values["last"].value:
        return []
    verdict = "all" if values["last"].value == values["runs"].value else "some"
    return [_finding(lookup, table, "last_epoch", verdict, values)]


def _technique(lookup: Lookup, key: str) -> dict[str, Value]:
    return {"technique": lookup.value(f"conditions.{key}", "technique")}


def _effect_on_accuracy(lookup: Lookup, table: StudyTable, comparison: Comparison) -> Finding:
    """Return the change of test accuracy against the baseline."""
    treatment = comparison.treatment
    values = difference_values(lookup, comparison) | _technique(lookup, treatment)
    found = _finding(lookup, table, "technique", scoped_verdict(comparison), values, treatment)
    return found.model_copy(update={"exploratory": is_exploratory(comparison)})


def _effects_on_curves(lookup: Lookup, table: StudyTable) -> list[Finding]:
    """Return the techniques that change the gap or the volatility, the clearest first to be kept."""
    family = within_table(table)
    found: list[Finding] = []
    for measure, unit in (("gap", "signed_points"), ("volatility", "signed_significant3")):
        changed = [
            one
            for one in lookup.evidence.curve_comparisons
            if (one.family, one.reference, one.measure) == (family, table.baseline, measure)
            and one.verdict != "inconclusive"
        ]
        kept: list[CurveComparison] = sorted(changed, key=lambda one: one.p_value or 0.0)[:MOST_LISTED]
        for one in changed:
            if one in kept:
                place = f"curve_comparisons.{family}.{one.treatment}.{table.baseline}.{measure}"
                values = lookup.interval("difference", f"{place}.difference", unit) | _technique(lookup, one.treatment)
                values |= failure_values(lookup, one.treatment, table.baseline)
                values |= {"p": lookup.value(f"{place}.p_adjusted", "p_equals")}
                found.append(_finding(lookup, table, f"technique_{measure}", one.verdict, values, one.treatment))
    return found


def _no_effect(lookup: Lookup, table: StudyTable, effects: list[Comparison]) -> list[Finding]:
    """Return the one sentence on all techniques without a verdict, which names them."""
    family = within_table(table)
    named = {"techniques": lookup.value(f"facts.undecided_techniques.{family}", "techniques")}
    return [
        _finding(lookup, table, "no_effect", one.verdict, one.values | named)
        for one in not_detected(lookup, section(table), effects, family)
    ]


def _what_matters_most(lookup: Lookup, table: StudyTable) -> list[Finding]:
    """Return the technique that departs further from the baseline than every other of several, where there is one."""
    family = within_table(table)

    def effect(treatment: str, reference: str) -> Effect:
        turned = table.conditions.index(treatment) < table.conditions.index(reference)
        pair = (reference, treatment) if turned else (treatment, reference)
        return effect_of(lookup.comparison(family, *pair), turned)

    techniques = table.conditions[1:]
    chosen = stands_out(table.baseline, techniques, effect) if len(techniques) > 1 else None
    if chosen is None:
        return []
    values = _technique(lookup, chosen) | failure_values(lookup, chosen, table.baseline)
    return [_finding(lookup, table, "ranking", effect(chosen, table.baseline).verdict, values)]
