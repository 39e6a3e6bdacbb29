"""What the report says of the number of training images, in each form."""

from dataclasses import replace

import numpy as np
import pytest
from tests.analysis.samples import from_correct
from tests.report.conftest import context

from transfer_report.analysis.cross_validation import cross_validated
from transfer_report.analysis.findings.size_curves import size_findings
from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.size_curves import size_curve
from transfer_report.figures.size_curves import size_curves
from transfer_report.records.analysis import Evidence
from transfer_report.report.html import render_html
from transfer_report.report.markdown import render_markdown
from transfer_report.report.tables.size_curves import size_table
from transfer_report.report.tables.widths import column_widths
from transfer_report.wording.wording import load_texts, wording_file

IMAGES = {0.25: 50.0, 0.5: 100.0, 1.0: 200.0}


def with_curves(study, errors=(160, 80, 40), images=IMAGES):
    """The study with a curve of its recommended condition, whose runs make so many errors of 400."""
    generator = np.random.default_rng(2)
    runs = {}
    for fraction, count in zip(images, errors, strict=True):
        correct = np.ones((3, 400), dtype=bool)
        for run in correct:
            run[generator.choice(400, count, replace=False)] = False
        runs[fraction] = from_correct(correct, condition="fine_tuning/resnet50-baseline")
    analysis = study.analysis.model_copy(update={"size_curves": [size_curve(runs, images, 0.95)]})
    return replace(study, analysis=analysis)


def sentences(study):
    wording = context(study, "markdown").wording
    wording.tree = load_texts(wording_file("en"))
    evidence = Evidence(**{name: getattr(study.analysis, name) for name in Evidence.model_fields})
    return [wording.finding(one).replace("\u202f", " ") for one in size_findings(Lookup(evidence))]


def test_says_what_twice_as_many_images_would_give(study):
    first, second = sentences(with_curves(study))
    assert "has an accuracy of 90.0 % with all 200 training images." in first
    assert "twice as many (400) would give 95.0 % (95 % CI" in first
    assert "a gain of +5.0 points" in first
    assert second.startswith("With the present images, the recommended")
    assert "Its errors do not follow a power" in sentences(with_curves(study, (200, 40, 40)))[0]
    assert "makes no errors at one size" in sentences(with_curves(study, (20, 10, 0)))[0]
    assert (
        "Less than three sizes show no trend." in sentences(with_curves(study, (80, 40), {0.5: 100.0, 1.0: 200.0}))[0]
    )


def test_the_table_has_each_share_and_twice_as_many(study):
    found = with_curves(study)
    table = size_table(found, context(found, "markdown").wording)
    assert [column.head.replace("\u202f", " ") for column in table.columns][1:] == ["25 %", "50 %", "100 %", "200 %"]
    widths = column_widths(size_table(found, context(found, "pdf").wording))
    assert widths[0] > widths[1] == widths[4]
    assert [str(cell.lines[0]) for cell in table.rows[0][1:]] == ["60.0", "80.0", "90.0", "95.0"]
    bent = with_curves(study, (200, 40, 40))
    assert len(size_table(bent, context(bent, "markdown").wording).columns) == 4


def test_the_figure_has_the_measured_and_the_open_dot(study):
    drawn = size_curves(with_curves(study).analysis.size_curves, context(study, "markdown").wording)
    assert [row[1] for row in drawn.rows] == ["50", "100", "200", "400"]
    assert drawn.rows[-1][-1] == "by the power law"
    assert "60.0 % with 50 images, 90.0 % with 200." in drawn.alt.replace("\u202f", " ")


def test_accuracies_over_folds_stand_in_section_d(study):
    labels, codes = np.arange(40) % 2, np.arange(40)[None] // 2 % 4
    right = np.random.default_rng(0).random((2, 1, 40, 1)) < 0.8
    chance = {
        key: np.where(correct, 1 - np.eye(2)[1 - labels] * 0.9, 0.5 + 0.4 * np.eye(2)[1 - labels])
        for key, correct in zip(("fine_tuning/resnet50-baseline", "linear_probe/resnet50-baseline"), right, strict=True)
    }
    made = cross_validated(chance, labels, codes, 0.95)
    found = replace(study, analysis=study.analysis.model_copy(update={"cross_validated": made}))
    for target, render in (("html", render_html), ("markdown", render_markdown)):
        text = " ".join(render(context(found, target)).split())
        assert "Does it hold for other splits?" in text
        assert "training and validation images, with" in text
        assert "Does it hold for other splits?" not in render(context(study, target))


@pytest.mark.parametrize(("target", "render"), [("html", render_html), ("markdown", render_markdown)])
def test_stands_in_each_form_where_conditions_trained_on_parts(study, target, render):
    assert "How many images does it take?" in render(context(with_curves(study), target))
    assert "How many images does it take?" not in render(context(study, target))
