from dataclasses import replace

import pytest
from tests.report.conftest import context
from tests.report.study import texts

from transfer_report import storage
from transfer_report.analysis.curves import OVERFITTING_LOSS
from transfer_report.report.passages import definitions, model_notes, notices
from transfer_report.report.tables.model_selection import models_table


@pytest.fixture
def with_controls(study):
    """The study with each architecture once more, from random weights; the others from ImageNet's."""
    pretrained = [weights.model_copy(update={"source": "imagenet"}) for weights in study.weights]
    controls = [weights.model_copy(update={"model": f"{weights.model}-random"}) for weights in study.weights]
    hashes = {storage.weights_record_file(weights.model).as_posix(): "0" * 64 for weights in controls}
    return replace(study, weights=[*pretrained, *controls], hashes={**study.hashes, **hashes})


def test_an_architecture_is_described_once(with_controls):
    wording = context(with_controls, "markdown").wording
    assert [notes.name for notes in model_notes(with_controls, wording)] == ["ResNet-50", "MobileNetV2"]
    assert len(models_table(with_controls, wording).rows) == 2


def test_random_weights_beside_imagenets_are_no_notice(study, with_controls):
    wording = context(study, "markdown").wording
    told = notices(study, wording)
    assert "ImageNet's: ResNet-50, MobileNetV2." in told[0]
    assert notices(with_controls, wording) == told[1:]


def test_every_term_is_defined_and_thresholds_are_those_of_the_rules(study):
    told = {one.term: one.text for one in definitions(study, context(study, "html").wording)}
    assert set(told) == set(texts()["definitions"]["terms"].values())
    assert len(texts()["definitions"]["terms"]) == len(texts()["definitions"]["texts"])
    rising = told["Rising validation loss"]
    assert f'<data value="{OVERFITTING_LOSS}" data-source="facts.rise">' in rising
    assert 'href="#ref-prechelt1998"' in rising


def test_what_is_said_aside_is_a_footnote_on_paper_and_in_parentheses_elsewhere(study):
    said = 'before training{{ aside("of some") }}, it is'
    told = {}
    for target in ("pdf", "html", "markdown"):
        wording = context(study, target).wording
        wording.tree = {"said": said}
        told[target] = wording.text("said")
    assert told["pdf"] == 'before training<span class="footnote">Of some.</span>, it is'
    assert told["html"] == told["markdown"] == "before training (of some), it is"
