"""Every experiment against the commit that it started from, corrected for how many were tried."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from transfer_report.errors import UserError
from transfer_report.revisions.repository import Experiment, Repository
from transfer_report.revisions.results import Results, results_of
from transfer_report.settings import AnalysisSettings
from transfer_report.variants.changes import Change, changed_data_settings, changed_settings
from transfer_report.variants.differences import ConditionDifference, adjusted, condition_difference
from transfer_report.variants.images import common_images


@dataclass(frozen=True)
class Tried:
    """One experiment, and how each of its conditions does against its baseline."""

    experiment: Experiment
    changes: list[Change] = field(default_factory=list)
    differences: list[ConditionDifference] = field(default_factory=list)
    """Of conditions whose predictions changed, and of new ones against the first of their strategy and model."""
    unpaired: bool = False
    """Whether it has other test images than its baseline."""
    alone: list[str] = field(default_factory=list)
    """New conditions that nothing at the baseline can be compared with."""
    removed: list[str] = field(default_factory=list)
    """Conditions of the baseline that it lacks."""
    problem: str = ""
    """Why nothing can be said of it; empty where something can."""


def overview(repository: Repository, settings: AnalysisSettings) -> list[Tried]:
    """All experiments of the repository, the differences of all of them corrected as one family."""
    tried = []
    for _, members in groupby(repository.experiments(), key=lambda one: one.baseline):
        tried += _of_baseline(repository, list(members), settings)
    return correct_together(tried)


def correct_together(tried: Sequence[Tried]) -> list[Tried]:
    """The same experiments with Holm's correction over all that they tried, each result counted once."""
    results = _results(tried)
    corrected = dict(zip(results, adjusted(list(results.values())), strict=True))
    return [
        replace(member, differences=[corrected[_result(member, one)] for one in member.differences]) for member in tried
    ]


def distinct_differences(tried: Sequence[Tried]) -> list[ConditionDifference]:
    """The differences of all experiments; a result that several carry along, such as an edit of the workspace, once."""
    return list(_results(tried).values())


def _results(tried: Sequence[Tried]) -> dict[tuple[str, ...], ConditionDifference]:
    return {_result(member, one): one for member in tried for one in member.differences}


def _result(member: Tried, one: ConditionDifference) -> tuple[str, ...]:
    return (member.experiment.baseline.commit, one.reference, one.treatment, one.result)


def tried_against(experiment: Experiment, baseline: Results, results: Results, settings: AnalysisSettings) -> Tried:
    """One experiment against its baseline, as yet without correction."""
    if baseline.evaluation.classes != results.evaluation.classes:
        return Tried(experiment, problem="it tells other classes apart than its baseline")
    common = common_images(baseline, results)
    first_of: dict[tuple[str, str], str] = {}
    for key, condition in baseline.conditions.items():
        first_of.setdefault((condition.strategy, condition.model), key)
    differences, alone = [], []
    for key, condition in results.conditions.items():
        reference = key if key in baseline.conditions else first_of.get((condition.strategy, condition.model))
        if reference is None:
            alone.append(key)
        else:
            found = condition_difference(baseline.predictions[reference], results.predictions[key], common, settings)
            failed = reference in baseline.failed_conditions or key in results.failed_conditions
            differences.append(replace(found, failed=failed))
    return Tried(
        experiment=experiment,
        changes=[*changed_settings(baseline, results), *changed_data_settings(baseline, results)],
        differences=[one for one in differences if not one.identical],
        unpaired=not common.paired,
        alone=alone,
        removed=[key for key in baseline.conditions if key not in results.conditions],
    )


def _of_baseline(repository: Repository, experiments: Sequence[Experiment], settings: AnalysisSettings) -> list[Tried]:
    found = []
    try:
        with results_of(repository, experiments[0].baseline) as [baseline]:
            for experiment in experiments:
                try:
                    with results_of(repository, experiment.revision) as [results]:
                        found.append(tried_against(experiment, baseline, results, settings))
                except UserError as error:
                    problem = str(error).removeprefix(f"{experiment.revision.label}: ")
                    found.append(Tried(experiment, problem=problem))
    except UserError as error:
        return [Tried(experiment, problem=str(error)) for experiment in experiments]
    return found
