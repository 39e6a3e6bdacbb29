"""Every experiment, against its own baseline or the commit that it started from, corrected for how many were tried.

Experiments that follow each other stack in the workspace: one inherits what the one before had set. A condition that an
experiment adds, or changes beyond what it also changed in the baseline of its table, is therefore compared with that
baseline in the same experiment, where both inherited the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal

from transfer_report.errors import UserError
from transfer_report.revisions.repository import Experiment, Repository
from transfer_report.revisions.results import Results, results_of
from transfer_report.settings import AnalysisSettings
from transfer_report.variants.changes import Change, changed_data_settings, changed_settings
from transfer_report.variants.differences import ConditionDifference, adjusted, condition_difference
from transfer_report.variants.images import common_images

Against = Literal["baseline", "commit"]
"""Reference of new and changed conditions: the baseline of their experiment, or always the commit."""


@dataclass(frozen=True)
class Tried:
    """One experiment, and how each of its conditions does against its baseline."""

    experiment: Experiment
    changes: list[Change] = field(default_factory=list)
    differences: list[ConditionDifference] = field(default_factory=list)
    """Of conditions whose predictions changed, and of new ones."""
    shared: dict[str, list[Change]] = field(default_factory=dict)
    """By condition that is compared with the baseline of the same experiment: what changed in both."""
    includes: str = ""
    """Another experiment of the commit whose changes this one includes; empty where there is none."""
    unpaired: bool = False
    """True if its test images differ from its baseline's."""
    alone: list[str] = field(default_factory=list)
    """New conditions that nothing at the baseline can be compared with."""
    removed: list[str] = field(default_factory=list)
    """Conditions of the baseline that it lacks."""
    problem: str = ""
    """Why nothing can be said of it; empty where something can."""


def overview(repository: Repository, settings: AnalysisSettings, against: Against = "baseline") -> list[Tried]:
    """All experiments of the repository, the differences of all of them corrected as one family."""
    tried = []
    for _, members in groupby(repository.experiments(), key=lambda one: one.baseline):
        tried += with_included(_of_baseline(repository, list(members), settings, against))
    return correct_together(tried)


def with_included(tried: Sequence[Tried]) -> list[Tried]:
    """The experiments of one commit, each with the name of that which it has most changes of, and others besides."""
    changes = {one.experiment.revision.name: frozenset(one.changes) for one in tried}

    def included(own: frozenset[Change]) -> str:
        parts = [name for name, other in changes.items() if other and other < own]
        return max(parts, key=lambda name: len(changes[name]), default="")

    return [replace(one, includes=included(frozenset(one.changes))) for one in tried]


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


def tried_against(
    experiment: Experiment,
    baseline: Results,
    results: Results,
    settings: AnalysisSettings,
    against: Against = "baseline",
) -> Tried:
    """One experiment against its commit or its own baselines, not yet corrected."""
    if baseline.evaluation.classes != results.evaluation.classes:
        return Tried(experiment, problem="it tells other classes apart than its baseline")
    common, own_images = common_images(baseline, results), common_images(results, results)
    changes = changed_settings(baseline, results)
    of_commit, of_experiment = _first_conditions(baseline), _first_conditions(results)
    differences, alone, shared = [], list[str](), dict[str, list[Change]]()
    for key, condition in results.conditions.items():
        table = condition.strategy, condition.model
        first = of_experiment[table]
        inherited = [change for change in changes if first in change.conditions]
        own = [change for change in changes if key in change.conditions and change not in inherited]
        new = key not in baseline.conditions
        if against == "baseline" and key != first and (new or (own and inherited)):
            found = condition_difference(results.predictions[first], results.predictions[key], own_images, settings)
            failed = bool({first, key} & results.failed_conditions)
            shared[key] = inherited if new else [change for change in inherited if key in change.conditions]
        elif reference := of_commit.get(table, "") if new else key:
            found = condition_difference(baseline.predictions[reference], results.predictions[key], common, settings)
            failed = reference in baseline.failed_conditions or key in results.failed_conditions
        else:
            alone.append(key)
            continue
        differences.append(replace(found, failed=failed))
    return Tried(
        experiment=experiment,
        changes=[*changes, *changed_data_settings(baseline, results)],
        differences=[one for one in differences if not one.identical],
        shared=shared,
        unpaired=not common.paired,
        alone=alone,
        removed=[key for key in baseline.conditions if key not in results.conditions],
    )


def _first_conditions(results: Results) -> dict[tuple[str, str], str]:
    """The first condition of each strategy and model, which is the baseline of its table."""
    first: dict[tuple[str, str], str] = {}
    for key, condition in results.conditions.items():
        first.setdefault((condition.strategy, condition.model), key)
    return first


def _of_baseline(
    repository: Repository, experiments: Sequence[Experiment], settings: AnalysisSettings, against: Against
) -> list[Tried]:
    found = []
    try:
        with results_of(repository, experiments[0].baseline) as [baseline]:
            for experiment in experiments:
                try:
                    with results_of(repository, experiment.revision) as [results]:
                        found.append(tried_against(experiment, baseline, results, settings, against))
                except UserError as error:
                    problem = str(error).removeprefix(f"{experiment.revision.label}: ")
                    found.append(Tried(experiment, problem=problem))
    except UserError as error:
        return [Tried(experiment, problem=str(error)) for experiment in experiments]
    return found
