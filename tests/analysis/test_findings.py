from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.analysis.evidence import (
    CONDITIONS,
    FAMILIES,
    TABLES,
    comparison,
    curve_comparison,
    estimate,
    evidence,
    fall,
    shift,
)

from transfer_report.analysis.families import BETWEEN_TASKS, PRETRAINING, within_table
from transfer_report.analysis.findings import all_findings
from transfer_report.analysis.lookup import Lookup
from transfer_report.records import CurveEvidence, Measurement, Selection

BASELINE = "fine_tuning/baseline"
WORDING = YAML(typ="safe").load(Path("report/wording/en.yaml"))


def verdicts(changed, kind):
    return [finding.verdict for finding in all_findings(changed) if finding.kind == kind]


def with_comparisons(verdict, scope="conditions"):
    return evidence(
        comparisons=[comparison(c.family, c.treatment, c.reference, verdict, scope) for c in evidence().comparisons]
    )


def with_start_weights(verdict, scope="conditions"):
    pair = comparison(PRETRAINING, "fine_tuning/lr", BASELINE, verdict, scope)
    return evidence(comparisons=[*evidence().comparisons, pair])


def with_curves(measure, **fields):
    changed = [
        CurveEvidence(**{**curve.model_dump(), **(fields if curve.measure == measure else {})})
        for curve in evidence().curves
    ]
    return evidence(curves=changed)


def with_curve_comparisons(**verdicts_of_measures):
    """Of the measures that are named; the others have no interval, hence no comparison."""
    changed = [
        curve_comparison(c.family, c.treatment, c.reference, c.measure, verdicts_of_measures[c.measure])
        for c in evidence().curve_comparisons
        if c.measure in verdicts_of_measures
    ]
    return evidence(curve_comparisons=changed)


def with_falls(*verdicts_of_conditions):
    falls = [fall(key, verdict) for key, verdict in zip(CONDITIONS, verdicts_of_conditions, strict=True)]
    return evidence(falls=falls)


def with_last_epochs(count):
    return evidence(facts=evidence().facts | {f"last_epoch_runs.{within_table(table)}": count for table in TABLES})


def with_measurement(name, low, high):
    changed = [
        Measurement(name=m.name, condition=m.condition, estimate=estimate(0.1, low, high)) if m.name == name else m
        for m in evidence().measurements
    ]
    return evidence(measurements=changed)


def with_constant_runs(runs):
    constant = {"constant_runs.fine_tuning/lr": runs, "constant_conditions": 1}
    return evidence(facts=evidence().facts | constant)


def with_detectable_range(smallest, largest, undecided=2):
    changed = {"detectable_smallest": smallest, "detectable_largest": largest, "pairs_undecided": undecided}
    facts = {f"{name}.{family}": value for name, value in changed.items() for family in FAMILIES}
    return evidence(facts=evidence().facts | facts)


# Kind, verdict, and the evidence that must lead to it: both sides of each threshold, and what cannot be told.
CASES = [
    ("study", "seeds", evidence()),
    ("study", "one_seed", evidence(facts=evidence().facts | {"seeds": 1})),
    ("recommendation", "best", evidence()),
    ("recommendation", "only", evidence(facts=evidence().facts | {"conditions": 1})),
    (
        "recommendation",
        "simpler",
        evidence(
            selection=Selection(
                best=BASELINE,
                recommended="fixed_features/lr",
                best_of_table={1: BASELINE, 2: "fixed_features/baseline"},
            )
        ),
    ),
    ("tasks", "none", evidence()),
    ("tasks_settings", "differ", evidence(facts=evidence().facts | {"task_settings": "epochs, lr"})),
    ("recommended_constant", "all", evidence(facts=evidence().facts | {f"constant_runs.{BASELINE}": 3})),
    ("recommended_constant", "some", evidence(facts=evidence().facts | {f"constant_runs.{BASELINE}": 2})),
    ("detectable_range", "one", with_detectable_range(1.0, 1.0, undecided=1)),
    ("detectable_range", "impossible", with_detectable_range(1.001, 1.001, undecided=1)),
    ("detectable_range", "possible", with_detectable_range(0.05, 1.0)),
    ("detectable_range", "partly", with_detectable_range(0.05, 1.001)),
    ("detectable_range", "partly", with_detectable_range(1.0, 12.8)),
    ("detectable_range", "impossible", with_detectable_range(1.001, 12.8)),
    ("techniques", "none", evidence()),
    ("techniques", "some", with_comparisons("better")),
    ("techniques", "none_runs", with_comparisons("cannot_tell", "runs")),
    ("techniques", "some_runs", with_comparisons("worse", "runs")),
    ("gap", "above", with_curves("gap", estimate=estimate(0.05, 0.0201, 0.08))),
    ("gap", "cannot_tell", with_curves("gap", estimate=estimate(0.05, 0.02, 0.08))),
    ("gap", "cannot_tell", with_curves("gap", estimate=estimate(0.01, 0.0, 0.0201))),
    ("gap", "within", with_curves("gap", estimate=estimate(0.01, 0.0, 0.02))),
    ("gap", "one_seed", with_curves("gap", estimate=estimate(0.05, None, None, "runs"))),
    ("gap", "same_value", with_curves("gap", estimate=estimate(0.05, None, None))),
    ("gap", "no_value", with_curves("gap", estimate=None)),
    ("volatility", "measured", evidence()),
    ("volatility", "one_seed", with_curves("volatility", estimate=estimate(0.1, None, None, "runs"))),
    ("volatility", "same_value", with_curves("volatility", estimate=estimate(0.1, None, None))),
    ("volatility", "no_value", with_curves("volatility", estimate=None)),
    ("onset", "none", with_curves("overfitting_onset", per_seed=[None, None, None])),
    ("onset", "some", with_curves("overfitting_onset", per_seed=[3.0, None, None])),
    ("onset", "all", with_curves("overfitting_onset", per_seed=[3.0, 2.0, 4.0])),
    ("last_epoch", "none", with_last_epochs(0)),
    ("last_epoch", "some", with_last_epochs(1)),
    ("last_epoch", "some", with_last_epochs(8)),
    ("last_epoch", "all", with_last_epochs(9)),
    *(
        (kind, verdict + suffix, with_comparisons(verdict, scope))
        for kind, verdicts_of_kind in (
            ("technique", ("better", "worse", "equivalent", "cannot_tell")),
            ("tasks_baseline", ("better", "worse", "equivalent")),
        )
        for verdict in verdicts_of_kind
        for scope, suffix in (("conditions", ""), ("runs", "_run"))
    ),
    *(
        (f"technique_{measure}", verdict, with_curve_comparisons(**{measure: verdict, other: decided}))
        for measure, other in (("gap", "volatility"), ("volatility", "gap"))
        for verdict, decided in (("higher", "cannot_tell"), ("lower", "higher"), ("cannot_tell", "lower"))
    ),
    ("technique_gap", "no_value", with_curve_comparisons(volatility="higher")),
    ("technique_gap", "no_value", with_curve_comparisons(volatility="cannot_tell")),
    ("technique_volatility", "no_value", with_curve_comparisons(gap="lower")),
    ("technique_curves", "cannot_tell", with_curve_comparisons(gap="cannot_tell", volatility="cannot_tell")),
    ("technique_curves", "no_value", with_curve_comparisons()),
    *(
        ("pretraining", verdict + suffix, with_start_weights(verdict, scope))
        for verdict in ("better", "worse", "equivalent", "cannot_tell")
        for scope, suffix in (("conditions", ""), ("runs", "_run"))
    ),
    ("pretraining", "not_tested", evidence()),
    ("pretraining", "no_weights", evidence(facts=evidence().facts | {"missing_weights": 1})),
    ("constant", "some", with_constant_runs(1)),
    ("constant", "all", with_constant_runs(3)),
    ("constant_conditions", "some", with_constant_runs(1)),
    ("recommended_fall", "fell", with_falls("fell", *["cannot_tell"] * 5)),
    ("ranking", "cannot_tell", evidence()),
    ("falls", "none", evidence()),
    ("falls", "some", with_falls("fell", *["cannot_tell"] * 5)),
    ("falls", "all", with_falls(*["fell"] * 6)),
    ("largest_fall", "fell", with_falls("fell", *["rose"] * 5)),
    ("largest_fall", "cannot_tell", evidence()),
    ("recall_gap", "shown", with_measurement("recall_gap", 0.001, 0.2)),
    ("recall_gap", "cannot_tell", with_measurement("recall_gap", 0.0, 0.2)),
    ("recall_gap", "reversed", with_measurement("recall_gap", -0.2, -0.001)),
    ("overconfidence", "overconfident", with_measurement("overconfidence", 0.001, 0.2)),
    ("overconfidence", "cannot_tell", with_measurement("overconfidence", -0.1, 0.0)),
    ("overconfidence", "underconfident", with_measurement("overconfidence", -0.2, -0.001)),
    ("hard_images", "some", evidence()),
    ("hard_images", "none", evidence(hard_images=[])),
    *(
        (kind, verdict, evidence(shifts=[shift(features, verdict)]))
        for kind, features in (("shift_image_statistics", "image_statistics"), ("shift_backbone", "backbone:resnet50"))
        for verdict in ("shifted", "equivalent", "cannot_tell")
    ),
]


@pytest.mark.parametrize(("kind", "verdict", "changed"), CASES, ids=[f"{kind}-{verdict}" for kind, verdict, _ in CASES])
def test_evidence_leads_to_its_verdict(kind, verdict, changed):
    found = verdicts(changed, kind)
    assert found
    assert set(found) == {verdict}


def beats_all(best, worse):
    changed = []
    for c in evidence().comparisons:
        verdict = "better" if c.treatment == best else "worse" if c.reference == best else "cannot_tell"
        changed.append(comparison(c.family, c.treatment, c.reference, worse.get(verdict, verdict)))
    return evidence(comparisons=changed)


@pytest.mark.parametrize("verdict", ["better", "worse"])
def test_a_technique_matters_most_when_it_differs_from_all_others(verdict):
    swap = {} if verdict == "better" else {"better": "worse", "worse": "better"}
    assert verdicts(beats_all("fine_tuning/lr", swap), "ranking") == [verdict, "cannot_tell"]


def test_the_first_page_names_other_settings_where_a_comparison_of_the_ways_to_train_is_decided():
    facts = evidence().facts | {"task_settings": "epochs"}
    decided = [
        comparison(c.family, c.treatment, c.reference, "better" if c.family == BETWEEN_TASKS else "cannot_tell")
        for c in evidence().comparisons
    ]
    for changed, sections in (
        (evidence(facts=facts), ["comparison"]),
        (evidence(facts=facts, comparisons=decided), ["summary", "comparison"]),
    ):
        assert [one.section for one in all_findings(changed) if one.kind == "tasks_settings"] == sections


def test_the_selected_conditions_are_compared_where_they_are_not_the_baselines():
    pair = comparison(BETWEEN_TASKS, "fixed_features/lr", "fine_tuning/dropout", "better")
    selection = Selection(
        best=BASELINE, recommended=BASELINE, best_of_table={1: "fine_tuning/dropout", 2: "fixed_features/lr"}
    )
    changed = evidence(comparisons=[*evidence().comparisons, pair], selection=selection)
    assert verdicts(changed, "tasks_selected") == ["better"]


def test_undecided_comparisons_between_the_tasks_are_counted_and_decided_ones_told():
    pairs = [c for c in evidence().comparisons if c.family == BETWEEN_TASKS]
    decided = comparison(BETWEEN_TASKS, pairs[0].treatment, pairs[0].reference, "better")
    others = [c for c in evidence().comparisons if c is not pairs[0] and c != pairs[0]]
    more = comparison(BETWEEN_TASKS, "fixed_features/lr", "fine_tuning/dropout")
    selection = Selection(
        best=BASELINE, recommended=BASELINE, best_of_table={1: "fine_tuning/dropout", 2: "fixed_features/lr"}
    )
    changed = evidence(comparisons=[decided, more, *others], selection=selection)
    assert set(verdicts(changed, "tasks")) == {"some"}
    assert set(verdicts(changed, "tasks_baseline")) == {"better"}
    assert verdicts(changed, "tasks_selected") == []


@pytest.mark.parametrize("scope", ["conditions", "runs"])
def test_of_many_changes_the_undecided_share_a_sentence(monkeypatch, scope):
    monkeypatch.setattr("transfer_report.analysis.findings.table.MOST_TOLD", 1)
    undecided = with_comparisons("cannot_tell", scope)
    assert verdicts(undecided, "undecided_techniques") == [scope] * len(TABLES)
    assert verdicts(undecided, "technique") == verdicts(undecided, "technique_curves") == []


def test_where_no_error_is_known_nothing_is_said_of_what_would_be_found():
    assert verdicts(with_detectable_range(0.0, 0.0), "detectable_range") == []


def test_of_many_changes_the_decided_are_told_one_by_one(monkeypatch):
    monkeypatch.setattr("transfer_report.analysis.findings.table.MOST_TOLD", 1)
    none_undecided = {f"pairs_undecided.{within_table(table)}": 0 for table in TABLES}
    decided = with_comparisons("worse")
    decided = decided.model_copy(update={"facts": decided.facts | none_undecided})
    assert verdicts(decided, "technique") == ["worse"] * 4
    assert verdicts(decided, "undecided_techniques") == []


def test_every_verdict_of_every_kind_has_a_wording_and_no_wording_is_left_over():
    worded = {(kind, verdict) for kind, sentences in WORDING["findings"].items() for verdict in sentences}
    reached = {(kind, verdict) for kind, verdict, _ in CASES}
    reached |= {("tasks_selected", verdict) for kind, verdict in reached if kind == "tasks_baseline"}
    reached |= {("ranking", "better"), ("ranking", "worse"), ("tasks", "some")}
    reached |= {("undecided_techniques", "conditions"), ("undecided_techniques", "runs")}
    assert worded == reached


def test_every_value_of_a_finding_stands_at_its_address():
    studied = evidence()
    leaves = Lookup(studied).leaves
    values = [value for finding in all_findings(studied) for value in finding.values.values()]
    assert values
    assert all(leaves[value.source] == value.value for value in values)


def test_no_sentence_of_the_wording_holds_a_typed_number():
    sentences = [text for kind in WORDING["findings"].values() for text in kind.values()]
    assert not [text for text in sentences if any(sign.isdigit() for sign in text)]


def test_families_are_those_of_tables():
    assert {within_table(table) for table in TABLES} == {"table-1", "table-2"}


def test_a_study_without_changed_settings_says_nothing_of_them():
    facts = evidence().facts | {"techniques": 0}
    assert "techniques" not in {finding.kind for finding in all_findings(evidence(facts=facts))}


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("constant", evidence()), ("constant_conditions", evidence()),
        ("recommended_fall", with_falls("rose", *["fell"] * 5)),
    ],
)  # fmt: skip
def test_what_did_not_happen_is_not_told(kind, changed):
    assert not verdicts(changed, kind)
