"""What the table of claims says of each part."""

from dataclasses import replace

from tests.report.conftest import context

from transfer_report.records.analysis import ClaimEvidence, ClaimResult
from transfer_report.report.markdown import markdown_grid
from transfer_report.report.tables.audit import claims_table
from transfer_report.report.tables.table import Column, Stacked, Table
from transfer_report.wording.wording import Wording, load_texts, wording_file


def told(study, *verdicts):
    """The evidence of a claim whose parts have these verdicts."""
    parts = [
        ClaimEvidence(wording="not_tested", verdict=verdict, own={"reason": f"part {n}"})
        for n, verdict in enumerate(verdicts)
    ]
    claim = ClaimResult(id="X", text="A claim.", reads_as="", verdict="inconclusive", evidence=parts)
    changed = replace(study, analysis=study.analysis.model_copy(update={"claims": [claim]}))
    wording = Wording(load_texts(wording_file("en")), context(study, "markdown").wording.printer, records=study.records)
    return claims_table(changed, wording).rows[0][1].lines[-1]


def test_parts_that_differ_say_each_what_they_show(study):
    assert told(study, "holds", "holds", "inconclusive") == (
        "(holds) Not tested: part 0. Not tested: part 1. (inconclusive) Not tested: part 2."
    )


def test_parts_that_agree_leave_it_to_the_column_beside(study):
    assert told(study, "inconclusive", "inconclusive") == "Not tested: part 0. Not tested: part 1."


def test_missing_weights_are_explained_where_a_claim_was_not_judged_for_them(study):
    wording = Wording(load_texts(wording_file("en")), context(study, "markdown").wording.printer, records=study.records)
    part = ClaimEvidence(wording="random_start", verdict="inconclusive")
    claim = ClaimResult(id="X", text="A claim.", reads_as="", verdict="inconclusive", evidence=[part])
    noted = [
        claims_table(replace(study, analysis=study.analysis.model_copy(update={"claims": claims})), wording).note
        for claims in ([claim], [])
    ]
    assert ["not available" in note for note in noted] == [True, False]


def test_claim_reading_and_evidence_stand_below_one_another_and_are_inert():
    cell = Stacked(("A <b>claim</b>.", "Read as: a & b", "Evidence."))
    assert str(cell) == "A <b>claim</b>.\nRead as: a & b\nEvidence."
    assert cell.__html__() == (
        'A &lt;b&gt;claim&lt;/b&gt;.<span class="below">Read as: a &amp; b</span><span class="below">Evidence.</span>'
    )


def test_markdown_breaks_the_lines_of_a_cell():
    heads = [Column("Id", "text"), Column("Claim", "text")]
    table = Table("tab-x", "F", "", heads, [["A1", Stacked(("A <b>.", "Evidence."))]])
    assert markdown_grid(table).splitlines()[-1] == "| A1 | A &lt;b>.<br>Evidence. |"
