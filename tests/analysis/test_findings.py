import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.analysis.evidence import (
    CONDITIONS,
    TABLES,
    comparison,
    condition_facts,
    curve_comparison,
    drop,
    estimate,
    evidence,
    shift,
    study_facts,
)

from transfer_report.analysis.facts import changed_curves, compared_groups
from transfer_report.analysis.families import BETWEEN_STRATEGIES, NETWORKS, PRETRAINING, WEIGHTS, within_table
from transfer_report.analysis.findings import all_findings
from transfer_report.analysis.findings.summary import MOST_OF_TOPIC, summary_findings
from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.questions import TOPICS
from transfer_report.records.addresses import Records
from transfer_report.records.analysis import CurveEvidence, Selection
from transfer_report.wording.names import study_printer
from transfer_report.wording.wording import Wording

BASELINE = "fine_tuning/baseline"
WORDING = YAML(typ="safe").load(Path("report/wording/en.yaml"))


def wording_of(found):
    return Wording(WORDING, study_printer(WORDING, found.tables), records=Records(found.addressed))


def verdicts(changed, kind):
    return [finding.verdict for finding in all_findings(changed) if finding.kind == kind]


def with_comparisons(verdict, scope="conditions"):
    return evidence(
        comparisons=[comparison(c.family, c.treatment, c.reference, verdict, scope) for c in evidence().comparisons]
    )


def with_initial_weights(verdict, scope="conditions"):
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


def with_drops(*verdicts_of_conditions):
    drops = [drop(key, verdict) for key, verdict in zip(CONDITIONS, verdicts_of_conditions, strict=True)]
    return evidence(drops=drops)


def with_run_counts(of, **counts):
    """The evidence with other counts of the runs of a table, a strategy, or of all."""
    changed = [
        one.model_copy(update=counts) if of in ("all", one.of) else one for one in evidence().run_counts if one.runs
    ]
    return evidence(run_counts=[*changed, *(one for one in evidence().run_counts if not one.runs)])


def with_last_epochs(count):
    return with_run_counts("all", last_epoch_runs=count)


def with_level(name, verdict):
    changed = [one.model_copy(update={"verdict": verdict}) if one.name == name else one for one in evidence().levels]
    return evidence(levels=changed)


def with_facts(**facts):
    return evidence(facts=study_facts(**facts))


def with_failed_runs(key, runs, reason="one_class", found=None):
    found = found or evidence()
    failed = {"failed_runs": runs, f"failed_{reason}_runs": runs, f"failed_{reason}": list(range(runs))}
    changed = [one.model_copy(update=failed) if one.condition == key else one for one in found.conditions]
    return found.model_copy(update={"conditions": changed})


def with_rising_runs(count):
    return evidence(conditions=[condition_facts(key, rising_runs=count) for key in CONDITIONS])


def with_table(changes):
    """The evidence with these verdicts of the first table's techniques."""
    changed = [
        comparison(c.family, c.treatment, c.reference, changes.get(c.treatment, c.verdict))
        if c.family == within_table(TABLES[0]) and c.reference == BASELINE
        else c
        for c in evidence().comparisons
    ]
    return evidence(comparisons=changed)


def of_topic(topic, verdict, scope="conditions"):
    """The evidence with one main comparison of a topic."""
    pairs = {
        "pretraining": (PRETRAINING, "fine_tuning/lr", BASELINE),
        "weights": (WEIGHTS, "fine_tuning/lr", BASELINE),
        "strategy": (BETWEEN_STRATEGIES, "linear_probe/baseline", BASELINE),
        "technique": (within_table(TABLES[0]), "fine_tuning/lr", BASELINE),
        "network": (NETWORKS, "fine_tuning/lr", BASELINE),
    }
    others = [c for c in evidence().comparisons if (c.family, c.treatment, c.reference) != pairs[topic]]
    return evidence(comparisons=[*others, comparison(*pairs[topic], verdict, scope)])


def without_weights(verdict):
    """One network is tested, and another one had no ImageNet weights."""
    facts = study_facts(pretraining_unavailable=["mobilenet_v2"])
    return of_topic("pretraining", verdict).model_copy(update={"facts": facts})


# Kind, verdict, and the evidence that must lead to it: both sides of each threshold, and what cannot be told.
CASES = [
    ("study", "seeds", evidence()),
    ("study", "one_seed", with_facts(seeds=1, most_seeds=1)),
    ("recommendation", "best", evidence()),
    ("recommendation", "only", with_facts(conditions=1)),
    (
        "recommendation",
        "simpler",
        evidence(
            selection=Selection(
                best=BASELINE,
                recommended="linear_probe/lr",
                best_of_table={1: BASELINE, 2: "linear_probe/baseline"},
            )
        ),
    ),
    ("strategies_settings", "differ", with_facts(strategy_settings=["epochs", "lr"])),
    ("networks_settings", "differ", with_facts(network_settings=["epochs"])),
    ("uncompared_models", "weights", with_facts(uncompared_models=["resnet50"])),
    ("recommended_failed", "all", with_failed_runs(BASELINE, 3)),
    ("recommended_failed", "some", with_failed_runs(BASELINE, 2, "loss")),
    ("gap", "above", with_level("gap", "above")),
    ("gap", "inconclusive", evidence()),
    ("gap", "within", with_level("gap", "below")),
    ("gap", "one_seed", with_curves("gap", estimate=estimate(0.05, None, None, "runs"))),
    ("gap", "same_value", with_curves("gap", estimate=estimate(0.05, None, None))),
    ("gap", "no_value", with_curves("gap", estimate=None)),
    ("onset", "some", evidence()),
    ("onset", "all", with_rising_runs(3)),
    ("last_epoch", "some", with_last_epochs(5)),
    ("next_seeds", "enough", with_facts(plans=4, plans_able=4, plans_within_reach=4, target_difference=0.05)),
    ("next_seeds", "seeds", with_facts(plans=4, plans_able=1, plans_within_reach=2, target_difference=0.05)),
    ("next_seeds", "other", with_facts(plans=4, plans_able=1, plans_within_reach=1, target_difference=0.05)),
    ("next_epochs", "longer", with_run_counts("fine_tuning", last_epoch_runs=5)),
    ("next_weights", "missing", with_facts(missing_weights=1, missing_weights_models=["resnet50"])),
    ("probe_kept", "some", with_run_counts(within_table(TABLES[1]), probe_runs=5)),
    ("probe_kept", "all", with_run_counts(within_table(TABLES[1]), probe_runs=9)),
    ("last_epoch", "some", with_last_epochs(8)),
    ("last_epoch", "all", with_last_epochs(9)),
    *(
        ("technique", verdict + suffix, with_comparisons(verdict, scope))
        for verdict in ("better", "worse", "equivalent")
        for scope, suffix in (("conditions", ""), ("runs", "_run"))
    ),
    *(
        (f"technique_{measure}", verdict, with_curve_comparisons(**{measure: verdict}))
        for measure in ("gap", "volatility")
        for verdict in ("higher", "lower")
    ),
    ("no_effect", "all", evidence()),
    *(
        (f"headline_{topic}", verdict, of_topic(topic, decided))
        for topic in TOPICS
        for decided, verdict in (
            ("better", "better" if topic == "pretraining" else "winner"),
            ("worse", {"pretraining": "worse", "technique": "baseline"}.get(topic, "winner")),
            ("equivalent", "equivalent"),
            ("inconclusive", "inconclusive"),
        )
    ),
    *(
        (
            "difference_pretraining" if topic == "pretraining" else "difference",
            verdict + suffix,
            of_topic(topic, verdict, scope),
        )
        for topic in TOPICS
        for verdict in ("better", "worse", "equivalent")
        for scope, suffix in (("conditions", ""), ("runs", "_run"))
    ),
    ("equivalents", "conditions", with_comparisons("equivalent")),
    ("equivalents", "runs", with_comparisons("equivalent", "runs")),
    ("not_detected", "all", evidence()),
    ("headline_pretraining", "not_tested", evidence()),
    ("headline_pretraining", "no_weights", with_facts(pretraining_unavailable=["resnet50"])),
    ("headline_pretraining", "not_tested", with_facts(missing_weights=1, missing_weights_models=["resnet50"])),
    ("pretraining_untested", "no_weights", without_weights("better")),
    *(
        (f"failed_{reason}", verdict, with_failed_runs("fine_tuning/lr", runs, reason))
        for reason in ("one_class", "loss")
        for verdict, runs in (("some", 1), ("all", 3))
    ),
    *(
        (
            "not_above_controls",
            group,
            with_facts(not_above_controls=study_facts().not_above_controls | {group: [BASELINE, "fine_tuning/lr"]}),
        )
        for group in ("nothing", "weak", "ranks", "statistics")
    ),
    ("controls", "majority", with_facts(not_above_majority=1)),
    ("controls", "statistics", with_facts(not_above_statistics=2)),
    ("controls", "majority_statistics", with_facts(not_above_majority=2, not_above_statistics=1)),
    ("drops", "none", evidence()),
    ("drops", "some", with_drops("dropped", *["inconclusive"] * 5)),
    ("drops", "all", with_drops(*["dropped"] * 6)),
    ("largest_drop", "dropped", with_drops("dropped", *["rose"] * 5)),
    ("largest_drop", "inconclusive", evidence()),
    ("recall_gap", "shown", with_level("recall_gap", "above")),
    ("recall_gap", "inconclusive", evidence()),
    ("recall_gap", "reversed", with_level("recall_gap", "below")),
    ("overconfidence", "overconfident", with_level("overconfidence", "above")),
    ("overconfidence", "inconclusive", evidence()),
    ("overconfidence", "underconfident", with_level("overconfidence", "below")),
    ("hard_images", "some", evidence()),
    ("hard_images", "none", evidence(hard_images=[])),
    *(
        (kind, verdict, evidence(shifts=[shift(features, verdict)]))
        for kind, features in (
            ("shift_class_shares", "class_shares"),
            ("shift_image_statistics", "image_statistics"),
            ("shift_backbone", "backbone:resnet50"),
        )
        for verdict in ("shifted", "equivalent")
    ),
    ("shift_none", "inconclusive", evidence()),
]


@pytest.mark.parametrize(("kind", "verdict", "changed"), CASES, ids=[f"{kind}-{verdict}" for kind, verdict, _ in CASES])
def test_evidence_leads_to_its_verdict(kind, verdict, changed):
    found = verdicts(changed, kind)
    assert found
    assert set(found) == {verdict}


@pytest.mark.parametrize(("kind", "verdict", "changed"), CASES, ids=[f"{kind}-{verdict}" for kind, verdict, _ in CASES])
def test_every_sentence_can_be_said_of_the_records_that_it_speaks_of(kind, verdict, changed):
    said = [
        wording_of(changed).finding(one) for one in all_findings(changed) if (one.kind, one.verdict) == (kind, verdict)
    ]
    assert said
    assert not [text for text in said if "–" in text.replace("train–validation", "") or "{" in text]


def beats_all(best, worse):
    changed = []
    for c in evidence().comparisons:
        verdict = "better" if c.treatment == best else "worse" if c.reference == best else "inconclusive"
        changed.append(comparison(c.family, c.treatment, c.reference, worse.get(verdict, verdict)))
    return evidence(comparisons=changed)


@pytest.mark.parametrize("verdict", ["better", "worse"])
def test_a_technique_matters_most_when_it_differs_from_all_others(verdict):
    swap = {} if verdict == "better" else {"better": "worse", "worse": "better"}
    assert verdicts(beats_all("fine_tuning/lr", swap), "ranking") == [verdict]


def test_what_has_no_verdict_shares_one_sentence_with_what_could_have_been_detected():
    decided = with_table({"fine_tuning/lr": "better"})
    found = [one for one in all_findings(decided) if one.kind == "no_effect"]
    assert [one.verdict for one in found] == ["others", "all"]
    group = Records(decided.addressed).at(found[0].refs["group"])
    assert group.undecided_techniques == ["fine_tuning/dropout"]
    assert group.detectable_smallest == group.detectable_largest == 0.06
    assert verdicts(with_comparisons("worse"), "no_effect") == []


def test_pretraining_with_effects_in_both_directions_is_called_mixed():
    pairs = [
        comparison(PRETRAINING, f"{strategy}/lr", f"{strategy}/baseline", verdict)
        for strategy, verdict in (("fine_tuning", "better"), ("linear_probe", "worse"))
    ]
    changed = evidence(comparisons=[*evidence().comparisons, *pairs])
    assert verdicts(changed, "headline_pretraining") == ["mixed"]
    assert set(verdicts(changed, "difference_pretraining")) == {"better", "worse"}


def test_a_bullet_lists_the_clearest_differences_and_the_headline_counts_all():
    better = with_comparisons("better")
    found = all_findings(better)
    listed = [one for one in found if one.section == "summary:technique" and one.kind == "difference"]
    assert len(listed) == MOST_OF_TOPIC
    (headline,) = [one for one in found if one.kind == "headline_technique"]
    group = Records(better.addressed).at(headline.refs["group"])
    assert (group.differ, group.compared) == (4, 4)


def test_a_bullet_answers_for_pretrained_networks_first_and_for_those_from_random_weights_apart():
    found = with_comparisons("better")
    random = TABLES[0].conditions
    changes = {
        "compared_groups": compared_groups(TABLES, found.comparisons, dict.fromkeys(CONDITIONS, 0.8), random=random),
        "conditions": [condition_facts(key, random_weights=key in random) for key in CONDITIONS],
    }
    found = found.model_copy(update=changes)
    bullet = [one for one in all_findings(found) if one.section == "summary:technique"]
    headlines = [one for one in bullet if one.kind == "headline_technique"]
    groups = [Records(found.addressed).at(one.refs["group"]) for one in headlines]
    assert [group.start for group in groups] == ["pretrained", "random"]
    assert bullet[0] == headlines[0]
    after = bullet[bullet.index(headlines[1]) + 1 :]
    assert after
    assert {one.about[0] in random for one in after if one.kind == "difference"} == {True}


def test_one_equivalence_is_listed_and_several_share_a_sentence():
    (alone,) = [one for one in all_findings(of_topic("strategy", "equivalent")) if one.section == "summary:strategy"][
        1:
    ]
    assert (alone.kind, alone.verdict) == ("difference", "equivalent")
    several = with_comparisons("equivalent")
    found = [one for one in all_findings(several) if one.section == "summary:technique"]
    assert [one.kind for one in found] == ["headline_technique", "equivalents"]
    assert Records(several.addressed).at(found[1].refs["group"]).equivalent == 4


def test_a_network_without_a_match_is_named_with_the_networks_that_were_compared():
    for topic, section in (("network", "summary:network"), ("strategy", "comparison")):
        compared = of_topic(topic, "better")
        changed = compared.model_copy(update={"facts": study_facts(uncompared_models=["resnet50"])})
        assert [one.section for one in all_findings(changed) if one.kind == "uncompared_models"] == [section]


def headline(found, topic):
    (said,) = [one for one in all_findings(found) if one.kind == f"headline_{topic}"]
    return said.verdict, said.refs.get("winner", "").removeprefix("conditions.")


@pytest.mark.parametrize(
    ("decided", "said"),
    [
        ({"lr": "better"}, ("winner", "fine_tuning/lr")),
        ({"dropout": "worse"}, ("baseline", BASELINE)),
        ({"lr": "better", "dropout": "better"}, ("some", "")),  # two techniques help
        ({"lr": "better", "dropout": "worse"}, ("some", "")),  # one helps, one harms
        ({"lr": "better", "dropout": "equivalent"}, ("winner", "fine_tuning/lr")),
    ],
)
def test_a_headline_names_the_technique_that_is_better_wherever_an_effect_was_shown(decided, said):
    changed = with_table({f"fine_tuning/{name}": verdict for name, verdict in decided.items()})
    assert headline(changed, "technique") == said


def test_a_headline_names_the_strategy_or_network_that_wins_and_none_where_each_wins_once():
    probe = "linear_probe/baseline"
    for topic, family in (("strategy", BETWEEN_STRATEGIES), ("network", NETWORKS)):
        assert headline(of_topic(topic, "inconclusive"), topic) == ("inconclusive", "")
        won = [comparison(family, probe, BASELINE, "worse"), comparison(family, BASELINE, probe, "better")]
        each = [won[0], comparison(family, BASELINE, probe, "worse")]
        others = [one for one in evidence().comparisons if one.family != family]
        assert headline(evidence(comparisons=[*others, *won]), topic)[1] == BASELINE
        if topic == "strategy":
            assert headline(evidence(comparisons=[*others, *each]), topic) == ("some", "")


def test_undetected_shifts_share_one_sentence():
    found = evidence()
    said = [one for one in all_findings(found) if one.kind.startswith("shift")]
    assert [one.kind for one in said] == ["shift_none"]
    assert "brightness" not in sentences(found)["shift_none",]
    assert "features of" in sentences(found)["shift_none",]


WORST = (
    with_table({"fine_tuning/lr": "worse", "fine_tuning/dropout": "worse"}),
    with_table({"fine_tuning/lr": "equivalent"}),
)


@pytest.mark.parametrize("found", WORST, ids=["all decided", "one decided"])
@pytest.mark.parametrize("gap", ["above", "inconclusive"])
def test_a_table_has_at_most_ninety_words_of_prose(found, gap):
    """With every sentence that can stand below it, failed runs aside."""
    curves = with_curve_comparisons(gap="lower", volatility="lower").curve_comparisons
    changes = {"curve_comparisons": curves, "levels": with_level("gap", gap).levels}
    full = found.model_copy(update={**changes, "changed_curves": changed_curves(TABLES, curves)})
    wording = wording_of(full)
    told = [wording.finding(one) for one in all_findings(full) if one.section == "table:fine_tuning:resnet50"]
    assert len(told) >= 6
    words = [word for word in " ".join(told).split(" ") if word != "·"]  # a number and its unit count as one
    assert len(words) <= 90


@pytest.mark.parametrize(("undecided", "verdict"), [(1, "others"), (2, "all")])
def test_undecided_comparisons_of_a_topic_share_a_sentence(undecided, verdict):
    pairs = [("fine_tuning", "linear_probe"), ("linear_probe", "fine_tuning")]
    made = [
        comparison(NETWORKS, f"{a}/lr", f"{b}/baseline", "better" if number >= undecided else "inconclusive")
        for number, (a, b) in enumerate(pairs)
    ]
    found = all_findings(evidence(comparisons=[*evidence().comparisons, *made]))
    assert [one.verdict for one in found if (one.kind, one.section) == ("not_detected", "summary:network")] == [verdict]


def test_every_verdict_of_every_kind_has_a_wording_and_no_wording_is_left_over():
    worded = {(kind, verdict) for kind, sentences in WORDING["findings"].items() for verdict in sentences}
    reached = {(kind, verdict) for kind, verdict, _ in CASES}
    reached |= {("ranking", "better"), ("ranking", "worse"), ("headline_pretraining", "mixed")}
    reached |= {(f"headline_{topic}", "some") for topic in ("weights", "strategy", "technique", "network")}
    reached |= {("no_effect", "others"), ("not_detected", "others")}
    # Reached in test_subgroups.py, in tests/report/test_external.py and in tests/report/test_size_curves.py.
    reached |= {("subgroup", verdict) for verdict in ("lower", "higher", "inconclusive")} | {
        ("small_subgroups", "none")
    }
    reached |= {("size_curve", verdict) for verdict in ("power_law", "too_few", "no_errors", "bent")}
    reached |= {("size_recommended", "other")}
    reached |= {("external_drops", verdict) for verdict in ("none", "some", "all")}
    reached |= {("external_recommended", verdict) for verdict in ("dropped", "rose", "inconclusive")}
    reached |= {("external_order", verdict) for verdict in ("none", "same", "mixed")}
    assert worded == reached


def test_every_record_that_a_finding_speaks_of_stands_at_its_address():
    for _, _, studied in CASES:
        records = Records(studied.addressed)
        addresses = [address for finding in all_findings(studied) for address in finding.refs.values()]
        assert addresses
        assert [records.at(address).address for address in addresses] == addresses


def test_no_sentence_of_the_wording_holds_a_typed_number():
    """Formats and texts have digits in their names; numbers stand outside of braces."""
    sentences = [text for kind in WORDING["findings"].values() for text in kind.values()]
    assert not [
        text for text in sentences if any(sign.isdigit() for sign in re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text))
    ]


def test_families_are_those_of_tables():
    assert {within_table(table) for table in TABLES} == {"table-1", "table-2"}


def test_a_study_without_techniques_has_no_bullet_on_them():
    between = [c for c in evidence().comparisons if c.family == BETWEEN_STRATEGIES]
    sections = {finding.section for finding in summary_findings(Lookup(evidence(comparisons=between)))}
    assert "summary:strategy" in sections
    assert "summary:technique" not in sections


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("controls", evidence()), ("not_above_controls", evidence()),
        ("failed_one_class", evidence()), ("failed_loss", evidence()), ("recommended_failed", evidence()),
        ("onset", with_rising_runs(0)),
        ("last_epoch", with_last_epochs(4)),
        ("ranking", evidence()),
        ("technique_gap", with_curve_comparisons()),
        ("technique_volatility", with_curve_comparisons(gap="lower", volatility="inconclusive")),
    ],
)  # fmt: skip
def test_what_did_not_happen_is_not_told(kind, changed):
    assert not verdicts(changed, kind)


def sentences(found):
    wording = wording_of(found)
    return {(finding.kind, *finding.about): wording.finding(finding) for finding in all_findings(found)}


def test_no_comparison_with_a_failed_condition_is_told_without_its_failures():
    better = with_comparisons("equivalent")
    failed = sentences(with_failed_runs("fine_tuning/lr", 2, found=better))
    assert "But" not in " ".join(sentences(better).values())
    assert "equivalent" in failed["technique", "fine_tuning/lr"]
    assert "2 of the 3 runs of" in failed["technique", "fine_tuning/lr"].split("But")[1]
    assert "But" not in failed["technique", "fine_tuning/dropout"]
    both = with_failed_runs("linear_probe/baseline", 1, found=with_failed_runs(BASELINE, 3, found=better))
    assert "1 of the 3 runs" in sentences(both)["technique", "linear_probe/dropout"]
    told = sentences(both)["difference", "linear_probe/baseline", BASELINE]
    assert told.endswith("But runs of both failed (1 of 3 and 3 of 3), so this says little about either.")


def test_a_headline_counts_the_decided_comparisons_in_which_runs_failed():
    for decided in ("better", "equivalent"):
        found = with_comparisons(decided)
        groups = [
            one.model_copy(update={"decided_failed": 2 * (one.name == "technique")}) for one in found.compared_groups
        ]
        failed = found.model_copy(update={"compared_groups": groups})
        said = sentences(failed)["headline_technique",]
        assert said == f"{sentences(found)['headline_technique',]} Runs failed in 2 of the decided comparisons."
