"""Which sentences of two analyses are told to differ."""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

from tests.analysis.evidence import CONDITIONS, TABLES, comparison, curve_comparison, evidence, study_facts

from transfer_report.analysis.families import BETWEEN_STRATEGIES
from transfer_report.analysis.findings import all_findings
from transfer_report.records.analysis import Analysis
from transfer_report.report.variants.sentences import changed_sentences, said
from transfer_report.wording.wording import load_texts

TEXTS = load_texts(Path("report/wording/en.yaml"))


def sentences(found, texts=TEXTS):
    made = {name: getattr(found, name) for name in type(found).model_fields}
    analysis = Analysis(**made, findings=all_findings(found), claims=[])
    description = SimpleNamespace(classes=["NORMAL", "PNEUMONIA"])
    return said(SimpleNamespace(analysis=analysis, clinical=None, description=description), texts)


def test_no_two_findings_are_taken_for_one():
    found = evidence(
        comparisons=[comparison(c.family, c.treatment, c.reference, "better") for c in evidence().comparisons],
    )
    for each in (evidence(), found):
        counts = Counter((one.section, one.kind, *one.about) for one in all_findings(each))
        assert set(counts.values()) == {1}


def test_a_verdict_on_the_curves_of_the_first_technique_is_told():
    decided = [
        curve_comparison(c.family, c.treatment, c.reference, c.measure, "lower")
        if (c.treatment, c.measure) == (TABLES[0].conditions[1], "gap")
        else c
        for c in evidence().curve_comparisons
    ]
    changed, _ = changed_sentences(sentences(evidence()), sentences(evidence(curve_comparisons=decided)))
    assert {(one.section, one.about) for one in changed} == {("table:fine_tuning:resnet50", ("lower",))}


def test_another_condition_with_the_same_verdict_is_no_other_number():
    first = evidence()
    other = next(key for key in CONDITIONS if key != first.selection.recommended)
    second = evidence(selection=first.selection.model_copy(update={"recommended": other, "best": other}))
    changed, _ = changed_sentences(sentences(first), sentences(second))
    assert any(one.reference and one.treatment for one in changed)


def test_numbers_alone_are_counted():
    moved = [
        c.model_copy(update={"p_adjusted": 0.9}) if c.family == BETWEEN_STRATEGIES else c
        for c in evidence().comparisons
    ]
    better = [c.model_copy(update={"verdict": "better"}) for c in evidence().comparisons]
    assert changed_sentences(sentences(evidence()), sentences(evidence(comparisons=moved))) == ([], 0)
    other = [c.model_copy(update={"difference": c.difference.model_copy(update={"value": 0.07})}) for c in better]
    changed, numbers = changed_sentences(
        sentences(evidence(comparisons=better)), sentences(evidence(comparisons=other))
    )
    assert changed == []
    assert numbers > 0


def test_a_count_that_crosses_one_is_a_number_like_others():
    def counted(number):
        groups = [
            one.model_copy(update={"decided_failed": number}) if one.name == "technique" else one
            for one in evidence().compared_groups
        ]
        return evidence(compared_groups=groups, facts=study_facts(conditions=number))

    changed, numbers = changed_sentences(sentences(counted(1)), sentences(counted(2)))
    assert [one for one in changed if one.section == "summary:technique"] == []
    assert numbers > 0


def test_what_another_version_wrote_cannot_be_worded():
    texts = TEXTS | {"findings": TEXTS["findings"] | {"gap": {}}}
    assert sentences(evidence()) is not None
    assert sentences(evidence(), texts) is None
