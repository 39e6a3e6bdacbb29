"""One promise for the whole report: which of its statements the data bear, decided in one place.

Main questions are decided together by Benjamini and Hochberg's (1995) method: of the findings stated, at most
1 − confidence are false on average, and where nothing differs, so many reports hold a false one. All else that a
report states is exploratory and decided together by Hommel's (1988) method: at most so many reports hold any that is
false. A comparison is one test of three outcomes: better or worse by the test of no difference, equivalent by two
one-sided tests. At any true difference only one of the two can be wrong, so that a false "equivalent" counts as false,
too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import nctdtrinc, stdtrit
from statsmodels.stats.multitest import multipletests

from transfer_report.records.analysis import (
    Comparison,
    CurveComparison,
    Drop,
    Estimate,
    ExternalDrop,
    LevelTest,
    Promise,
    ReportedResult,
    Role,
    ShiftTest,
    Subgroup,
    Verdict,
)

POWER = 0.8
"""With which the minimum detectable difference would be found; the convention since Cohen 1988."""


Sided = TypeVar("Sided", CurveComparison, Drop, ExternalDrop, ReportedResult, Subgroup)


class PValues(NamedTuple):
    """Of one question: no difference, and (where that can be an answer) a difference that matters."""

    difference: float | None
    equivalence: float | None = None

    @property
    def tested(self) -> list[float]:
        """Those that there are."""
        return [p for p in self if p is not None]


@dataclass(frozen=True)
class Statements:
    """All that a report may state, with p-values of each by itself or as `decide` left them."""

    comparisons: list[Comparison] = field(default_factory=list)
    curve_comparisons: list[CurveComparison] = field(default_factory=list)
    drops: list[Drop] = field(default_factory=list)
    external_drops: list[ExternalDrop] = field(default_factory=list)
    subgroups: list[Subgroup] = field(default_factory=list)
    shifts: list[ShiftTest] = field(default_factory=list)
    reported: list[ReportedResult] = field(default_factory=list)
    levels: list[LevelTest] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)


def decide(given: Statements, error: float) -> Statements:
    """Return the same statements with corrected p-values, verdicts and what could have been detected.

    Args:
        given: with the p-values of each test by itself.
        error: share of false main findings, and of reports with a false exploratory one; 1 − confidence.
    """
    main = [one for one in given.comparisons if one.role == "main"]
    pairs = [one for one in given.comparisons if one.role == "exploratory"]
    kinds = (
        given.curve_comparisons, given.drops, given.shifts, given.reported, given.levels, given.external_drops,
        given.subgroups
    )  # fmt: skip
    exploratory = [*map(_of_two, pairs), *(_asked(one) for kind in kinds for one in kind)]
    of_main = benjamini_hochberg(list(map(_of_two, main)))
    of_others = iter(hommel(exploratory))
    asked = {
        "main": sum(bool(_of_two(one).tested) for one in main),
        "exploratory": sum(bool(one.tested) for one in exploratory),
    }
    decided = {id(one): _decided(one, p, error, asked["main"]) for one, p in zip(main, of_main, strict=True)}
    decided |= {id(one): _decided(one, next(of_others), error, asked["exploratory"]) for one in pairs}
    found = Statements(
        comparisons=[decided[id(one)] for one in given.comparisons],
        curve_comparisons=[_with_side(one, next(of_others), error, "higher", "lower") for one in kinds[0]],
        drops=[_with_side(one, next(of_others), error, "dropped", "rose") for one in kinds[1]],
        shifts=[_of_shift(one, next(of_others), error) for one in kinds[2]],
        reported=[_with_side(one, next(of_others), error, "higher", "lower") for one in kinds[3]],
        levels=[_of_level(one, next(of_others), error) for one in kinds[4]],
        external_drops=[_with_side(one, next(of_others), error, "dropped", "rose") for one in kinds[5]],
        subgroups=[_with_side(one, next(of_others), error, "higher", "lower") for one in kinds[6]],
    )
    return Statements(**vars(found) | {"promises": _promises(found, asked, error)})


def benjamini_hochberg(questions: Sequence[PValues]) -> list[PValues]:
    """Return p-values adjusted for the false discovery rate among questions with up to two answers each."""

    def adjusted(p: float, others: NDArray[np.float64]) -> float:
        return float(multipletests(np.append(p, others), method="fdr_bh")[1][0])

    return _adjusted(questions, min, adjusted)


def hommel(questions: Sequence[PValues]) -> list[PValues]:
    """Return p-values adjusted for the family-wise error among questions with up to two answers each.

    Closed testing with Simes' test. Only one of the two answers to a question can be false, so an intersection of
    what may be false holds one of each question, at worst that with the larger p-value.
    """
    return _adjusted(questions, max, _hommel_of)


def minimum_detectable_difference(error: float, standard_error: float, df: float) -> float:
    """Return the true difference that a two-sided t test finds with probability `POWER`, by the non-central t."""
    critical = float(stdtrit(df, 1 - error / 2))
    return float(nctdtrinc(df, 1 - POWER, critical)) * standard_error


def _adjusted(
    questions: Sequence[PValues],
    stands_for: Callable[[list[float]], float],
    adjust: Callable[[float, NDArray[np.float64]], float],
) -> list[PValues]:
    """Adjust each answer among the other questions; each counts with one p-value, in ascending order."""
    members = [stands_for(question.tested) if question.tested else inf for question in questions]
    order = np.argsort(members, kind="stable")
    ascending = np.array(members)[order][: sum(member < inf for member in members)]
    places = np.argsort(order)
    found = []
    for question, place in zip(questions, places, strict=True):
        others = np.delete(ascending, place) if question.tested else ascending
        found.append(PValues(*(None if p is None else adjust(p, others) for p in question)))
    return found


def _hommel_of(p: float, others: NDArray[np.float64]) -> float:
    """Return Hommel's adjusted p-value of one hypothesis: the largest Simes p-value of an intersection that holds it.

    Of all intersections of one size, that with the largest of the other p-values has the largest. Sizes in which it is
    not the smallest add nothing. In the rest, size × p grows with the size, and what the others allow falls: the
    largest of the smaller of both is where they cross.

    Args:
        p: of the hypothesis.
        others: of the others, in ascending order.
    """
    larger = others[np.searchsorted(others, p) :]
    most = len(larger) + 1

    def of_others(size: int) -> float:
        members = larger[most - size :]
        return float((size * members / np.arange(2, size + 1)).min()) if size > 1 else inf

    low, high = 1, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle * p <= of_others(middle) else (low, middle)
    beyond = of_others(low + 1) if low < most else 0.0
    return min(max(low * p, beyond), 1.0)


def _of_two(one: Comparison) -> PValues:
    return PValues(one.p_value, one.equivalence_p)


def _asked(one: CurveComparison | Drop | ShiftTest | ReportedResult | LevelTest | Subgroup) -> PValues:
    return PValues(one.p_value, one.equivalence_p if isinstance(one, ShiftTest) else None)


def _decided(one: Comparison, p: PValues, error: float, tests: int) -> Comparison:
    difference, detectable = one.difference, None
    if difference.standard_error and difference.df is not None:
        detectable = minimum_detectable_difference(error / tests, difference.standard_error, difference.df)
    return one.model_copy(
        update={
            "p_adjusted": p.difference,
            "equivalence_p_adjusted": p.equivalence,
            "verdict": verdict_on(difference, p.difference, p.equivalence, error),
            "minimum_detectable_difference": detectable,
        }
    )


def verdict_on(difference: Estimate, p_adjusted: float | None, p_equivalent: float | None, error: float) -> Verdict:
    """Return what may be said of a difference, by its corrected p-values.

    `equivalent` where both one-sided tests put it within the margin, also where it is not 0: within the margin it
    does not matter.
    """
    if p_equivalent is not None and p_equivalent < error:
        return "equivalent"
    if p_adjusted is not None and p_adjusted < error:
        return "better" if difference.value > 0 else "worse"
    return "inconclusive"


def _with_side(one: Sided, p: PValues, error: float, above: str, below: str) -> Sided:
    verdict = "inconclusive"
    if one.difference is not None and p.difference is not None and p.difference < error:
        verdict = above if one.difference.value > 0 else below
    return one.model_copy(update={"p_adjusted": p.difference, "verdict": verdict})


def _of_shift(one: ShiftTest, p: PValues, error: float) -> ShiftTest:
    verdict = "inconclusive"
    if p.equivalence is not None and p.equivalence < error:
        verdict = "equivalent"
    elif p.difference is not None and p.difference < error:
        verdict = "shifted"
    return one.model_copy(update={"p_adjusted": p.difference, "verdict": verdict})


def _of_level(one: LevelTest, p: PValues, error: float) -> LevelTest:
    verdict = "inconclusive"
    if p.difference is not None and p.difference < error:
        verdict = "above" if one.estimate.value > one.level else "below"
    return one.model_copy(update={"p_adjusted": p.difference, "verdict": verdict})


def _promises(found: Statements, asked: dict[str, int], error: float) -> list[Promise]:
    """How many statements of each role there are; of `stated` main ones, a share of `error` may be false."""
    others = (
        found.curve_comparisons, found.drops, found.shifts, found.reported, found.levels, found.external_drops,
        found.subgroups
    )  # fmt: skip
    verdicts: dict[Role, list[str]] = {
        role: [one.verdict for one in found.comparisons if one.role == role] for role in get_args(Role)
    }
    verdicts["exploratory"] += [one.verdict for kind in others for one in kind]
    return [
        Promise(role=role, tests=asked[role], stated=len(own) - own.count("inconclusive"), error=error)
        for role, own in verdicts.items()
    ]
