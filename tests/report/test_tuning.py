"""What the report says of tuning, in each form."""

from dataclasses import replace

import pytest
from tests.report.conftest import context

from transfer_report.analysis.tuned_alike import tuning_facts
from transfer_report.records.tuning import TriedValues, Tuning
from transfer_report.report.html import render_html
from transfer_report.report.markdown import render_markdown
from transfer_report.report.passages import tuning_text
from transfer_report.report.tables.tuning import tuning_table

RATES = [1e-4, 1e-3, 1e-2]


def tuned_study(study, chosen, tuned):
    """The study with learning rates that the first conditions chose."""
    conditions = [
        one.model_copy(update={"grid": {"lr": RATES} if number < tuned else {}})
        for number, one in enumerate(study.conditions)
    ]
    tunings = [
        Tuning(
            condition=str(one.key), grid=one.grid, seeds=[100, 101],
            tried=[
                TriedValues(values={"lr": rate}, val_accuracy=score, val_loss=score and 0.5)
                for rate, score in zip(RATES, (0.7, 0.8, None), strict=True)
            ],
            chosen={"lr": chosen}, at_edge=["lr"] * (chosen != 1e-3),
        )
        for one in conditions[:tuned]
    ]  # fmt: skip
    facts = study.analysis.facts.model_copy(update={"tuning": tuning_facts(tunings, conditions)})
    return replace(study, analysis=study.analysis.model_copy(update={"tunings": tunings, "facts": facts}))


def said(study):
    return tuning_text(study, context(study, "markdown").wording).replace("\u00a0", " ")


def test_says_what_was_tried_and_that_all_were_tuned_alike(study):
    text = said(tuned_study(study, 1e-3, len(study.conditions)))
    assert "22 of 22 conditions, from 3 combinations each, with 2 seeds that no other run has (132 runs;" in text
    assert "The loss of 22 combinations did not stay finite." in text
    assert "No chosen value lies at the edge" in text
    assert "All conditions were tuned alike. Verdicts apply to the chosen values." in text


def test_names_what_lies_at_the_edge_and_what_was_not_tuned_alike(study):
    text = said(tuned_study(study, 1e-4, 20))
    assert (
        "In 20 conditions a chosen value is the smallest or largest that was tried, so one beyond it may be better."
        in text
    )
    assert "2 conditions were not tuned like the others" in text
    assert "or none: MobileNetV2 · LP-FT · baseline; EfficientNet-Lite0 · LP-FT · baseline." in text


def test_the_table_has_every_condition(study):
    found = tuned_study(study, 1e-4, 21)
    rows = [[str(cell) for cell in row] for row in tuning_table(found, context(found, "markdown").wording).rows]
    assert rows[0][1:] == ["learning rate: 10⁻⁴, 10⁻³, 0.01", "10⁻⁴ (edge)", "70.0", "80.0"]
    assert rows[-1][1:] == ["–"] * 4


@pytest.mark.parametrize(("target", "render"), [("html", render_html), ("markdown", render_markdown)])
def test_stands_in_each_form_where_something_was_tuned(study, target, render):
    found = tuned_study(study, 1e-3, 22)
    assert "Tuning was not repeated for each seed" in " ".join(render(context(found, target)).split())
    assert "Tuning was not repeated" not in render(context(study, target))
