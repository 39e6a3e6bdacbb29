"""Two revisions of a study, compared in full."""

from dataclasses import dataclass, replace

from transfer_report.analysis.estimates import estimate
from transfer_report.analysis.inputs import TESTED
from transfer_report.analysis.predictions import Predictions
from transfer_report.errors import UserError
from transfer_report.records.analysis import ClaimResult, Estimate, Metric
from transfer_report.revisions.results import Results
from transfer_report.settings import AnalysisSettings
from transfer_report.variants.changes import Change, changed_claims, changed_data, changed_settings
from transfer_report.variants.differences import ConditionDifference, adjusted, condition_difference
from transfer_report.variants.images import Common, common_images

Measured = dict[Metric, Estimate]


@dataclass(frozen=True)
class RevisionComparison:
    """Differences between two revisions; `treatment` is the later one, whose gain is positive."""

    reference: Results
    treatment: Results
    common: Common
    differences: list[ConditionDifference]
    """Differences of the conditions that both have, in the order of the treatment."""
    only_reference: dict[str, Measured]
    """Conditions that the treatment lacks, with their test metrics; there is nothing to compare them with."""
    only_treatment: dict[str, Measured]
    settings: list[Change]
    data: list[Change]
    claims: list[tuple[ClaimResult | None, ClaimResult | None]]
    judged_by: AnalysisSettings

    @property
    def identical(self) -> bool:
        """True if all predictions of all conditions are the same."""
        return not (self.only_reference or self.only_treatment) and all(one.identical for one in self.differences)


def compare_revisions(reference: Results, treatment: Results, settings: AnalysisSettings) -> RevisionComparison:
    """Compare every condition that both have, corrected together.

    Raises:
        UserError: the two tell other classes apart, so that no number of one compares with the other's.
    """
    if reference.evaluation.classes != treatment.evaluation.classes:
        names = [", ".join(one.evaluation.classes) for one in (reference, treatment)]
        raise UserError(
            f"{reference.revision.label} tells {names[0]} apart, {treatment.revision.label} {names[1]}: "
            "their accuracies answer other questions and are not compared"
        )

    def measured(one: Predictions) -> Measured:
        return {metric: estimate(metric, one, settings.confidence) for metric in TESTED}

    common = common_images(reference, treatment)
    shared = [key for key in treatment.predictions if key in reference.predictions]
    failed = reference.failed_conditions | treatment.failed_conditions
    differences = [
        replace(
            condition_difference(reference.predictions[key], treatment.predictions[key], common, settings),
            failed=key in failed,
        )
        for key in shared
    ]
    return RevisionComparison(
        reference=reference,
        treatment=treatment,
        common=common,
        differences=adjusted(differences),
        only_reference={key: measured(one) for key, one in reference.predictions.items() if key not in shared},
        only_treatment={key: measured(one) for key, one in treatment.predictions.items() if key not in shared},
        settings=changed_settings(reference, treatment),
        data=changed_data(reference, treatment),
        claims=changed_claims(reference, treatment),
        judged_by=settings,
    )
