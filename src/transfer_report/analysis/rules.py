"""The rules by which words are chosen, in one place, each with its reason."""

from transfer_report.records import Comparison, Estimate

HARD_IMAGE_SHARE = 0.5
"""An image is hard when more than this share of the conditions gets it wrong: most of them, as the word says."""


def against_margin(estimate: Estimate, margin: float) -> str:
    """Whether a quantity is shown to exceed a margin (`above`), shown not to (`within`), or neither (`cannot_tell`).

    A value on the margin itself counts as within it.
    """
    if estimate.low is None or estimate.high is None:
        return "cannot_tell"
    if estimate.low > margin:
        return "above"
    return "within" if estimate.high <= margin else "cannot_tell"


def against_level(estimate: Estimate, level: float) -> str:
    """Whether a quantity is shown to lie `above` a level, `below` it, or neither (`cannot_tell`)."""
    if estimate.low is None or estimate.high is None:
        return "cannot_tell"
    if estimate.low > level:
        return "above"
    return "below" if estimate.high < level else "cannot_tell"


def why_no_interval(estimate: Estimate) -> str:
    """One run says nothing of others, nor do runs with one and the same value; empty where there is an interval."""
    if estimate.low is not None:
        return ""
    return "one_seed" if estimate.scope == "runs" else "same_value"


def stands_out(baseline: str, techniques: list[str], pairs: dict[tuple[str, str], Comparison]) -> str | None:
    """The technique that is shown to differ from the baseline and from every other technique; None if there is none.

    A technique that merely has the lowest p-value does not stand out: the difference between "significant" and "not
    significant" is not itself significant (Gelman and Stern 2006).

    Args:
        baseline: the table's baseline.
        techniques: its other conditions.
        pairs: (treatment, reference) → comparison, for every two conditions, in either order.
    """

    def verdict(treatment: str, reference: str) -> str:
        if (treatment, reference) in pairs:
            return pairs[treatment, reference].verdict
        reverse = pairs[reference, treatment].verdict
        return {"better": "worse", "worse": "better"}.get(reverse, reverse)

    for technique in techniques:
        effect = verdict(technique, baseline)
        others = [other for other in techniques if other != technique]
        if effect in ("better", "worse") and all(verdict(technique, other) == effect for other in others):
            return technique
    return None
