"""Inputs of the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from transfer_report.analysis.checklists import Answer, Checklist
from transfer_report.analysis.clinical.records import Clinical
from transfer_report.analysis.tables import TableGroup, grouped
from transfer_report.before_rename import new_address
from transfer_report.errors import UserError, did_you_mean
from transfer_report.planning import Condition
from transfer_report.records.addresses import Leaf, Records, with_addresses
from transfer_report.records.analysis import Analysis, Finding
from transfer_report.records.attention import Attention
from transfer_report.records.base import Record
from transfer_report.records.data import CheckResult, DataDescription
from transfer_report.records.evaluation import Evaluation
from transfer_report.records.facts import ConditionFacts
from transfer_report.records.figures import FigureList
from transfer_report.records.models import InitialWeights
from transfer_report.records.report import ChangedQuestions, Draft, Provenance
from transfer_report.records.training import Penalty
from transfer_report.settings import ReportSettings, TrainingSettings


class RunSummary(Record):
    """Numbers of a condition's runs that its table has."""

    trained_parameters: int
    penalty: Penalty | None
    best_epoch: float
    """Mean over the runs."""


@dataclass(frozen=True)
class Study:
    """All records of a finished study, and what its author adds."""

    settings: ReportSettings
    conditions: list[Condition]
    weights: list[InitialWeights]
    data: DataDescription
    evaluation: Evaluation
    analysis: Analysis
    clinical: Clinical
    attention: Attention
    figures: FigureList
    provenance: Provenance
    files: Mapping[str, bytes] = field(repr=False)
    """Drawings and pictures, by the names that `figures` has for them."""
    hashes: Mapping[str, str] = field(default_factory=dict, repr=False)
    """SHA-256 of the files that tables are made from, by path."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """The author's own Markdown, by section."""
    checklists: Sequence[Checklist] = ()
    """Reporting guidelines that the appendix fills."""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """The author's, to their items."""
    changed_questions: ChangedQuestions | None = None
    """Main questions that were changed after the first results; None also where git does not know."""
    draft: Draft | None = None
    """Finished part, where not all is."""

    def __post_init__(self) -> None:
        addressed = {
            "analysis": with_addresses(self.analysis),
            "clinical": with_addresses(self.clinical, "clinical"),
            "data": with_addresses(self.data, "data"),
            "attention": with_addresses(self.attention, "attention"),
            "weights": [with_addresses(one, f"weights.{one.model}") for one in self.weights],
        }
        for name, record in addressed.items():
            object.__setattr__(self, name, record)

    @cached_property
    def records(self) -> Records:
        """All records by their addresses, to which `data-source` in the report points."""
        return Records(self.analysis.addressed | self._beside_the_evidence())

    def at(self, address: str) -> Leaf | Sequence[Leaf]:
        """Return the number, word or words at an address, of a condition its key.

        Raises:
            UserError: nothing stands there.
        """
        leaves = self.records.leaves
        if address not in leaves and (renamed := new_address(address)) in leaves:
            raise UserError(f"the records have no value at {address!r}; renamed to {renamed!r}")
        found = self.records.at(address)
        if isinstance(found, ConditionFacts):
            return found.condition
        if address not in leaves:
            raise UserError(f"no value stands at {address!r}, but several; {did_you_mean(address, leaves)}")
        return cast(Leaf | Sequence[Leaf], found)

    def findings(self, section: str) -> list[Finding]:
        """Return the findings of a section."""
        return [finding for finding in self.analysis.findings if finding.section == section]

    @cached_property
    def groups(self) -> list[TableGroup]:
        """The study's tables as they are printed."""
        return grouped(self.analysis.tables, {weights.model: weights.architecture for weights in self.weights})

    @cached_property
    def patients_across_splits(self) -> CheckResult | None:
        """The check that found patients in two of the splits that the source brings; None where it found none."""
        checks = (check for check in self.data.checks if check.check == "patients_across_splits" and not check.passed)
        return next(checks, None)

    def trains_partly(self, strategy: str) -> list[str]:
        """Conditions of a strategy that leave blocks of their network as they were."""
        return [
            str(one.key)
            for one in self.conditions
            if one.strategy == strategy != "linear_probe" and one.training.trainable != "all"
        ]

    @cached_property
    def by_condition(self) -> dict[str, Condition]:
        """The resolved conditions by key."""
        return {str(condition.key): condition for condition in self.conditions}

    @cached_property
    def training(self) -> dict[str, TrainingSettings]:
        """Settings of each condition's training."""
        return cast(dict[str, TrainingSettings], self.records.roots["plan"])

    @cached_property
    def runs(self) -> dict[str, RunSummary]:
        """What the runs of each condition have in common."""
        return {
            member.condition: with_addresses(
                RunSummary(
                    trained_parameters=member.runs[0].history.trained_parameters,
                    penalty=member.runs[0].history.penalty,
                    best_epoch=sum(run.history.best_epoch for run in member.runs) / len(member.runs),
                ),
                f"runs.{member.condition}",
            )
            for member in self.evaluation.conditions
        }

    @cached_property
    def listed_models(self) -> list[InitialWeights]:
        """Each architecture once: of models that differ in their initial weights alone, ImageNet's, else the first."""
        by_weights = sorted(self.weights, key=lambda weights: weights.requested != "imagenet")[::-1]
        chosen = {weights.architecture: weights for weights in by_weights}
        return [weights for weights in self.weights if weights is chosen[weights.architecture]]

    @cached_property
    def described_models(self) -> list[InitialWeights]:
        """The listed models with published figures, which are those of ImageNet's weights."""
        published = {facts.architecture for facts in self.analysis.published}
        return [weights for weights in self.listed_models if weights.architecture in published]

    def _beside_the_evidence(self) -> dict[str, object]:
        published = {facts.architecture: facts for facts in self.analysis.published}
        verdicts = [claim.verdict for claim in self.analysis.claims]
        return {
            "clinical": self.clinical,
            "data": self.data,
            "models": {table.model: table.model for table in self.analysis.tables}
            | {latency.model: latency.model for latency in self.analysis.latencies},
            "weights": {weights.model: weights for weights in self.weights},
            "claims": {
                "all": len(verdicts),
                **{verdict: verdicts.count(verdict) for verdict in ("holds", "contradicted", "inconclusive")},
                "random_start": sum(
                    any(part.wording == "random_start" for part in claim.evidence) for claim in self.analysis.claims
                ),
            },
            "claim": {claim.id: claim.verdict for claim in self.analysis.claims},
            "models_better_and_cheaper": {
                weights.model: sum(
                    other.top1 > published[weights.architecture].top1
                    and other.gflops < published[weights.architecture].gflops
                    for other in self.analysis.published
                )
                for weights in self.described_models
            },
            "attention": self.attention,
            "figures": {figure.id: figure for figure in self.figures.figures},
            "plan": {str(condition.key): condition.training for condition in self.conditions},
            "runs": self.runs,
        }
