"""What the report says of images from elsewhere: every verdict in the real words, and the table in each form."""

import re
from dataclasses import replace

import pytest
from tests.report.conftest import context

from transfer_report.analysis.findings.test_set import external_findings
from transfer_report.analysis.lookup import Lookup
from transfer_report.records.analysis import ExternalDrop, ExternalScores, ExternalSummary
from transfer_report.report.html import render_html
from transfer_report.report.markdown import render_markdown
from transfer_report.wording.names import study_printer
from transfer_report.wording.wording import Wording, load_texts, wording_file

NAME = "clinic-b"


def with_external(study, verdict="inconclusive", **changes):
    """The study with an external set, on which every condition has the same verdict."""
    analysis = study.analysis
    counts = {
        "images": 90, "patients": 70, "most_seeds": 1, "left_out_classes": 3, "left_out_copies": 2,
        "conditions": len(study.conditions), "dropped": 0, "rose": 0, "compared": 0, "same": 0, "same_shown": 0,
        "opposite": 0, "opposite_shown": 0,
    }  # fmt: skip
    scores, drops = [], []
    for key, metrics in analysis.estimates["test"].items():
        shown = {name: metrics[name] for name in ("accuracy", "auroc", "sensitivity", "specificity")}
        shown |= {"calibration_error": metrics["calibration_error"]}
        scores.append(ExternalScores(external=NAME, condition=key, test=shown, there=shown))
        difference = metrics["accuracy"].model_copy(update={"value": 0.1234, "low": 0.05, "high": 0.2})
        drops.append(
            ExternalDrop(
                external=NAME, condition=key, difference=difference, p_value=0.01, p_adjusted=0.04, verdict=verdict
            )
        )
    update = {
        "external": [ExternalSummary(external=NAME, **counts | changes)],
        "external_scores": scores, "external_drops": drops,
    }  # fmt: skip
    found = analysis.model_copy(update=update)
    said = external_findings(Lookup(found))
    return replace(study, analysis=found.model_copy(update={"findings": [*analysis.findings, *said]}))


def sentences(study):
    texts = load_texts(wording_file("en"))
    wording = Wording(texts, study_printer(texts, study.analysis.tables, "en"), file="en", records=study.records)
    return [wording.finding(finding) for finding in study.findings(f"external:{NAME}")]


@pytest.mark.parametrize(
    ("verdict", "changes", "told", "exploratory"),
    [
        ("inconclusive", {}, ("no condition is shown", "neither shown nor ruled out", "no order that could hold"), 0),
        ("inconclusive", {"rose": 2}, ("; 2 of 22 have a higher one", "neither shown", "no order"), 0),
        ("dropped", {"dropped": 22, "compared": 1, "same": 1},
         ("in all 22 conditions", "12.3 points less than on the test images (95 % CI 5.0 to 20.0, adjusted p = 0.040)",
          "The one difference between conditions that the study states on its test images has the same sign"), 2),
        ("rose", {"dropped": 1, "compared": 5, "same": 3, "same_shown": 1, "opposite": 2},
         ("in 1 of 22 conditions", "more than on the test images", "Of 5 differences"), 2),
        ("dropped", {"dropped": 3, "compared": 4, "same": 4}, ("in 3 of", "points less", "All 4 differences"), 2),
    ],
)  # fmt: skip
def test_every_verdict_has_its_sentence(study, verdict, changes, told, exploratory):
    said = sentences(with_external(study, verdict, **changes))
    for sentence, part in zip(said, told, strict=True):
        assert part in sentence.replace("\u00a0", " ").replace("\u202f", " ")
    # Of drops that state a direction, the report says that they are exploratory; counted signs state none.
    assert sum("xploratory" in sentence for sentence in said) == exploratory


def test_no_set_no_words(study):
    assert external_findings(Lookup(study.analysis)) == []
    assert "external" not in render_markdown(context(study, "markdown")).lower()


@pytest.fixture
def page_study(study):
    # The other sentences of this study are made up, so that its texts have none of these.
    shown = with_external(study, "dropped", dropped=2)
    return replace(shown, analysis=shown.analysis.model_copy(update={"findings": study.analysis.findings}))


def test_the_table_says_what_was_left_out_and_how_many_runs_there_are(page_study):
    for text in (render_html(context(page_study, "html")), render_markdown(context(page_study, "markdown"))):
        assert re.search("External test set: (<data[^>]*>)?clinic-b", text)
        assert "One kept run of each condition" in text
        assert "also among the study" in text
        assert "lacks their class" in text
    assert f'id="tab-external-{NAME}"' in render_html(context(page_study, "html"))
