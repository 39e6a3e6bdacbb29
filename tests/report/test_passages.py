from dataclasses import replace

import pytest
from tests.report.conftest import context
from tests.report.study import texts

from transfer_report import storage
from transfer_report.analysis.curves import OVERFITTING_LOSS
from transfer_report.report.passages import definitions, key_facts, model_notes, notices, selection_rule
from transfer_report.report.tables.image_set import source_table
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
    assert "ImageNet’s: ResNet-50, MobileNetV2." in told[0]
    assert notices(with_controls, wording) == told[1:]


def test_random_weights_that_were_asked_for_are_not_called_missing(study):
    asked_for = replace(study, weights=[one.model_copy(update={"requested": "random"}) for one in study.weights])
    told = notices(asked_for, context(study, "markdown").wording)
    assert told[0].startswith("Started from random weights, as the settings ask: ResNet-50, MobileNetV2.")
    assert "put the weight files" not in told[0]
    assert len(told) == len(notices(study, context(study, "markdown").wording))


def test_the_rule_of_selection_is_told_of_the_models_that_it_chose(study):
    wording = context(study, "markdown").wording
    assert selection_rule(study, wording).startswith("The rule of selection: one network of moderate cost")
    alone = replace(study, weights=study.weights[:1])
    assert selection_rule(alone, wording).startswith("Of all of these, ")


def test_code_that_was_edited_is_not_called_the_commits(study):
    edited = replace(study, provenance=study.provenance.model_copy(update={"edited": True}))
    builds = [key_facts(one, context(one, "markdown").wording)[-1].text for one in (study, edited)]
    assert builds == ["Commit 0123456789ab", "Commit 0123456789ab, edited"]


def test_what_the_source_says_of_its_images_has_a_table(study):
    said = study.data.model_copy(update={"notes": {"Licence": "CC BY 4.0", "Address": "https://example.org/a.npz"}})
    told = replace(study, data=said)
    rows = source_table(told, context(told, "markdown").wording).rows
    assert [[str(cell) for cell in row] for row in rows] == [
        ["Licence", "CC BY 4.0"], ["Address", "https://example.org/a.npz"]
    ]  # fmt: skip


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
