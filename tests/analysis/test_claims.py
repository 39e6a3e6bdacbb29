from pathlib import Path

import pytest
from tests.analysis.evidence import comparison, curve_comparison, estimate, evidence, latency, published
from tests.analysis.test_findings import with_curves, with_falls

from transfer_report.analysis.claims.judge import JUDGES, judge
from transfer_report.analysis.claims.predicates import Claim, compared_conditions, load_claims, named_conditions
from transfer_report.analysis.lookup import Lookup
from transfer_report.errors import UserError

BASELINE, LR, DROPOUT = "fine_tuning/baseline", "fine_tuning/lr", "fine_tuning/dropout"


def verdict(predicates, studied):
    claim = Claim.model_validate({"id": "X", "text": "so", "all_of": predicates})
    return judge(claim, Lookup(studied)).verdict


def compared(verdicts):
    """Evidence in which some (treatment, reference) have a verdict and all other pairs cannot be told."""
    changed = [
        comparison(c.family, c.treatment, c.reference, verdicts.get((c.treatment, c.reference), "cannot_tell"))
        for c in evidence().comparisons
    ]
    return evidence(comparisons=changed)


def curves_compared(verdict_of_all):
    changed = [
        curve_comparison(c.family, c.treatment, c.reference, c.measure, verdict_of_all)
        for c in evidence().curve_comparisons
    ]
    return evidence(curve_comparisons=changed)


HIGHER = {"kind": "difference", "treatment": LR, "reference": BASELINE, "expect": "better"}
GAP = {"kind": "curve_level", "measure": "gap", "condition": BASELINE, "expect": "above", "level": 0.05}
LOWER_GAP = {"kind": "curve_difference", "measure": "gap", "treatment": LR, "reference": BASELINE, "expect": "lower"}
LARGEST = {"kind": "largest_effect", "condition": LR, "baseline": BASELINE, "others": [DROPOUT]}
TOP1 = {"kind": "published", "architecture": "resnet50", "figure": "top1", "value": 76.13, "decimals": 2}
RATIO = {"kind": "published_ratio", "figure": "parameters", "larger": "resnet50", "smaller": "small", "factor": 2.0}
FASTER = {"kind": "faster", "faster": "small", "slower": "resnet50"}
RISING = {"kind": "rising_loss", "condition": BASELINE, "expect": False}
FELL = {"kind": "fell", "condition": BASELINE}

SMALL = published("small", 12_778_516, 1.0, 70.0, 90.0)
LARGER_SMALL = published("small", 12_778_517, 1.0, 70.0, 90.0)


def with_published(small):
    return evidence(published=[*evidence().published, small])


def with_latency(low, middle, high):
    return evidence(latencies=[*evidence().latencies, latency("small", low, middle, high)])


CASES = {
    "difference holds": (HIGHER, compared({(LR, BASELINE): "better"}), "holds"),
    "difference is contradicted": (HIGHER, compared({(LR, BASELINE): "worse"}), "contradicted"),
    "equivalence contradicts a difference": (HIGHER, compared({(LR, BASELINE): "equivalent"}), "contradicted"),
    "difference cannot be told": (HIGHER, compared({}), "cannot_tell"),
    "the other way round": (
        HIGHER | {"treatment": BASELINE, "reference": LR},
        compared({(LR, BASELINE): "worse"}),
        "holds",
    ),
    "level above": (GAP, with_curves("gap", estimate=estimate(0.1, 0.0501, 0.2)), "holds"),
    "level on its boundary": (GAP, with_curves("gap", estimate=estimate(0.1, 0.05, 0.2)), "cannot_tell"),
    "level below": (GAP, with_curves("gap", estimate=estimate(0.01, -0.1, 0.0499)), "contradicted"),
    "level of one seed": (GAP, with_curves("gap", estimate=estimate(0.1, None, None, "runs")), "cannot_tell"),
    "level without a value": (GAP, with_curves("gap", estimate=None), "cannot_tell"),
    "level in too short a run": (
        GAP | {"min_epochs": 6},
        with_curves("gap", estimate=estimate(0.9, 0.8, 1)),
        "cannot_tell",
    ),
    "curves differ": (LOWER_GAP, curves_compared("lower"), "holds"),
    "curves differ the other way": (LOWER_GAP, curves_compared("higher"), "contradicted"),
    "curves cannot be told": (LOWER_GAP, curves_compared("cannot_tell"), "cannot_tell"),
    "curves not compared": (LOWER_GAP, evidence(curve_comparisons=[]), "cannot_tell"),
    "largest effect": (LARGEST, compared({(LR, BASELINE): "better", (DROPOUT, LR): "worse"}), "holds"),
    "not the largest effect": (
        LARGEST,
        compared({(LR, BASELINE): "better", (DROPOUT, BASELINE): "better", (DROPOUT, LR): "better"}),
        "contradicted",
    ),
    "no effect where another has one": (
        LARGEST,
        compared({(LR, BASELINE): "equivalent", (DROPOUT, BASELINE): "worse"}),
        "contradicted",
    ),
    "significant beside not significant is no order": (LARGEST, compared({(LR, BASELINE): "better"}), "cannot_tell"),
    "published as rounded": (TOP1, evidence(), "holds"),
    "published to fewer decimals": (TOP1 | {"value": 76.1, "decimals": 1}, evidence(), "holds"),
    "published otherwise": (TOP1 | {"value": 76.15}, evidence(), "contradicted"),
    "ratio reached": (RATIO, with_published(SMALL), "holds"),
    "ratio missed": (RATIO, with_published(LARGER_SMALL), "contradicted"),
    "faster": (FASTER, with_latency(10, 20, 29.9), "holds"),
    "ranges touch": (FASTER, with_latency(10, 20, 30), "cannot_tell"),
    "slower": (FASTER, with_latency(35.1, 36, 37), "contradicted"),
    "no run rises": (RISING, with_curves("overfitting_onset", per_seed=[None] * 3), "holds"),
    "every run rises": (RISING, with_curves("overfitting_onset", per_seed=[2.0] * 3), "contradicted"),
    "some runs rise": (RISING, with_curves("overfitting_onset", per_seed=[2.0, None, None]), "cannot_tell"),
    "one run": (RISING, with_curves("overfitting_onset", per_seed=[None]), "cannot_tell"),
    "fell": (FELL, with_falls("fell", *["cannot_tell"] * 5), "holds"),
    "rose": (FELL, with_falls("rose", *["cannot_tell"] * 5), "contradicted"),
    "neither": (FELL, evidence(), "cannot_tell"),
    "not tested": ({"kind": "not_tested", "reason": "no condition"}, evidence(), "cannot_tell"),
}


@pytest.mark.parametrize("name", CASES)
def test_predicate(name):
    predicate, studied, expected = CASES[name]
    assert verdict([predicate], studied) == expected


def test_every_kind_of_predicate_is_tried_on_both_sides():
    outcomes = {}
    for predicate, _, expected in CASES.values():
        outcomes.setdefault(predicate["kind"], set()).add(expected)
    assert len(outcomes) == len(JUDGES)
    assert all({"holds", "contradicted"} <= seen for kind, seen in outcomes.items() if kind != "not_tested")


def test_a_claim_holds_when_all_of_it_holds():
    better = compared({(LR, BASELINE): "better"})
    assert verdict([HIGHER, TOP1], better) == "holds"
    assert verdict([HIGHER, FELL], better) == "cannot_tell"
    assert verdict([FELL, TOP1 | {"value": 1.0}], better) == "contradicted"


def test_the_claims_of_the_homework_are_all_there():
    ids = {claim.id for claim in load_claims(Path("report/claims.yaml"))}
    expected = {"A": 4, "B": 17, "C": 11, "D": 4, "E": 3}
    assert ids == {f"{section}{number}" for section, last in expected.items() for number in range(1, last + 1)}


def test_what_a_claim_needs_compared():
    claim = Claim.model_validate({"id": "X", "text": "so", "all_of": [LARGEST, GAP]})
    assert compared_conditions(claim) == [(LR, BASELINE), (LR, DROPOUT), (DROPOUT, BASELINE)]
    assert set(named_conditions(claim)) == {LR, BASELINE, DROPOUT}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("claims:\n- {id: A, text: so, all_of: [{kind: differnce}]}", "differnce"),
        ("claims:\n- {id: A, text: so, all_of: []}", "all_of"),
        ("claims:\n- {id: A, all_of: [{kind: not_tested, reason: so}]}", "text"),
        ("claims:\n- {id: A, text: so, al_of: 1, all_of: [{kind: not_tested, reason: so}]}", "al_of"),
        ("claims:\n- {id: A, text: so, all_of: [{kind: fell, condition: x, metric: f1}]}", "metric"),
        ("claims: [", "not valid YAML"),
        ("- 1", "lines are expected"),
    ],
)
def test_a_broken_claim_is_named(tmp_path, text, named):
    file = tmp_path / "claims.yaml"
    file.write_text(text)
    with pytest.raises(UserError, match=named):
        load_claims(file)
