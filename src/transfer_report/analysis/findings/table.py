"""Findings below a table: fit of the baseline, and the changes by each technique."""

from itertools import product
from typing import get_args

from transfer_report.analysis.facts import changed_curves
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
from transfer_report.analysis.lookup import Lookup, address
from transfer_report.analysis.rules import Effect, effect_of, stands_out, why_no_interval
from transfer_report.records.analysis import (
    Comparison,
    FailureReason,
    Finding,
    StudyTable,
    Value,
)

MOST_LISTED = 2
"""Effects on accuracy that get a sentence: those with the smallest p-values; the table of effects has all."""
CURVE_UNITS = {"gap": "signed_points", "volatility": "signed_significant3"}
"""Measures of the curves in which techniques are compared, and how their differences are printed."""


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
        *probes_kept(lookup, section(table), within_table(table)),
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
    found = []
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
                found.append(_finding(lookup, table, f"failed_{reason}", verdict, values, key))
    return found


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
    if test is not None and test.p_adjusted is not None:
        values["p"] = lookup.value(f"{address('levels', test)}.p_adjusted", "p_equals")
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
    }
    return [_finding(lookup, table, "onset", "all" if rising == len(per_seed) else "some", values)]


def _last_epoch(lookup: Lookup, table: StudyTable) -> list[Finding]:
    """Return how many runs of the table were still at their best when training ended, where half or more were."""
    values = most_runs(lookup, "last", "last_epoch_runs", within_table(table))
    return [_finding(lookup, table, "last_epoch", _all_or_some(values), values)] if values else []


def probes_kept(lookup: Lookup, section: str, runs_of: str) -> list[Finding]:
    """Return in how many runs of LP-FT no epoch of fine-tuning was better than the probe, where in half or more.

    Args:
        lookup: The evidence.
        section: Where the sentence stands.
        runs_of: A table, or the strategy, in the facts that count runs.
    """
    values = most_runs(lookup, "kept", "probe_runs", runs_of)
    if not values:
        return []
    return [Finding(kind="probe_kept", section=section, about=(), verdict=_all_or_some(values), values=values)]


def most_runs(lookup: Lookup, name: str, fact: str, runs_of: str) -> dict[str, Value]:
    """Return how many runs have something in common, and of how many, where half or more have; else nothing.

    Args:
        lookup: The evidence.
        name: Gap of the sentence that takes the number.
        fact: Name of the fact that counts them.
        runs_of: A table, or a strategy, in the facts that count runs.
    """
    counted, runs = (int(lookup.evidence.facts[f"{one}.{runs_of}"]) for one in (fact, "runs"))
    if not counted or 2 * counted < runs:
        return {}
    places = {name: f"facts.{fact}.{runs_of}", "runs": f"facts.runs.{runs_of}"}
    return {gap: lookup.value(place, "count") for gap, place in places.items()}


def _all_or_some(values: dict[str, Value]) -> str:
    """The verdict on runs by `most_runs`: `all` where both numbers agree."""
    return "all" if len({value.value for value in values.values()}) == 1 else "some"


def _technique(lookup: Lookup, key: str) -> dict[str, Value]:
    return {"technique": lookup.value(f"conditions.{key}", "technique")}


def _effect_on_accuracy(lookup: Lookup, table: StudyTable, comparison: Comparison) -> Finding:
    """Return the change of test accuracy against the baseline."""
    treatment = comparison.treatment
    values = difference_values(lookup, comparison) | _technique(lookup, treatment)
    found = _finding(lookup, table, "technique", scoped_verdict(comparison), values, treatment)
    return found.model_copy(update={"exploratory": is_exploratory(comparison)})


def _effects_on_curves(lookup: Lookup, table: StudyTable) -> list[Finding]:
    """Return one sentence for all techniques that widen the gap, one for all that narrow it; the same of volatility."""
    family = within_table(table)
    found: list[Finding] = []
    for measure, verdict in product(CURVE_UNITS, ("higher", "lower")):
        changed = changed_curves(lookup.evidence.curve_comparisons, table, measure, verdict)
        if not changed:
            continue
        ends = sorted(changed, key=lambda one: one.difference.value if one.difference else 0.0)
        places = [f"curve_comparisons.{family}.{one.treatment}.{one.reference}.{measure}.difference" for one in ends]
        name = f"{measure}_{verdict}.{family}"
        values = {
            "techniques": lookup.value(f"facts.changed_{name}", "techniques"),
            "count": lookup.value(f"facts.count_{name}", "count"),
            "lowest": lookup.value(f"{places[0]}.value", CURVE_UNITS[measure]),
            "highest": lookup.value(f"{places[-1]}.value", CURVE_UNITS[measure]),
            "failed_comparisons": lookup.value(f"facts.failed_{name}", "count"),
        }
        found.append(_finding(lookup, table, f"technique_{measure}", verdict, values, verdict))
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
