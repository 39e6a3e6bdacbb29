"""The thresholds and rules by which words are chosen, in one place, each with its reason."""

from transfer_report.records import Estimate


def against_margin(estimate: Estimate, margin: float) -> str:
    """Whether a quantity lies above a margin, below it, or cannot be told, by its interval.

    `above`: the whole interval is above the margin; `within`: the whole interval is at or below it.
    """
    if estimate.low is None or estimate.high is None:
        return "cannot_tell"
    if estimate.low > margin:
        return "above"
    return "within" if estimate.high <= margin else "cannot_tell"


def sign(estimate: Estimate) -> str:
    """Whether a quantity is above nought, below it, or cannot be told, by its interval."""
    if estimate.low is None or estimate.high is None:
        return "cannot_tell"
    if estimate.low > 0:
        return "above"
    return "below" if estimate.high < 0 else "cannot_tell"


HARD_IMAGE_SHARE = 0.5
"""An image is hard when more than this share of the conditions gets it wrong: most of them, as the word says."""
