"""What may be said of the test images: the fall from validation, the errors, the confidence, the shift."""

from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.rules import against_level
from transfer_report.records import Fall, Finding, ShiftTest, Value

SECTION = "test"


def test_set_findings(lookup: Lookup) -> list[Finding]:
    """The sentences of the test-set analysis, in reading order."""
    return [
        _falls(lookup),
        *_largest_fall(lookup),
        _recall_gap(lookup),
        _overconfidence(lookup),
        _hard_images(lookup),
        *(_shift(lookup, shift) for shift in lookup.evidence.shifts),
    ]


test_set_findings.__test__ = False  # type: ignore[attr-defined]  # no test, whatever pytest thinks of the name


def _finding(lookup: Lookup, kind: str, verdict: str, values: dict[str, Value], *about: str) -> Finding:
    shared = {"confidence": lookup.value("facts.confidence", "percent_exact")}
    return Finding(kind=kind, section=SECTION, about=about, verdict=verdict, values=shared | values)


def _falls(lookup: Lookup) -> Finding:
    """In how many conditions test accuracy is shown to lie below validation accuracy."""
    fell = sum(fall.verdict == "fell" for fall in lookup.evidence.falls)
    total = len(lookup.evidence.falls)
    verdict = "none" if fell == 0 else "all" if fell == total else "some"
    values = {"fell": lookup.value("facts.fell", "count"), "conditions": lookup.value("facts.conditions", "count")}
    return _finding(lookup, "falls", verdict, values)


def _largest_fall(lookup: Lookup) -> list[Finding]:
    """The condition with the largest fall: of those that are shown, or where none is, of all that may be one."""
    shown = [fall for fall in lookup.evidence.falls if fall.verdict == "fell"]
    possible = [fall for fall in lookup.evidence.falls if fall.difference.value > 0 and fall.p_adjusted is not None]
    if not (shown or possible):
        return []
    largest: Fall = max(shown or possible, key=lambda fall: fall.difference.value)
    place = f"falls.{largest.condition}"
    values = lookup.interval("fall", f"{place}.difference", "points") | {
        "condition": lookup.condition(largest.condition),
        "p": lookup.value(f"{place}.p_adjusted", "p_equals"),
    }
    return [_finding(lookup, "largest_fall", "fell" if shown else "cannot_tell", values)]


def _recall_gap(lookup: Lookup) -> Finding:
    """Whether the class that validation recalled worst is worse than the one it recalled best on the test images too.

    The two classes are named by validation, so that the test images do not choose what they then test.
    """
    chosen = lookup.evidence.selection.recommended
    estimate = lookup.measurement("recall_gap", chosen).estimate
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
    verdict = {"above": "shown", "below": "reversed"}.get(against_level(estimate, 0), "cannot_tell")
    return _finding(lookup, "recall_gap", verdict, values)


def _overconfidence(lookup: Lookup) -> Finding:
    """Whether the recommended condition is surer, or less sure, than it is right."""
    chosen = lookup.evidence.selection.recommended
    estimate = lookup.measurement("overconfidence", chosen).estimate
    verdict = {"above": "overconfident", "below": "underconfident"}.get(against_level(estimate, 0), "cannot_tell")
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


def _shift(lookup: Lookup, shift: ShiftTest) -> Finding:
    """Whether test images can be told from training images."""
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
