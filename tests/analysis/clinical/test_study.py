"""The clinical numbers of a study: which conditions, which sentences, and where each number stands."""

import numpy as np
import pytest
from tests.analysis.samples import drawn

from transfer_report.analysis.clinical.addresses import clinical_leaves
from transfer_report.analysis.clinical.findings import clinical_findings
from transfer_report.analysis.clinical.study import can_be_scored, clinical_of_study, shown_conditions
from transfer_report.analysis.estimates import estimate
from transfer_report.analysis.predictions import Predictions
from transfer_report.loading import load_params
from transfer_report.records.analysis import Selection
from transfer_report.settings import ClinicalSettings, SensitivityTarget
from transfer_report.wording.printer import Printer
from transfer_report.wording.wording import Wording, load_texts, wording_file

KEYS = ["fine_tuning/a", "fine_tuning/b", "linear_probe/a", "lp_ft/a", "lp_ft/b"]


def study(classes, **clinical):
    generator = np.random.default_rng(3)
    predictions = {
        split: {key: drawn(generator, 2, 80, condition=key, classes=classes) for key in KEYS}
        for split in ("val", "test")
    }  # fmt: skip
    accuracies = {key: estimate("accuracy", one, 0.95) for key, one in predictions["val"].items()}
    settings = load_params().analysis.model_copy(update={"clinical": ClinicalSettings(**clinical)})
    selection = Selection(best="fine_tuning/b", recommended="linear_probe/a", best_of_table={})
    return clinical_of_study(predictions, selection, accuracies, settings, has_patients=False)


SETTINGS = [
    (2, {}),
    (2, {"operating_point": SensitivityTarget(sensitivity=0.9), "prevalence": 0.1}),
    (3, {}),
]


@pytest.fixture(scope="module", params=SETTINGS)
def made(request):
    classes, clinical = request.param
    return study(classes, **clinical), ["NORMAL", "BACTERIA", "VIRUS"][:classes]


def test_the_recommended_condition_comes_first_and_each_strategy_once():
    accuracies = {
        key: estimate("accuracy", drawn(np.random.default_rng(number), 2, 50, condition=key), 0.95)
        for number, key in enumerate(KEYS)
    }
    accuracies["lp_ft/b"] = accuracies["lp_ft/b"].model_copy(update={"value": 1.0})
    selection = Selection(best="fine_tuning/b", recommended="linear_probe/a", best_of_table={})
    assert shown_conditions(selection, accuracies) == ["linear_probe/a", "fine_tuning/b", "lp_ft/b"]


def test_every_number_of_a_sentence_stands_at_its_address(made):
    clinical, classes = made
    leaves = clinical_leaves(clinical)
    found = clinical_findings(clinical, classes)
    assert found[0].kind == "clinical_discrimination"
    for value in (value for finding in found for value in finding.values.values() if value.source):
        assert leaves[value.source] == value.value


def test_every_sentence_has_its_words(made):
    clinical, classes = made
    wording = Wording(load_texts(wording_file("en")), Printer())
    for finding in clinical_findings(clinical, classes):
        text = wording.sentence(f"findings.{finding.kind}.{finding.verdict}", **finding.values)
        assert len(text.split()) <= 45
        assert "–" not in text


def test_members_of_lists_are_told_apart(made):
    clinical, _ = made
    leaves = clinical_leaves(clinical)
    kept = [curve for curve in clinical.images.curves if curve.kind == "roc"]
    areas = {name for name in leaves if name.startswith("clinical.images.curves.roc.") and name.endswith("area.value")}
    assert len(areas) == len(kept)
    assert not [name for name in leaves if ".band." in name or name.endswith(".x.0")]


def test_patients_with_images_of_several_of_many_classes_have_no_score():
    labels, patients = np.array([0, 1, 2, 2]), np.array(["a", "a", "b", "b"])
    probabilities = np.full((1, 4, 3), 1 / 3)
    assert not can_be_scored(Predictions("c", "test", probabilities, labels, patients))
    assert can_be_scored(Predictions("c", "test", probabilities, labels, np.array(["a", "b", "c", "c"])))
