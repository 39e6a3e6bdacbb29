"""Findings on accuracy by the number of training images: would more images help?"""

from transfer_report.analysis.lookup import Lookup, address
from transfer_report.records.analysis import Finding, SizeCurve

_SECTION = "training_size"


def size_findings(lookup: Lookup) -> list[Finding]:
    """Return what each curve says of twice the training images, and what the recommended condition reaches now.

    No difference is stated, so nothing is tested.
    """
    curves, chosen = lookup.evidence.size_curves, lookup.evidence.selection.recommended
    found = [_finding(lookup, curve) for curve in curves]
    if curves and chosen not in [curve.condition for curve in curves]:
        values = {"condition": lookup.condition(chosen)}
        values |= lookup.interval("accuracy", f"estimates.test.{chosen}.accuracy", "percent")
        found.append(Finding(kind="size_recommended", section=_SECTION, about=(), verdict="other", values=values))
    return found


def _finding(lookup: Lookup, curve: SizeCurve) -> Finding:
    place = address("size_curves", curve)
    last = f"{place}.points.{len(curve.points) - 1}"
    values = {
        "condition": lookup.condition(curve.condition),
        "images": lookup.value(f"{last}.images", "count"),
        "accuracy": lookup.value(f"{last}.accuracy.value", "percent"),
        "confidence": lookup.value("facts.confidence", "percent_exact"),
    }
    if curve.fit == "power_law":
        values["images_ahead"] = lookup.value(f"{place}.images_ahead", "count")
        values |= lookup.interval("ahead", f"{place}.accuracy_ahead", "percent")
        values |= lookup.interval("gain", f"{place}.gain_ahead", "signed_points")
    about = (curve.condition,)
    return Finding(kind="size_curve", section=_SECTION, about=about, verdict=curve.fit, values=values)
