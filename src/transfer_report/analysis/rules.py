"""The rules by which words are chosen, in one place, each with its reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transfer_report.records import Comparison, Estimate, Verdict

TURNED: dict[Verdict, Verdict] = {"better": "worse", "worse": "better"}
"""The verdicts that say of the reference what they do not say of the treatment."""

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


@dataclass(frozen=True)
class Effect:
    """What is shown of a condition against another: the verdict, and the ends of the difference."""

    verdict: Verdict
    low: float | None
    high: float | None


def effect_of(comparison: Comparison, turned: bool) -> Effect:
    """The effect of the treatment, or where the comparison is read the other way round, of the reference."""
    verdict, low, high = comparison.verdict, comparison.difference.low, comparison.difference.high
    if turned:
        verdict = TURNED.get(verdict, verdict)
        low, high = (None if end is None else -end for end in (high, low))
    return Effect(verdict, low, high)


def departs_further(own: Effect, other: Effect, between: Effect) -> bool:
    """Whether a condition is shown to depart further from the baseline than another does, in either direction.

    In its own direction it is shown to be beyond the other; the other way, the other's interval does not reach as far
    as its own begins.

    Args:
        own: the condition against the baseline.
        other: the other against the baseline.
        between: the condition against the other.
    """
    if own.verdict not in TURNED or between.verdict != own.verdict:
        return False
    if own.low is None or own.high is None or other.low is None or other.high is None:
        return False
    return -other.low < own.low if own.verdict == "better" else other.high < -own.high


def stands_out(baseline: str, techniques: Sequence[str], effect: Callable[[str, str], Effect]) -> str | None:
    """The technique that is shown to depart further from the baseline than every other; None if there is none.

    A technique that merely has the lowest p-value does not stand out: the difference between "significant" and "not
    significant" is not itself significant (Gelman and Stern 2006).

    Args:
        baseline: the table's baseline.
        techniques: its other conditions.
        effect: of a condition against another.
    """
    for technique in techniques:
        own = effect(technique, baseline)
        others = [other for other in techniques if other != technique]
        if own.verdict in TURNED and all(
            departs_further(own, effect(other, baseline), effect(technique, other)) for other in others
        ):
            return technique
    return None
