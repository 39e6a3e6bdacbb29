"""Findings on accuracy by the number of training images: would more images help?"""

from transfer_report.analysis.lookup import Lookup
from transfer_report.records.analysis import Finding

_SECTION = "training_size"


def size_findings(lookup: Lookup) -> list[Finding]:
    """Return what each curve says of twice the training images, and what the recommended condition reaches now.

    No difference is stated, so nothing is tested.
    """
    curves, chosen = lookup.evidence.size_curves, lookup.evidence.selection.recommended
    found = [
        Finding(
            kind="size_curve", section=_SECTION, about=(one.condition,), verdict=one.fit, refs={"curve": one.address}
        )
        for one in curves
    ]
    if curves and chosen not in [curve.condition for curve in curves]:
        refs = {"accuracy": lookup.evidence.estimates["test"][chosen]["accuracy"].address}
        found.append(Finding(kind="size_recommended", section=_SECTION, about=(), verdict="other", refs=refs))
    return found
