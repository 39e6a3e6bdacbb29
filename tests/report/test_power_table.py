"""The table of plans: what is detectable, what is missing, and what that costs."""

from dataclasses import replace

from tests.report.conftest import context

from transfer_report.report.passages import bullets
from transfer_report.report.tables.power import power_table


def test_says_what_is_there_what_is_missing_and_what_it_costs(study):
    table = power_table(study, context(study, "markdown").wording)
    assert [[str(cell) for cell in row[1:]] for row in table.rows] == [
        ["4.0", "images", "3", "200 → –", "0\u202fs"],
        ["12.0", "seeds", "3 → 17", "200 → –", "4\u202fmin"],
        ["none possible", "seeds", "3 → –", "200 → –", "–"],
    ]
    assert "0.23\u202f%" in table.note


def test_has_no_column_of_times_that_were_not_measured(study):
    plans = [plan.model_copy(update={"seconds": None}) for plan in study.analysis.plans]
    found = replace(study, analysis=study.analysis.model_copy(update={"plans": plans}))
    table = power_table(found, context(found, "markdown").wording)
    assert [column.head for column in table.columns][-1] == "Test images"
    assert {len(row) for row in table.rows} == {5}
    assert "machine" not in table.note


def test_next_steps_on_the_first_page_lead_there(study):
    step = study.analysis.findings[0].model_copy(update={"section": "summary:next"})

    def bullet(**changes):
        found = replace(study, analysis=study.analysis.model_copy(update={"findings": [step], **changes}))
        return bullets(found, context(found, "markdown").wording)[-1]

    assert bullet().topic == "next"
    assert "Table" in bullet().text
    assert "Table" not in bullet(plans=[]).text
