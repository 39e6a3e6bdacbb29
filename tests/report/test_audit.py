"""What the table of claims says of each part."""

from dataclasses import replace

from tests.report.conftest import context

from transfer_report.records import ClaimEvidence, ClaimResult, Value
from transfer_report.report.tables.audit import claims_table
from transfer_report.wording.wording import Wording, load_texts, wording_file


def told(study, *verdicts):
    """The evidence of a claim whose parts have these verdicts."""
    parts = [
        ClaimEvidence(
            wording="not_tested", verdict=verdict, values={"reason": Value(value=f"part {n}", format="text", source="")}
        )
        for n, verdict in enumerate(verdicts)
    ]
    claim = ClaimResult(id="X", text="A claim.", reads_as="", verdict="cannot_tell", evidence=parts)
    changed = replace(study, analysis=study.analysis.model_copy(update={"claims": [claim]}))
    wording = Wording(load_texts(wording_file("en")), context(study, "markdown").wording.printer)
    return str(claims_table(changed, wording).rows[0][-1])


def test_parts_that_differ_say_each_what_they_show(study):
    assert told(study, "holds", "holds", "cannot_tell") == (
        "(holds) Not tested: part 0. Not tested: part 1. (cannot tell) Not tested: part 2."
    )


def test_parts_that_agree_say_it_once_in_the_column_beside(study):
    assert told(study, "cannot_tell", "cannot_tell") == "Not tested: part 0. Not tested: part 1."
