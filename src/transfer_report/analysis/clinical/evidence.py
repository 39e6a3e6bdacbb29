"""All clinical numbers of a study in one record."""

from collections.abc import Mapping, Sequence

import numpy as np

from transfer_report.analysis.clinical.calibration import calibrate
from transfer_report.analysis.clinical.classes import class_table
from transfer_report.analysis.clinical.curves import curve, curve_difference
from transfer_report.analysis.clinical.decision import decision_curve, decision_difference, distribution_of_risks
from transfer_report.analysis.clinical.operating_point import operating_point
from transfer_report.analysis.clinical.patients import per_patient
from transfer_report.analysis.clinical.records import ClinicalEvidence, CurveKind
from transfer_report.analysis.clinical.temperature import temperature_scaling
from transfer_report.analysis.moderation import SeedSpread, of_a_pair
from transfer_report.analysis.predictions import Predictions
from transfer_report.analysis.variance import Term
from transfer_report.settings import AnalysisSettings, ClinicalSettings

KINDS: tuple[CurveKind, ...] = ("roc", "precision_recall")


def clinical_evidence(
    val: Mapping[str, Predictions],
    test: Mapping[str, Predictions],
    rivals: Sequence[tuple[str, str]],
    clinical: ClinicalSettings,
    analysis: AnalysisSettings,
    patients: bool = False,
    spreads: Mapping[str, SeedSpread] | None = None,
) -> ClinicalEvidence:
    """Compute everything that the clinical part of a report shows.

    Args:
        val: Predictions on validation images, by condition.
        test: Predictions of the same runs on test images.
        rivals: Pairs (treatment, reference) whose curves are compared.
        clinical: Operating point, prevalence, patients.
        analysis: Confidence, bins of the calibration error, seed.
        patients: True for numbers of patients, False for numbers of images.
        spreads: How the AUROC on the images varies over seeds, by condition, as comparisons take it.
    """
    if patients:
        val, test = (
            {key: per_patient(one, clinical.patient_score) for key, one in split.items()} for split in (val, test)
        )
    confidence, bins = analysis.confidence, analysis.calibration_bins
    classes = next(iter(test.values())).classes
    prevalence = clinical.prevalence if classes == 2 else None  # one prevalence says nothing of several classes
    positives = [1] if classes == 2 else list(range(classes))
    drawn: list[int | None] = [1] if classes == 2 else [*positives, None]
    pairs = [(test[reference], test[treatment]) for treatment, reference in rivals]
    whole = drawn[-1]  # what the AUROC of comparisons is of

    def seeds(kind: CurveKind, pair: tuple[Predictions, Predictions], index: int | None) -> Term | None:
        of_pair = [(spreads or {}).get(one.condition) for one in pair]
        if patients or kind != "roc" or index != whole or of_pair[0] is None or of_pair[1] is None:
            return None
        return of_a_pair(of_pair[0], of_pair[1])

    generator = np.random.default_rng(analysis.seed)
    # The most probable of several classes is no call of one against the rest: the table of classes has it.
    pointed = positives if classes == 2 or clinical.operating_point != "argmax" else []
    return ClinicalEvidence(
        unit="patient" if patients else "image",
        patient_score=clinical.patient_score if patients else None,
        confidence=confidence,
        positives=positives,
        curves=[curve(kind, one, index, confidence) for one in test.values() for kind in KINDS for index in drawn],
        curve_differences=[
            curve_difference(kind, *pair, index, confidence, seeds(kind, pair, index))
            for pair in pairs
            for kind in KINDS
            for index in drawn
        ],
        operating_points=[
            operating_point(val[key], one, clinical.operating_point, index, confidence, prevalence)
            for key, one in test.items()
            for index in pointed
        ],
        calibrations=[
            calibrate(one, index, bins, confidence, generator) for one in test.values() for index in positives
        ],
        temperatures=[temperature_scaling(val[key], one, bins, confidence)[0] for key, one in test.items()],
        decision_curves=[
            decision_curve(one, index, confidence, prevalence) for one in test.values() for index in positives
        ],
        decision_differences=[
            decision_difference(*pair, index, confidence, prevalence) for pair in pairs for index in positives
        ],
        risks=[distribution_of_risks(one, index) for one in test.values() for index in positives],
        classes=[class_table(one, confidence) for one in test.values()],
    )
