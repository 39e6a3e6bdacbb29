import json
from pathlib import Path
from typing import get_args

import pytest
from tests.analysis.evidence import comparison, curve_comparison, estimate, evidence, latency, level, published
from tests.analysis.test_findings import with_curves, with_drops

from transfer_report.analysis.claims.judge import JUDGES, judge
from transfer_report.analysis.claims.predicates import (
    Claim,
    PublishedFigure,
    compared_conditions,
    load_claims,
    named_conditions,
)
from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.tables import plain
from transfer_report.errors import UserError
from transfer_report.loading import load_params
from transfer_report.planning import condition_keys, training_settings
from transfer_report.records.addresses import Records
from transfer_report.records.analysis import CurveMeasure
from transfer_report.wording.printer import Printer
from transfer_report.wording.wording import Wording, load_texts, wording_file

BASELINE, LR, DROPOUT = "fine_tuning/baseline", "fine_tuning/lr", "fine_tuning/dropout"


def judged(predicates, studied):
    claim = Claim.model_validate({"id": "X", "text": "so", "all_of": predicates})
    return judge(claim, Lookup(studied))


def verdict(predicates, studied):
    return judged(predicates, studied).verdict


def told(predicate, studied):
    """The evidence as the report's table has it, with keys for names and plain spaces."""
    texts = load_texts(wording_file("en"))
    units = {kind: texts["names"][kind] for kind in ("level_unit", "change_unit")}
    wording = Wording(texts, Printer({"measure": {"gap": "gap"}} | units), records=Records(studied.addressed))
    return (
        " ".join(map(wording.evidence, judged([predicate], studied).evidence))
        .replace("\u00a0", " ")
        .replace("\u202f", " ")
    )


def compared(verdicts):
    """Evidence in which some (treatment, reference) have a verdict and all other pairs cannot be told."""
    changed = [
        comparison(c.family, c.treatment, c.reference, verdicts.get((c.treatment, c.reference), "inconclusive"))
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
DROPPED = {"kind": "dropped", "condition": BASELINE}
UNTRAINED = ("published", "published_ratio", "faster")

SMALL = published("small", 12_778_516, 1.0, 70.0, 90.0)
LARGER_SMALL = published("small", 12_778_517, 1.0, 70.0, 90.0)


def with_published(small):
    return evidence(published=[*evidence().published, small])


def with_latency(shortest, median):
    return evidence(latencies=[*evidence().latencies, latency("small", shortest, median)])


CASES = {
    "difference holds": (HIGHER, compared({(LR, BASELINE): "better"}), "holds"),
    "difference is contradicted": (HIGHER, compared({(LR, BASELINE): "worse"}), "contradicted"),
    "equivalence contradicts a difference": (HIGHER, compared({(LR, BASELINE): "equivalent"}), "contradicted"),
    "difference cannot be told": (HIGHER, compared({}), "inconclusive"),
    "the other way round": (
        HIGHER | {"treatment": BASELINE, "reference": LR},
        compared({(LR, BASELINE): "worse"}),
        "holds",
    ),
    "level above": (GAP, evidence(levels=[level("gap", BASELINE, 0.05, "above")]), "holds"),
    "level inconclusive": (GAP, evidence(levels=[level("gap", BASELINE, 0.05)]), "inconclusive"),
    "level below": (GAP, evidence(levels=[level("gap", BASELINE, 0.05, "below")]), "contradicted"),
    "level of one seed": (GAP, with_curves("gap", estimate=estimate(0.1, None, None, "runs")), "inconclusive"),
    "level without a value": (GAP, with_curves("gap", estimate=None), "inconclusive"),
    "level in too short a run": (
        GAP | {"min_epochs": 6},
        with_curves("gap", estimate=estimate(0.9, 0.8, 1)),
        "inconclusive",
    ),
    "curves differ": (LOWER_GAP, curves_compared("lower"), "holds"),
    "curves differ the other way": (LOWER_GAP, curves_compared("higher"), "contradicted"),
    "curves cannot be told": (LOWER_GAP, curves_compared("inconclusive"), "inconclusive"),
    "curves not compared": (LOWER_GAP, evidence(curve_comparisons=[]), "inconclusive"),
    "largest effect": (LARGEST, compared({(LR, BASELINE): "better", (DROPOUT, LR): "worse"}), "holds"),
    "not the largest effect": (
        LARGEST,
        compared({(LR, BASELINE): "better", (DROPOUT, BASELINE): "better", (DROPOUT, LR): "better"}),
        "contradicted",
    ),
    "no effect where another has one": (
        LARGEST,
        compared({(LR, BASELINE): "equivalent", (DROPOUT, BASELINE): "worse", (DROPOUT, LR): "worse"}),
        "contradicted",
    ),
    "significant beside not significant is no order": (LARGEST, compared({(LR, BASELINE): "better"}), "inconclusive"),
    "published as rounded": (TOP1, evidence(), "holds"),
    "published to fewer decimals": (TOP1 | {"value": 76.1, "decimals": 1}, evidence(), "holds"),
    "published otherwise": (TOP1 | {"value": 76.15}, evidence(), "contradicted"),
    "ratio reached": (RATIO, with_published(SMALL), "holds"),
    "ratio missed": (RATIO, with_published(LARGER_SMALL), "contradicted"),
    "faster": (FASTER, with_latency(10, 29.9), "holds"),
    "the median touches": (FASTER, with_latency(10, 30), "inconclusive"),
    "slower": (FASTER, with_latency(35.1, 37), "contradicted"),
    "no run rises": (RISING, with_curves("overfitting_onset", per_seed=[None] * 5), "holds"),
    "too few runs to agree": (RISING, with_curves("overfitting_onset", per_seed=[None] * 4), "inconclusive"),
    "every run rises": (RISING, with_curves("overfitting_onset", per_seed=[2.0] * 5), "contradicted"),
    "some runs rise": (RISING, with_curves("overfitting_onset", per_seed=[2.0, None, None]), "inconclusive"),
    "one run": (RISING, with_curves("overfitting_onset", per_seed=[None]), "inconclusive"),
    "dropped": (DROPPED, with_drops("dropped", *["inconclusive"] * 5), "holds"),
    "rose": (DROPPED, with_drops("rose", *["inconclusive"] * 5), "contradicted"),
    "neither": (DROPPED, evidence(), "inconclusive"),
    "not tested": ({"kind": "not_tested", "reason": "no condition"}, evidence(), "inconclusive"),
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
    assert verdict([HIGHER, DROPPED], better) == "inconclusive"
    assert verdict([DROPPED, TOP1 | {"value": 1.0}], better) == "contradicted"


def test_the_claims_of_the_homework_are_all_there():
    ids = {claim.id for claim in load_claims(Path("report/claims.yaml"))}
    expected = {"A": 4, "B": 17, "C": 11, "D": 4, "E": 3}
    assert ids == {f"{section}{number}" for section, last in expected.items() for number in range(1, last + 1)}


def test_what_a_claim_needs_compared():
    claim = Claim.model_validate({"id": "X", "text": "so", "all_of": [LARGEST, GAP]})
    assert compared_conditions(claim) == [(LR, BASELINE), (LR, DROPOUT), (DROPOUT, BASELINE)]
    assert set(named_conditions(claim)) == {LR, BASELINE, DROPOUT}


def started_at_random(studied, *conditions):
    changed = [one.model_copy(update={"missing_weights": one.condition in conditions}) for one in studied.conditions]
    return studied.model_copy(update={"conditions": changed})


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if case[2] != "inconclusive" and case[0]["kind"] not in UNTRAINED]
)
def test_of_networks_without_the_requested_weights_nothing_is_decided(name):
    predicate, studied, _ = CASES[name]
    random = started_at_random(studied, BASELINE)
    assert verdict([predicate], random) == "inconclusive"
    reason = "Not judged: the initial weights were random. "
    assert told(predicate, random) == reason + told(predicate, studied)


def test_other_networks_and_published_figures_are_judged_all_the_same():
    better = compared({(LR, BASELINE): "better"})
    assert verdict([HIGHER], started_at_random(better, DROPOUT)) == "holds"
    assert verdict([LARGEST], started_at_random(better, DROPOUT)) == "inconclusive"
    assert verdict([TOP1], started_at_random(better, BASELINE)) == "holds"
    assert verdict([HIGHER, TOP1 | {"value": 1.0}], started_at_random(better, BASELINE)) == "contradicted"


SAME = HIGHER | {"expect": "equivalent"}
TURNED_HIGHER = HIGHER | {"treatment": BASELINE, "reference": LR}
BETTER = compared({(LR, BASELINE): "better"})
LR_IS_BETTER = (
    "Fine_tuning/lr minus fine_tuning/baseline, test accuracy: +5.0 points (+4.0 to +6.0, adjusted p = 0.020)."
)


@pytest.mark.parametrize(
    ("predicate", "studied", "text"),
    [
        (HIGHER, BETTER, LR_IS_BETTER),
        (
            TURNED_HIGHER,
            BETTER,
            "Fine_tuning/baseline minus fine_tuning/lr, test accuracy: −5.0 points (−6.0 to −4.0, adjusted p = 0.020).",
        ),
        (
            SAME,
            compared({}),
            "Fine_tuning/lr minus fine_tuning/baseline, test accuracy: +0.1 points (−0.9 to +1.1, adjusted p = 0.020). "
            "Test of equivalence within ±2.0 points: p = 0.500.",
        ),
        (
            GAP,
            with_curves("gap", estimate=estimate(0.1, None, None)),
            "Fine_tuning/baseline, gap: 10.0 points; no interval: the runs do not differ.",
        ),
        (
            GAP,
            with_curves("gap", estimate=estimate(0.1, None, None, "runs")),
            "Fine_tuning/baseline, gap: 10.0 points; no interval: there is one run.",
        ),
        (
            LOWER_GAP,
            evidence(),
            "Fine_tuning/lr minus fine_tuning/baseline, gap: −3.0 points "
            "(CI over seeds −5.0 to −1.0, adjusted p = 0.020).",
        ),
        (
            LOWER_GAP | {"measure": "epochs_to_level", "treatment": BASELINE, "reference": LR},
            evidence(),
            "Fine_tuning/baseline minus fine_tuning/lr, epochs_to_level: 0.0 epochs "
            "(CI over seeds 0.0 to +0.1, adjusted p = 0.020).",
        ),
        (GAP, evidence(), "Fine_tuning/baseline, gap: 10.0 points (CI over seeds 5.0 to 15.0)."),
        (
            GAP | {"min_epochs": 6},
            evidence(),
            "Fine_tuning/baseline: the runs have only 5 epochs; the claim needs 6.",
        ),
        (TOP1, evidence(), "Published for resnet50: 76.13 % top-1 accuracy on ImageNet."),
        (RATIO, with_published(SMALL), "Resnet50: 25.6 M parameters; small: 12.8 M."),
        (
            FASTER,
            with_latency(10, 29.9),
            "Small: 10.0 ms an image (median of the repeats 29.9 ms); resnet50: 30.0 ms (35.0 ms).",
        ),
        (
            RISING,
            evidence(),
            "Fine_tuning/baseline: the validation loss ends more than 5 % above its lowest in 1 of 3 runs.",
        ),
    ],
)
def test_evidence_names_what_it_measures_in_the_direction_of_the_claim(predicate, studied, text):
    assert told(predicate, studied) == text


def test_every_record_that_evidence_names_is_there():
    for predicate, studied, _ in CASES.values():
        assert "{" not in told(predicate, studied)
        records = Records(studied.addressed)
        for part in judged([predicate], studied).evidence:
            assert [records.at(address).address for address in part.refs.values()] == [*part.refs.values()]


def test_the_largest_effect_is_told_by_every_comparison_it_rests_on():
    text = told(LARGEST, BETTER)
    assert "lr minus fine_tuning/baseline, test accuracy: +5.0" in text
    assert "lr minus fine_tuning/dropout, test accuracy" in text
    assert "dropout minus fine_tuning/baseline, test accuracy" in text


def test_an_equivalence_that_contradicts_is_told_by_its_test():
    same = compared({(LR, BASELINE): "equivalent"})
    assert "Test of equivalence within ±2.0 points" in told(HIGHER, same)
    assert "equivalence" not in told(HIGHER, BETTER)


def test_every_measure_and_figure_has_its_words():
    for measure in get_args(CurveMeasure):
        assert f"baseline, {measure}: " in told(GAP | {"measure": measure, "level": 1.0}, evidence())
        assert f"baseline, {measure}: " in told(LOWER_GAP | {"measure": measure}, evidence())
    for figure in get_args(PublishedFigure):
        assert "resnet50" in told(TOP1 | {"figure": figure}, evidence())
        assert "small" in told(RATIO | {"figure": figure}, with_published(SMALL))


def test_a_figure_that_nobody_published_is_named():
    studied = with_published(published("small", 12_778_516, 1.0, 70.0, None))
    with pytest.raises(UserError, match="no top5 of small is published"):
        judged([TOP1 | {"architecture": "small", "figure": "top5"}], studied)


def claims_of_the_homework():
    return {claim.id: claim for claim in load_claims(Path("report/claims.yaml"))}


@pytest.mark.parametrize("id_", ["B1", "B3", "B11", "B16", "C1", "C5", "C8"])
def test_volatility_and_spikes_that_no_measure_tells_are_not_judged(id_):
    parts = claims_of_the_homework()[id_].all_of
    assert parts[-1].kind == "not_tested"
    assert all(getattr(part, "measure", "") != "volatility" for part in parts)


def test_what_a_claim_leaves_open_is_said_where_it_is_read():
    claims = claims_of_the_homework()
    assert all("slightly" in claim.reads_as for claim in claims.values() if "slightly" in claim.text)
    # Numbers of the homework stand beside ours in a table of their own.
    quoted = [claim for claim in claims.values() if " % against " in claim.text or " % to " in claim.text]
    assert len(quoted) == 6
    assert all("not judged" in claim.reads_as for claim in quoted)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            "claims:\n- {id: A, text: so, all_of: [{kind: differnce}]}",
            "claims.yaml: claim A: all_of.0: unknown kind 'differnce'; did you mean 'difference'",
        ),
        (
            "claims:\n- {id: A, text: so, all_of: [{kind: difference, treatment: a, reference: b, expect: higher}]}",
            "claims.yaml: claim A: all_of.0.expect: Input should be 'better', 'worse' or 'equivalent'",
        ),
        (
            "claims:\n- {text: so, all_of: [{kind: difference, metric: f1, treatment: a, reference: b, expect: x}]}",
            r"claim number 1: id: missing\n.*all_of.0.metric: Input should be 'accuracy' or 'auroc'",
        ),
        ("claims:\n- {id: A, text: so, all_of: []}", "all_of"),
        ("claims:\n- {id: A, all_of: [{kind: not_tested, reason: so}]}", "text"),
        ("claims:\n- {id: A, text: so, al_of: 1, all_of: [{kind: not_tested, reason: so}]}", "al_of"),
        ("claims:\n- {id: A, text: so, all_of: [{kind: dropped, condition: x, metric: f1}]}", "metric"),
        ("claims: [", "not valid YAML"),
        ("- 1", "lines are expected"),
    ],
)
def test_a_broken_claim_is_named(tmp_path, text, named):
    file = tmp_path / "claims.yaml"
    file.write_text(text)
    with pytest.raises(UserError, match=named):
        load_claims(file)


def with_settings(**settings):
    """The study, and what the settings of one of its conditions are."""
    found = compared({(LR, BASELINE): "better"})
    changed = [
        one.model_copy(update={"settings": one.settings | settings}) if one.condition == LR else one
        for one in found.conditions
    ]
    return found.model_copy(update={"conditions": changed})


def judged_given(given, studied):
    claim = Claim.model_validate({"id": "X", "text": "so", "given": {LR: given}, "all_of": [HIGHER]})
    return judge(claim, Lookup(studied))


@pytest.mark.parametrize(
    ("given", "verdict"),
    [({"lr": 5e-4}, "holds"), ({"lr": 1e-4}, "inconclusive"), ({"lr": 5e-4, "scheduler": "StepLR"}, "inconclusive")],
)
def test_a_claim_about_other_settings_is_not_judged(given, verdict):
    assert judged_given(given, with_settings(lr=5e-4, scheduler="none")).verdict == verdict


def test_the_settings_that_differ_are_told_with_the_numbers():
    studied = with_settings(lr=5e-4, dropout=0.0)
    result = judged_given({"lr": 1e-4, "dropout": 0.0}, studied)
    printer = Printer({"setting": {"lr": "learning rate"}})
    wording = Wording(load_texts(wording_file("en")), printer, records=Records(studied.addressed))
    first, second = map(wording.evidence, result.evidence)
    assert first.replace("\u00a0", " ") == (
        "Not judged: of fine_tuning/lr, learning rate is 5 × 10⁻⁴; the claim is about 10⁻⁴."
    )
    assert second.startswith("Fine_tuning/lr minus fine_tuning/baseline")


GIVEN = """given: {{fine_tuning/a: {given}}}
claims:
- {{id: one, text: so, all_of: [{{kind: dropped, condition: fine_tuning/a}}]}}
- {{id: two, text: so, given: {{fine_tuning/a: {{lr: 0.5}}}}, all_of: [{{kind: dropped, condition: fine_tuning/a}}]}}
- {{id: three, text: so, all_of: [{{kind: dropped, condition: fine_tuning/b}}]}}
"""


def test_what_is_given_for_all_claims_holds_where_a_claim_says_nothing_else(tmp_path):
    file = tmp_path / "claims.yaml"
    file.write_text(GIVEN.format(given="{lr: 0.1, scheduler: none}"))
    given = [claim.given for claim in load_claims(file)]
    assert given == [{"fine_tuning/a": {"lr": 0.1, "scheduler": "none"}}, {"fine_tuning/a": {"lr": 0.5}}, {}]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (GIVEN.format(given="{lrr: 0.1}"), "no setting 'lrr'; did you mean 'lr'"),
        (GIVEN.format(given="[0.1]"), "given.fine_tuning/a"),
        (GIVEN.format(given="{lr: 0.1}").replace("given: {fine_tuning/a", "given: {fine_tuning/aa", 1),
         "given: no claim names 'fine_tuning/aa'; did you mean 'fine_tuning/a'"),
    ],
)  # fmt: skip
def test_what_is_given_wrongly_is_named(tmp_path, text, named):
    file = tmp_path / "claims.yaml"
    file.write_text(text)
    with pytest.raises(UserError, match=named):
        load_claims(file)


def test_the_homeworks_claims_are_about_the_settings_of_the_study():
    params = load_params()
    conditions = {str(key): training_settings(params, key) for key in condition_keys(params)}
    given = {name: settings for claim in claims_of_the_homework().values() for name, settings in claim.given.items()}
    homeworks = ("fine_tuning/resnet50", "fine_tuning/mobilenet", "linear_probe/resnet50", "linear_probe/mobilenet")
    assert set(given) == {key for key in conditions if key.startswith(homeworks)}
    for name, settings in given.items():
        assert settings == {setting: plain(getattr(conditions[name], setting)) for setting in settings}


def with_effects(lr, dropout, between, values):
    """Effects of the rate, of dropout, and of dropout against the rate; the difference of each and its reach."""
    verdicts = {(LR, BASELINE): lr, (DROPOUT, BASELINE): dropout, (DROPOUT, LR): between}
    changed = [
        c.model_copy(update={"difference": estimate(value, value - 0.01, value + 0.01)})
        if (value := dict(zip(verdicts, values, strict=True)).get((c.treatment, c.reference)))
        else c
        for c in compared(verdicts).comparisons
    ]
    return evidence(comparisons=changed)


def test_the_largest_effect_is_the_largest_in_either_direction():
    assert verdict([LARGEST], with_effects("better", "worse", "worse", (0.03, -0.10, -0.13))) == "contradicted"
    assert verdict([LARGEST], with_effects("better", "worse", "worse", (0.10, -0.03, -0.13))) == "holds"
    assert verdict([LARGEST], with_effects("better", "worse", "worse", (0.10, -0.095, -0.195))) == "inconclusive"


def test_an_effect_is_not_smaller_than_one_that_it_is_equivalent_to():
    same = with_effects("equivalent", "better", "equivalent", (0.012, 0.013, 0.001))
    assert verdict([LARGEST], same) == "inconclusive"


@pytest.mark.parametrize(
    ("predicate", "message"),
    [
        (HIGHER | {"reference": LR}, "is held against itself"),
        (LARGEST | {"others": [DROPOUT, BASELINE]}, "is held against itself"),
        (FASTER | {"slower": "small"}, "is held against itself"),
        (GAP | {"level": 50.0}, "gap is between -1 and 1, as a share of 1"),
        (GAP | {"measure": "epochs_to_level", "level": 0.5}, "epochs_to_level is 1 or more"),
    ],
)
def test_what_says_nothing_is_refused(tmp_path, predicate, message):
    file = tmp_path / "claims.yaml"
    file.write_text(json.dumps({"claims": [{"id": "X", "text": "so", "all_of": [predicate]}]}))
    with pytest.raises(UserError, match=f"claim X: all_of.0: .*{message}"):
        load_claims(file)


def test_a_claim_about_a_condition_with_failed_runs_says_so():
    studied = compared({(LR, BASELINE): "better"})
    changed = [one.model_copy(update={"failed_runs": 2 * (one.condition == LR)}) for one in studied.conditions]
    failed = studied.model_copy(update={"conditions": changed})
    assert "failed" not in told(HIGHER, studied)
    assert told(HIGHER, failed).endswith(f"2 of 3 runs of {LR} failed.")
    assert verdict([HIGHER], failed) == verdict([HIGHER], studied) == "holds"


@pytest.mark.parametrize(("runs", "expected"), [(5, "inconclusive"), (6, "holds")])
def test_several_parts_that_count_runs_need_more_of_them(runs, expected):
    parts = [RISING, RISING | {"condition": LR}]
    assert verdict(parts, with_curves("overfitting_onset", per_seed=[None] * runs)) == expected
