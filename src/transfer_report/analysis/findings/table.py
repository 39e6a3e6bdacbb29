"""Findings below a table: fit of the baseline, and the changes by each technique."""

from transfer_report.analysis.families import within_table
from transfer_report.analysis.findings.pairwise import (
    UNDECIDED,
    by_p_value,
    failure_refs,
    is_exploratory,
    not_detected,
    pair_refs,
    scoped_verdict,
)
from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.rules import Effect, effect_of, stands_out, why_no_interval
from transfer_report.records.analysis import Comparison, CurveComparison, Finding, StudyTable

MOST_LISTED = 2
"""Effects on accuracy that get a sentence: those with the smallest p-values; the table of effects has all."""
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


def _finding(table: StudyTable, kind: str, verdict: str, refs: dict[str, str], *about: str) -> Finding:
    return Finding(
        kind=kind,
        section=section(table),
        about=about,
        verdict=verdict,
        refs=refs,
        exploratory=kind in EXPLORATORY and verdict not in UNDECIDED,
    )


def _failed(lookup: Lookup, table: StudyTable) -> list[Finding]:
    """The conditions with failed runs, with their seeds, by the reason."""
    found = []
    for one in (lookup.conditions[key] for key in table.conditions):
        for reason, seeds in (("one_class", one.failed_one_class), ("loss", one.failed_loss)):
            if seeds:
                verdict = "all" if len(seeds) == one.seeds else "some"
                found.append(_finding(table, f"failed_{reason}", verdict, {"condition": one.address}, one.condition))
    return found


def _gap(lookup: Lookup, table: StudyTable) -> Finding:
    """Does the baseline fit its training images better than it validates, by more than the margin?"""
    curve = lookup.curve(table.baseline, "gap")
    refs = {"curve": curve.address}
    if curve.estimate is None:
        return _finding(table, "gap", "no_value", refs)
    test = lookup.level("gap", table.baseline, lookup.evidence.facts.margin)
    shown = {"above": "above", "below": "within"}.get(test.verdict if test else "", "inconclusive")
    if test is not None and test.p_adjusted is not None:
        refs["level"] = test.address
    return _finding(table, "gap", why_no_interval(curve.estimate) or shown, refs)


def _onset(lookup: Lookup, table: StudyTable) -> list[Finding]:
    """Return in how many runs of the baseline the validation loss ends well above its lowest, where in any."""
    baseline = lookup.conditions[table.baseline]
    if not baseline.rising_runs:
        return []
    verdict = "all" if baseline.rising_runs == baseline.seeds else "some"
    return [_finding(table, "onset", verdict, {"condition": baseline.address})]


def _last_epoch(lookup: Lookup, table: StudyTable) -> list[Finding]:
    """Return how many runs of the table were still at their best when training ended, where half or more were."""
    counts = lookup.run_counts[within_table(table)]
    verdict = common(counts.last_epoch_runs, counts.runs)
    return [_finding(table, "last_epoch", verdict, {"counts": counts.address})] if verdict else []


def probes_kept(lookup: Lookup, section: str, runs_of: str) -> list[Finding]:
    """Return in how many runs of LP-FT no epoch of fine-tuning was better than the probe, where in half or more.

    Args:
        lookup: The evidence.
        section: Where the sentence stands.
        runs_of: A table, or the strategy, in the facts that count runs.
    """
    counts = lookup.run_counts[runs_of]
    verdict = common(counts.probe_runs, counts.runs)
    if not verdict:
        return []
    return [Finding(kind="probe_kept", section=section, about=(), verdict=verdict, refs={"counts": counts.address})]


def common(counted: int, runs: int) -> str:
    """The verdict on what runs have in common: `all`, `some` where half of them or more, else empty."""
    if not counted or 2 * counted < runs:
        return ""
    return "all" if counted == runs else "some"


def _effect_on_accuracy(lookup: Lookup, table: StudyTable, comparison: Comparison) -> Finding:
    """Return the change of test accuracy against the baseline."""
    refs = pair_refs(lookup, comparison)
    found = _finding(table, "technique", scoped_verdict(comparison), refs, comparison.treatment)
    return found.model_copy(update={"exploratory": is_exploratory(comparison)})


def _effects_on_curves(lookup: Lookup, table: StudyTable) -> list[Finding]:
    """Return one sentence for all techniques that widen the gap, one for all that narrow it; the same of volatility."""
    found: list[Finding] = []
    for changed in lookup.evidence.changed_curves:
        if changed.family == within_table(table):
            ends = sorted(
                (
                    one
                    for one in lookup.evidence.curve_comparisons
                    if (one.family, one.measure, one.verdict) == (changed.family, changed.measure, changed.verdict)
                    and one.reference == table.baseline
                ),
                key=_difference,
            )
            refs = {
                "changed": changed.address,
                "decided": changed.address,
                "lowest": ends[0].address,
                "highest": ends[-1].address,
            }
            found.append(_finding(table, f"technique_{changed.measure}", changed.verdict, refs, changed.verdict))
    return found


def _difference(comparison: CurveComparison) -> float:
    return comparison.difference.value if comparison.difference else 0.0


def _no_effect(lookup: Lookup, table: StudyTable, effects: list[Comparison]) -> list[Finding]:
    """Return the one sentence on all techniques without a verdict, which names them."""
    return [
        _finding(table, "no_effect", one.verdict, one.refs)
        for one in not_detected(lookup, section(table), effects, within_table(table))
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
    refs = {"condition": lookup.conditions[chosen].address} | failure_refs(lookup, chosen, table.baseline)
    return [_finding(table, "ranking", effect(chosen, table.baseline).verdict, refs)]
