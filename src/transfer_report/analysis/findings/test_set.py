"""Findings on the test images: drop from validation, errors, confidence and shift."""

from transfer_report.analysis.findings.pairwise import UNDECIDED
from transfer_report.analysis.lookup import Lookup, address
from transfer_report.records.analysis import Drop, ExternalSummary, Finding, ShiftTest, Value

_SECTION = "test"


def test_set_findings(lookup: Lookup) -> list[Finding]:
    """The sentences of the test-set analysis, in reading order."""
    return [
        _drops(lookup),
        *_largest_drop(lookup),
        _recall_gap(lookup),
        _overconfidence(lookup),
        _hard_images(lookup),
        *(_shift(lookup, shift) for shift in lookup.evidence.shifts if shift.verdict != "inconclusive"),
        *_no_shift(lookup),
        *subgroup_findings(lookup),
        *external_findings(lookup),
    ]


test_set_findings.__test__ = False  # type: ignore[attr-defined]  # no test, whatever pytest thinks of the name


def _finding(lookup: Lookup, kind: str, verdict: str, values: dict[str, Value], *about: str) -> Finding:
    shared = {"confidence": lookup.value("facts.confidence", "percent_exact")}
    return Finding(
        kind=kind,
        section=_SECTION,
        about=about,
        verdict=verdict,
        values=shared | values,
        exploratory=kind != "hard_images" and verdict not in UNDECIDED,
    )


def _drops(lookup: Lookup) -> Finding:
    """In how many conditions test accuracy is shown to lie below validation accuracy."""
    dropped = sum(drop.verdict == "dropped" for drop in lookup.evidence.drops)
    total = len(lookup.evidence.drops)
    verdict = "none" if dropped == 0 else "all" if dropped == total else "some"
    values = {
        "dropped": lookup.value("facts.dropped", "count"),
        "conditions": lookup.value("facts.conditions", "count"),
    }
    return _finding(lookup, "drops", verdict, values)


def _largest_drop(lookup: Lookup) -> list[Finding]:
    """The condition with the largest drop: of those that are shown, or where none is, of all that may be one."""
    shown = [drop for drop in lookup.evidence.drops if drop.verdict == "dropped"]
    possible = [drop for drop in lookup.evidence.drops if drop.difference.value > 0 and drop.p_adjusted is not None]
    if not (shown or possible):
        return []
    largest: Drop = max(shown or possible, key=lambda drop: drop.difference.value)
    place = f"drops.{largest.condition}"
    values = lookup.interval("drop", f"{place}.difference", "points") | {
        "condition": lookup.condition(largest.condition),
        "p": lookup.value(f"{place}.p_adjusted", "p_equals"),
    }
    return [_finding(lookup, "largest_drop", "dropped" if shown else "inconclusive", values)]


def _recall_gap(lookup: Lookup) -> Finding:
    """State whether the class recalled worst in validation is recalled worst on the test images too.

    The two classes are named by validation, so that the test images do not choose what they then test.
    """
    chosen = lookup.evidence.selection.recommended
    worst, best = lookup.evidence.facts["worst_class_index"], lookup.evidence.facts["best_class_index"]
    values = lookup.interval("difference", f"measurements.recall_gap.{chosen}.estimate", "signed_points") | {
        "condition": lookup.condition(chosen),
        "worst": lookup.value("facts.worst_class", "text"),
        "best": lookup.value("facts.best_class", "text"),
        "worst_recall": lookup.value(f"measurements.recall-{worst}.{chosen}.estimate.value", "percent"),
        "best_recall": lookup.value(f"measurements.recall-{best}.{chosen}.estimate.value", "percent"),
        "worst_validated": lookup.value("facts.worst_class_validated", "percent"),
        "best_validated": lookup.value("facts.best_class_validated", "percent"),
    }
    verdict = {"above": "shown", "below": "reversed"}.get(_shown(lookup, "recall_gap", chosen), "inconclusive")
    return _finding(lookup, "recall_gap", verdict, values)


def _shown(lookup: Lookup, name: str, condition: str) -> str:
    """On which side of 0 a quantity is shown to lie."""
    test = lookup.level(name, condition, 0.0)
    return "inconclusive" if test is None else test.verdict


def _overconfidence(lookup: Lookup) -> Finding:
    """State whether the recommended condition is overconfident or underconfident."""
    chosen = lookup.evidence.selection.recommended
    sides = {"above": "overconfident", "below": "underconfident"}
    verdict = sides.get(_shown(lookup, "overconfidence", chosen), "inconclusive")
    values = lookup.interval("excess", f"measurements.overconfidence.{chosen}.estimate", "points")
    values |= lookup.interval("error", f"estimates.test.{chosen}.calibration_error", "decimal3")
    return _finding(lookup, "overconfidence", verdict, values | {"condition": lookup.condition(chosen)})


def _hard_images(lookup: Lookup) -> Finding:
    """How many images most conditions get wrong."""
    values = {
        "hard": lookup.value("facts.hard_images", "count"),
        "images": lookup.value("facts.test_images", "count"),
        "conditions": lookup.value("facts.conditions", "count"),
    }
    return _finding(lookup, "hard_images", "some" if lookup.evidence.hard_images else "none", values)


def _no_shift(lookup: Lookup) -> list[Finding]:
    """Return one sentence for all tests that found nothing; the table of shifts has each."""
    undecided = sorted(
        (shift for shift in lookup.evidence.shifts if shift.verdict == "inconclusive"), key=lambda shift: shift.effect
    )
    if not undecided:
        return []
    values = {
        "features": lookup.value("facts.undetected_shifts", "features_list"),
        "count": lookup.value("facts.undetected_shift_count", "count"),
        "lowest": lookup.value(f"shifts.{undecided[0].features}.effect", "decimal"),
        "highest": lookup.value(f"shifts.{undecided[-1].features}.effect", "decimal"),
    }
    return [_finding(lookup, "shift_none", "inconclusive", values)]


def _shift(lookup: Lookup, shift: ShiftTest) -> Finding:
    """Return what a decided test says: test and training images differ, or are alike."""
    place = f"shifts.{shift.features}"
    values = {
        "effect": lookup.value(f"{place}.effect", "decimal"),
        "effect_low": lookup.value(f"{place}.low", "decimal"),
        "effect_high": lookup.value(f"{place}.high", "decimal"),
        "p": lookup.value(f"{place}.p_adjusted", "p_equals"),
    }
    kind, _, model = shift.features.partition(":")
    if model:
        values["model"] = lookup.value(f"models.{model}", "model")
    return _finding(lookup, f"shift_{kind}", shift.verdict, values, *filter(None, [model]))


MOST_SUBGROUPS = 3
"""Sentences on gaps; the table has all."""
SMALL_SUBGROUP = 50
"""With fewer images, the interval of an accuracy near 80 % is more than ten points wide on either side."""


def subgroup_findings(lookup: Lookup) -> list[Finding]:
    """Return the largest gaps between a part of the test images and the others, and how many parts are small.

    Without a gap that is shown, the largest difference is named as undecided; where two parts are all images, the
    first of them speaks for both.
    """
    parts = [part for part in lookup.evidence.subgroups if part.difference is not None and part.p_adjusted is not None]
    if not parts:
        return []
    largest = sorted(parts, key=lambda part: -abs(part.difference.value) if part.difference else 0.0)
    shown = [part for part in largest if part.verdict != "inconclusive"]
    first_of = {part.characteristic: part for part in reversed(shown)}
    named = [part for part in shown if part is first_of[part.characteristic]][:MOST_SUBGROUPS]
    found = []
    for part in named or largest[:1]:
        place = address("subgroups", part)
        values = lookup.interval("difference", f"{place}.difference", "signed_points") | {
            "name": lookup.value(f"{place}.characteristic", "text"),
            "level": lookup.value(f"{place}.level", "text"),
            "condition": lookup.condition(part.condition),
            "images": lookup.value(f"{place}.accuracy.images", "count"),
            "accuracy": lookup.value(f"{place}.accuracy.value", "percent"),
            "p": lookup.value(f"{place}.p_adjusted", "p_equals"),
        }
        found.append(_finding(lookup, "subgroup", part.verdict, values, part.characteristic))
    small = [part for part in parts if part.accuracy.images < SMALL_SUBGROUP]
    if small:
        smallest = min(small, key=lambda part: part.accuracy.images)
        place = address("subgroups", smallest)
        values = {
            "name": lookup.value(f"{place}.characteristic", "text"),
            "level": lookup.value(f"{place}.level", "text"),
            "images": lookup.value(f"{place}.accuracy.images", "count"),
        }
        found.append(_finding(lookup, "small_subgroups", "none", values))
    return [one.model_copy(update={"section": "subgroups"}) for one in found]


def external_findings(lookup: Lookup) -> list[Finding]:
    """Return what may be said of each external set of images."""
    return [finding for one in lookup.evidence.external for finding in _external(lookup, one)]


def _external(lookup: Lookup, one: ExternalSummary) -> list[Finding]:
    """In how many conditions accuracy drops on external images, that of the recommended one, and their order there."""
    place, chosen = f"external.{one.external}", lookup.evidence.selection.recommended
    shared = {"name": lookup.value(f"{place}.external", "text")}
    counts = {name: lookup.value(f"{place}.{name}", "count") for name in ("images", "conditions", "dropped", "rose")}
    dropped = "none" if one.dropped == 0 else "all" if one.dropped == one.conditions else "some"
    drop_place = f"external_drops.{one.external}.{chosen}"
    verdict = str(lookup.value(f"{drop_place}.verdict", "text").value)
    of_chosen = lookup.interval("drop", f"{drop_place}.difference", "points") | {
        "condition": lookup.condition(chosen),
        "p": lookup.value(f"{drop_place}.p_adjusted", "p_equals"),
        "accuracy": lookup.value(f"external_scores.{one.external}.{chosen}.there.accuracy.value", "percent"),
        "error": lookup.value(f"external_scores.{one.external}.{chosen}.there.calibration_error.value", "decimal3"),
        "test_error": lookup.value(f"external_scores.{one.external}.{chosen}.test.calibration_error.value", "decimal3"),
    }
    signs = ("compared", "same", "same_shown", "opposite", "opposite_shown")
    order = {name: lookup.value(f"{place}.{name}", "count") for name in signs}
    held = "none" if not one.compared else "same" if one.same == one.compared else "mixed"
    found = [
        _finding(lookup, "external_drops", dropped, shared | counts),
        _finding(lookup, "external_recommended", verdict, shared | of_chosen),
        # Signs are counted; nothing is concluded from them.
        _finding(lookup, "external_order", held, shared | order).model_copy(update={"exploratory": False}),
    ]
    return [finding.model_copy(update={"section": f"external:{one.external}"}) for finding in found]
