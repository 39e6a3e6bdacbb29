"""Findings on the test images: drop from validation, errors, confidence and shift."""

from transfer_report.analysis.findings.pairwise import UNDECIDED
from transfer_report.analysis.lookup import Lookup
from transfer_report.records.analysis import ExternalSummary, Finding, ShiftTest

_SECTION = "test"


def test_set_findings(lookup: Lookup) -> list[Finding]:
    """The sentences of the test-set analysis, in reading order."""
    return [
        _drops(lookup),
        *_largest_drop(lookup),
        _recall_gap(lookup),
        _overconfidence(lookup),
        _hard_images(lookup),
        *(_shift(shift) for shift in lookup.evidence.shifts if shift.verdict != "inconclusive"),
        *_no_shift(lookup),
        *subgroup_findings(lookup),
        *external_findings(lookup),
    ]


test_set_findings.__test__ = False  # type: ignore[attr-defined]  # no test, whatever pytest thinks of the name


def _finding(kind: str, verdict: str, refs: dict[str, str], *about: str) -> Finding:
    return Finding(
        kind=kind,
        section=_SECTION,
        about=about,
        verdict=verdict,
        refs=refs,
        exploratory=kind != "hard_images" and verdict not in UNDECIDED,
    )


def _drops(lookup: Lookup) -> Finding:
    """In how many conditions test accuracy is shown to lie below validation accuracy."""
    dropped, total = lookup.evidence.facts.dropped, len(lookup.evidence.drops)
    return _finding("drops", "none" if dropped == 0 else "all" if dropped == total else "some", {})


def _largest_drop(lookup: Lookup) -> list[Finding]:
    """The condition with the largest drop: of those that are shown, or where none is, of all that may be one."""
    shown = [drop for drop in lookup.evidence.drops if drop.verdict == "dropped"]
    possible = [drop for drop in lookup.evidence.drops if drop.difference.value > 0 and drop.p_adjusted is not None]
    if not (shown or possible):
        return []
    largest = max(shown or possible, key=lambda drop: drop.difference.value)
    return [_finding("largest_drop", "dropped" if shown else "inconclusive", {"drop": largest.address})]


def _recall_gap(lookup: Lookup) -> Finding:
    """State whether the class recalled worst in validation is recalled worst on the test images too.

    The two classes are named by validation, so that the test images do not choose what they then test.
    """
    facts, chosen = lookup.evidence.facts, lookup.evidence.selection.recommended
    refs = {
        "gap": lookup.measured("recall_gap", chosen).address,
        "worst": lookup.measured(f"recall-{facts.worst_class_index}", chosen).address,
        "best": lookup.measured(f"recall-{facts.best_class_index}", chosen).address,
    }
    verdict = {"above": "shown", "below": "reversed"}.get(_shown(lookup, "recall_gap", chosen), "inconclusive")
    return _finding("recall_gap", verdict, refs)


def _shown(lookup: Lookup, name: str, condition: str) -> str:
    """On which side of 0 a quantity is shown to lie."""
    test = lookup.level(name, condition, 0.0)
    return "inconclusive" if test is None else test.verdict


def _overconfidence(lookup: Lookup) -> Finding:
    """State whether the recommended condition is overconfident or underconfident."""
    chosen = lookup.evidence.selection.recommended
    sides = {"above": "overconfident", "below": "underconfident"}
    verdict = sides.get(_shown(lookup, "overconfidence", chosen), "inconclusive")
    refs = {
        "excess": lookup.measured("overconfidence", chosen).address,
        "error": lookup.evidence.estimates["test"][chosen]["calibration_error"].address,
    }
    return _finding("overconfidence", verdict, refs)


def _hard_images(lookup: Lookup) -> Finding:
    """How many images most conditions get wrong."""
    return _finding("hard_images", "some" if lookup.evidence.hard_images else "none", {})


def _no_shift(lookup: Lookup) -> list[Finding]:
    """Return one sentence for all tests that found nothing; the table of shifts has each."""
    undecided = sorted(
        (shift for shift in lookup.evidence.shifts if shift.verdict == "inconclusive"), key=lambda shift: shift.effect
    )
    if not undecided:
        return []
    refs = {"lowest": undecided[0].address, "highest": undecided[-1].address}
    return [_finding("shift_none", "inconclusive", refs)]


def _shift(shift: ShiftTest) -> Finding:
    """Return what a decided test says: test and training images differ, or are alike."""
    kind, _, model = shift.features.partition(":")
    return _finding(f"shift_{kind}", shift.verdict, {"shift": shift.address}, *filter(None, [model]))


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
    found = [
        _finding("subgroup", part.verdict, {"part": part.address}, part.characteristic) for part in named or largest[:1]
    ]
    small = [part for part in parts if part.accuracy.images < SMALL_SUBGROUP]
    if small:
        smallest = min(small, key=lambda part: part.accuracy.images)
        found.append(_finding("small_subgroups", "none", {"part": smallest.address}))
    return [one.model_copy(update={"section": "subgroups"}) for one in found]


def external_findings(lookup: Lookup) -> list[Finding]:
    """Return what may be said of each external set of images."""
    return [finding for one in lookup.evidence.external for finding in _external(lookup, one)]


def _external(lookup: Lookup, one: ExternalSummary) -> list[Finding]:
    """In how many conditions accuracy drops on external images, that of the recommended one, and their order there."""
    key = (one.external, lookup.evidence.selection.recommended)
    drop = next(drop for drop in lookup.evidence.external_drops if (drop.external, drop.condition) == key)
    scores = next(each for each in lookup.evidence.external_scores if (each.external, each.condition) == key)
    dropped = "none" if one.dropped == 0 else "all" if one.dropped == one.conditions else "some"
    held = "none" if not one.compared else "same" if one.same == one.compared else "mixed"
    refs = {"set": one.address}
    found = [
        _finding("external_drops", dropped, refs),
        _finding("external_recommended", drop.verdict, {"drop": drop.address, "scores": scores.address}),
        # Signs are counted; nothing is concluded from them.
        _finding("external_order", held, refs).model_copy(update={"exploratory": False}),
    ]
    return [finding.model_copy(update={"section": f"external:{one.external}"}) for finding in found]
