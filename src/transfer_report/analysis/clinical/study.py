"""The clinical numbers of a study: of the recommended condition and its rivals, of images and of patients."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from transfer_report.analysis.clinical.evidence import clinical_evidence
from transfer_report.analysis.clinical.levels import NET_BENEFIT, useful_thresholds
from transfer_report.analysis.clinical.operating_point import operating_point
from transfer_report.analysis.clinical.records import Clinical, ClinicalEvidence
from transfer_report.analysis.moderation import SeedSpread
from transfer_report.analysis.predictions import Predictions
from transfer_report.conditions import ConditionKey
from transfer_report.records.analysis import Estimate, LevelTest, Selection
from transfer_report.records.base import Split
from transfer_report.settings import AnalysisSettings

MOST_CONDITIONS = 4
"""Curves that a figure tells apart."""


def clinical_of_study(
    predictions: Mapping[Split, Mapping[str, Predictions]],
    selection: Selection,
    accuracies: Mapping[str, Estimate],
    settings: AnalysisSettings,
    has_patients: bool,
    failed: Collection[str] = (),
    spreads: Mapping[str, SeedSpread] | None = None,
    levels: Sequence[LevelTest] = (),
) -> Clinical:
    """Compute the clinical numbers of the conditions that the report shows.

    Args:
        predictions: Of all conditions, by split (val, test) and condition.
        selection: The recommended condition, and the best in validation.
        accuracies: Validation accuracy by condition.
        settings: Settings of the analysis; `clinical` has those of the operating point.
        has_patients: True if several images show one patient.
        failed: Conditions with runs that failed; they are no rivals.
        spreads: How the AUROC varies over seeds, by condition, as comparisons take it.
        levels: Decided tests of the risks of the recommended condition.
    """
    shown = shown_conditions(selection, accuracies, failed)
    val, test = ({key: predictions[split][key] for key in shown} for split in ("val", "test"))
    rivals = [(shown[0], rival) for rival in shown[1:]]

    def evidence(patients: bool) -> ClinicalEvidence:
        return clinical_evidence(val, test, rivals, settings.clinical, settings, patients, spreads)

    first = test[shown[0]]
    no_point = settings.clinical.operating_point == "argmax" and first.classes == 2
    return Clinical(
        conditions=shown,
        images=_with_useful(evidence(patients=False), shown[0], levels),
        patients=evidence(patients=True) if has_patients and all(map(can_be_scored, (first, val[shown[0]]))) else None,
        youden=operating_point(val[shown[0]], first, "youden", 1, settings.confidence) if no_point else None,
    )


def _with_useful(found: ClinicalEvidence, recommended: str, levels: Sequence[LevelTest]) -> ClinicalEvidence:
    """Return the evidence with the thresholds at which acting on the recommended condition's risks is useful."""
    if not any(one.name.startswith(NET_BENEFIT) for one in levels):
        return found
    curves = [
        one.model_copy(update={"useful": useful_thresholds(levels)}) if one.condition == recommended else one
        for one in found.decision_curves
    ]
    return found.model_copy(update={"decision_curves": curves})


def shown_conditions(
    selection: Selection, accuracies: Mapping[str, Estimate], failed: Collection[str] = ()
) -> list[str]:
    """The recommended condition, the best in validation, and the best of each strategy; four at most.

    Args:
        selection: Chosen from validation alone.
        accuracies: Validation accuracy by condition.
        failed: Conditions that are shown only where they were chosen.
    """
    ranked = sorted(accuracies, key=lambda key: -accuracies[key].value)  # stable: the study's first among equals
    shown = list(dict.fromkeys((selection.recommended, selection.best)))
    strategies = {ConditionKey.parse(key).strategy for key in shown}
    for key in ranked:
        strategy = ConditionKey.parse(key).strategy
        if strategy not in strategies and key not in failed:
            strategies.add(strategy)
            shown.append(key)
    return shown[:MOST_CONDITIONS]


def can_be_scored(predictions: Predictions) -> bool:
    """Return whether patients can be scored: each has one class, or there are only two classes."""
    if predictions.classes == 2:
        return True
    codes, labels = predictions.cluster_codes, predictions.labels
    pairs: Sequence[object] = np.unique(np.stack([codes, labels]), axis=1)[0].tolist()
    return len(pairs) == len(set(pairs))
