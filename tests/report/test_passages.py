from dataclasses import replace

import pytest
from tests.report.conftest import context

from transfer_report.report.passages import model_notes, notices
from transfer_report.report.tables.model_selection import models_table


@pytest.fixture
def with_controls(study):
    """The study with each architecture once more, from random weights; the others from ImageNet's."""
    pretrained = [weights.model_copy(update={"source": "imagenet"}) for weights in study.weights]
    controls = [weights.model_copy(update={"model": f"{weights.model}-random"}) for weights in study.weights]
    return replace(study, weights=[*pretrained, *controls])


def test_an_architecture_is_described_once(with_controls):
    wording = context(with_controls, "markdown").wording
    assert [notes.name for notes in model_notes(with_controls, wording)] == ["ResNet-50", "MobileNetV2"]
    assert len(models_table(with_controls, wording).rows) == 2


def test_random_weights_beside_imagenets_are_no_notice(study, with_controls):
    wording = context(study, "markdown").wording
    told = notices(study, wording)
    assert "ResNet-50, MobileNetV2 started from random weights" in told[0]
    assert notices(with_controls, wording) == told[1:]
