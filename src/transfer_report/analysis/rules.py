"""The rules by which words are chosen, in one place, each with its reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transfer_report.records.analysis import Comparison, Estimate, Verdict

TURNED: dict[Verdict, Verdict] = {"better": "worse", "worse": "better"}
"""The verdicts that say of the reference what they do not say of the treatment."""

FOUND_ELSEWHERE = 0.1
"""A run predicts nearly one class where it gives other classes to fewer than this share of the images that are theirs.

A share of the true number, so that a network that recognises a rare class is no failure: of 95 healthy and 5 ill, one
that calls 3 ill. At most a tenth of the other classes' images can then be recognised.
"""

FAILED_LOSS = 5.0
"""A loss has left its training behind where it is this many times the training loss, and the loss of a constant guess.

Both, since overfitting alone multiplies a training loss near 0: a network with 15 % errors, each made with a
probability of 1 to 20,000 against the truth, has 1.5, twice the constant guess between two classes (0.69). Above 5
times (3.5) the scored network is not the one that trained, as with batch-norm statistics that lag behind.
"""

RANKS_WELL = 0.7
"""Above this AUROC a condition ranks well: "acceptable discrimination" (Hosmer, Lemeshow and Sturdivant 2013)."""

HARD_IMAGE_SHARE = 0.5
"""An image is hard when more than this share of the conditions gets it wrong: most of them, as the word says."""


def largest_possible_difference(accuracy: float) -> float:
    """How far another accuracy can be from one: 0.61 from 61 %, since none lies above 1 or below 0."""
    return max(accuracy, 1 - accuracy)


def predicts_one_class(true: Sequence[int], predicted: Sequence[int]) -> bool:
    """Return whether (nearly) all images got the class that was predicted most often.

    Args:
        true: images of each class.
        predicted: images that got each class.
    """
    commonest = max(range(len(predicted)), key=lambda index: predicted[index])
    elsewhere = sum(predicted) - predicted[commonest]
    return elsewhere < FOUND_ELSEWHERE * (sum(true) - true[commonest])


def leaves_training_behind(loss: float, train_loss: float, constant_loss: float) -> bool:
    """Return whether a scored loss is many times both the training loss and that of the best constant guess."""
    return loss > FAILED_LOSS * max(train_loss, constant_loss)


def against_level(estimate: Estimate, level: float) -> str:
    """Return whether a quantity is shown to lie `above` a level, `below` it, or neither (`inconclusive`)."""
    if estimate.low is None or estimate.high is None:
        return "inconclusive"
    if estimate.low > level:
        return "above"
    return "below" if estimate.high < level else "inconclusive"


def why_no_interval(estimate: Estimate) -> str:
    """One run says nothing of others, nor do runs with one and the same value; empty where there is an interval."""
    if estimate.low is not None:
        return ""
    return "one_seed" if estimate.scope == "runs" else "same_value"


@dataclass(frozen=True)
class Effect:
    """Effect of a condition against another: verdict and ends of the difference."""

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
    """Return whether a condition is shown to depart further from the baseline than another does, in either direction.

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
