"""The clinical numbers of a study: which conditions, which sentences, and where each number stands."""

import re

import numpy as np
import pytest
from tests.analysis.clinical.samples import of_risks
from tests.analysis.evidence import study_facts
from tests.analysis.samples import drawn

from transfer_report.analysis.clinical.findings import clinical_findings
from transfer_report.analysis.clinical.levels import clinical_levels
from transfer_report.analysis.clinical.study import can_be_scored, clinical_of_study, shown_conditions
from transfer_report.analysis.decisions import Statements, decide
from transfer_report.analysis.estimates import estimate
from transfer_report.analysis.predictions import Predictions
from transfer_report.loading import load_params
from transfer_report.records.addresses import Records
from transfer_report.records.analysis import Selection
from transfer_report.settings import ClinicalSettings, FixedThreshold, SensitivityTarget
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
    of_recommended = (predictions[split][selection.recommended] for split in ("val", "test"))
    levels = decide(Statements(levels=clinical_levels(*of_recommended, settings)), 0.05).levels
    return clinical_of_study(predictions, selection, accuracies, settings, has_patients=False, levels=levels), levels


SETTINGS = [
    (2, {}),
    (2, {"operating_point": SensitivityTarget(sensitivity=0.9), "prevalence": 0.1}),
    (3, {}),
]


@pytest.fixture(scope="module", params=SETTINGS)
def made(request):
    classes, clinical = request.param
    return *study(classes, **clinical), ["NORMAL", "BACTERIA", "VIRUS"][:classes]


def test_the_recommended_condition_comes_first_and_each_strategy_once():
    accuracies = {
        key: estimate("accuracy", drawn(np.random.default_rng(number), 2, 50, condition=key), 0.95)
        for number, key in enumerate(KEYS)
    }
    accuracies["lp_ft/b"] = accuracies["lp_ft/b"].model_copy(update={"value": 1.0})
    selection = Selection(best="fine_tuning/b", recommended="linear_probe/a", best_of_table={})
    assert shown_conditions(selection, accuracies) == ["linear_probe/a", "fine_tuning/b", "lp_ft/b"]


def test_every_record_that_a_sentence_speaks_of_stands_at_its_address(made):
    clinical, levels, classes = made
    records = Records({"clinical": clinical})
    found = clinical_findings(clinical, len(classes), levels)
    assert found[0].kind == "clinical_discrimination"
    addresses = [address for finding in found for address in finding.refs.values()]
    assert [records.at(address).address for address in addresses] == addresses


def wording_of(clinical, classes):
    facts = study_facts(class_names=classes)
    return Wording(load_texts(wording_file("en")), Printer(), records=Records({"clinical": clinical, "facts": facts}))


def test_every_sentence_has_its_words(made):
    clinical, levels, classes = made
    wording = wording_of(clinical, classes)
    for finding in clinical_findings(clinical, len(classes), levels):
        text = wording.finding(finding).replace("(Exploratory.)", "").strip()
        assert len(text.split()) <= 45
        assert "–" not in text
        if finding.kind == "clinical_most_confused":
            assert re.search(rf"of the images of ({'|'.join(classes)}) are called ({'|'.join(classes)}) ", text)


def cost_of_argmax(false_alarms, rule):
    """What is said where some of 200 negatives have a risk of 0.6, and 20 of 200 positives one below all thresholds."""
    risks = np.repeat([0.6, 0.2, 0.9, 0.1], [false_alarms, 200 - false_alarms, 180, 20])
    runs = of_risks(np.tile(risks, (3, 1)), np.repeat([0, 1], 200), condition=KEYS[0])
    settings = load_params().analysis.model_copy(update={"clinical": ClinicalSettings(operating_point=rule)})
    selection = Selection(best=KEYS[0], recommended=KEYS[0], best_of_table={})
    accuracies = {KEYS[0]: estimate("accuracy", runs, 0.95)}
    predictions = {"val": {KEYS[0]: runs}, "test": {KEYS[0]: runs}}
    levels = decide(Statements(levels=clinical_levels(runs, runs, settings)), 0.05).levels
    clinical = clinical_of_study(predictions, selection, accuracies, settings, has_patients=False, levels=levels)
    wording = wording_of(clinical, ["NORMAL", "PNEUMONIA"])
    return [
        wording.finding(one) for one in clinical_findings(clinical, 2, levels) if one.kind == "clinical_cost_of_argmax"
    ]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("argmax", "costs balanced accuracy: {} instead of {} at the threshold with the highest Youden index"),
        (FixedThreshold(threshold=0.75), "instead would give a balanced accuracy of {}, not {}"),
    ],
)
def test_what_argmax_costs_is_said(rule, words):
    # Sensitivity 180 of 200 either way; specificity 140 of 200 from 0.5 on, 200 of 200 from 0.75 on.
    (said,) = cost_of_argmax(60, rule)
    assert words.format("80.0\u202f%", "95.0\u202f%") in said
    assert "difference 15.0 points" in said


@pytest.mark.parametrize("rule", ["argmax", FixedThreshold(threshold=0.75)])
@pytest.mark.parametrize("false_alarms", [0, 2])
def test_argmax_that_is_not_shown_to_cost_anything_is_not_mentioned(false_alarms, rule):
    assert cost_of_argmax(false_alarms, rule) == []


def test_members_of_lists_are_told_apart(made):
    clinical, *_ = made
    leaves = Records({"clinical": clinical}).leaves
    kept = [curve for curve in clinical.images.curves if curve.kind == "roc"]
    areas = {name for name in leaves if name.startswith("clinical.images.curves.roc.") and name.endswith("area.value")}
    assert len(areas) == len(kept)
    assert not [name for name in leaves if ".band." in name or name.endswith(".x.0")]


def test_patients_with_images_of_several_of_many_classes_have_no_score():
    labels, patients = np.array([0, 1, 2, 2]), np.array(["a", "a", "b", "b"])
    probabilities = np.full((1, 4, 3), 1 / 3)
    assert not can_be_scored(Predictions("c", "test", probabilities, labels, patients))
    assert can_be_scored(Predictions("c", "test", probabilities, labels, np.array(["a", "b", "c", "c"])))
