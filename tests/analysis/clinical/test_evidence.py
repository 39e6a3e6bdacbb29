import numpy as np
import pytest
from tests.analysis.samples import drawn

from transfer_report.analysis.clinical.evidence import clinical_evidence
from transfer_report.analysis.clinical.records import ClinicalEvidence
from transfer_report.analysis.comparisons import difference_of
from transfer_report.analysis.components import components
from transfer_report.analysis.moderation import of_a_pair, seed_spreads
from transfer_report.analysis.predictions import Predictions
from transfer_report.loading import load_params
from transfer_report.settings import ClinicalSettings, SensitivityTarget

KEYS = ("fine_tuning/a", "fine_tuning/b")


@pytest.fixture(params=[2, 3], scope="module")
def study(request):
    generator = np.random.default_rng(0)

    def split(images):
        return {key: drawn(generator, 2, images, classes=request.param, condition=key) for key in KEYS}

    return request.param, split(60), split(90)


def found(study, **settings):
    _, val, test = study
    patients = settings.pop("patients", False)
    return clinical_evidence(val, test, [KEYS], ClinicalSettings(**settings), load_params().analysis, patients)


@pytest.fixture(scope="module")
def usual(study):
    """The evidence by the settings that hold where none are written."""
    return found(study)


def test_everything_is_there_and_crosses_a_border(study):
    classes = study[0]
    evidence = found(study, operating_point=SensitivityTarget(sensitivity=0.9), prevalence=0.1)
    positives = 1 if classes == 2 else classes
    assert len(evidence.curves) == 2 * 2 * (1 if classes == 2 else classes + 1)
    assert len(evidence.operating_points) == len(evidence.calibrations) == len(evidence.risks) == 2 * positives
    assert len(evidence.classes) == len(evidence.temperatures) == 2
    assert ClinicalEvidence.model_validate_json(evidence.model_dump_json()) == evidence


def test_the_auroc_of_rivals_has_the_interval_of_comparisons(study):
    _, val, test = study
    reference, treatment = (components("auroc", test[key]) for key in reversed(KEYS))
    spreads = seed_spreads("table", {key: components("auroc", one).values for key, one in test.items()})
    settings = load_params().analysis
    evidence = clinical_evidence(val, test, [KEYS], ClinicalSettings(), settings, spreads=spreads)
    areas = [one.area for one in evidence.curve_differences if one.kind == "roc"]
    pair = of_a_pair(*(spreads[key] for key in KEYS))
    expected = difference_of(reference, treatment, settings.confidence, pair)
    assert (areas[-1].value, areas[-1].low) == pytest.approx((expected.value, expected.low))
    assert areas[-1].low != pytest.approx(difference_of(reference, treatment, settings.confidence).low)


def test_the_same_seed_gives_the_same_evidence(study, usual):
    assert found(study).model_dump_json() == usual.model_dump_json()


def test_the_most_probable_of_three_classes_is_in_their_table(study, usual):
    assert bool(usual.operating_points) == (study[0] == 2)


def test_a_prevalence_is_that_of_one_class(study):
    evidence = found(study, operating_point="youden", prevalence=0.1)
    assert (evidence.operating_points[0].at_prevalence is not None) == (study[0] == 2)
    assert (evidence.decision_curves[0].prevalence == 0.1) == (study[0] == 2)


def test_patients_take_the_place_of_images(study):
    classes, val, test = study
    of_two = {
        split: {
            key: Predictions(
                key, one.split, one.probabilities, one.labels, one.labels + classes * (np.arange(one.images) // 15)
            )
            for key, one in predictions.items()
        }
        for split, predictions in (("val", val), ("test", test))
    }
    evidence = clinical_evidence(
        of_two["val"], of_two["test"], [], ClinicalSettings(), load_params().analysis, patients=True
    )
    assert (evidence.unit, evidence.patient_score) == ("patient", "mean")
    assert evidence.classes[0].scores[-1].support == 6 * classes
