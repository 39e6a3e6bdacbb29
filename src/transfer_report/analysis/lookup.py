"""Finds in the evidence what a finding or a claim is about, by name."""

from functools import cached_property

from transfer_report.errors import UserError
from transfer_report.records.addresses import with_addresses
from transfer_report.records.analysis import (
    Comparison,
    CurveComparison,
    CurveEvidence,
    CurveMeasure,
    Drop,
    Estimate,
    Evidence,
    LevelTest,
    Metric,
)
from transfer_report.records.facts import ComparedGroup, ConditionFacts, RunCounts


class Lookup:
    """The evidence by name; each record that it returns knows its address."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = with_addresses(evidence)

    @cached_property
    def _comparisons(self) -> dict[tuple[str, str, str, str], Comparison]:
        return {(c.family, c.treatment, c.reference, c.metric): c for c in self.evidence.comparisons}

    def comparison(self, family: str, treatment: str, reference: str, metric: Metric = "accuracy") -> Comparison:
        """The comparison of two conditions within a family."""
        return self._comparisons[family, treatment, reference, metric]

    @cached_property
    def conditions(self) -> dict[str, ConditionFacts]:
        """Counts of each condition's runs."""
        return {one.condition: one for one in self.evidence.conditions}

    @cached_property
    def groups(self) -> dict[str, ComparedGroup]:
        """Counts of comparisons, by topic, start or table."""
        return {one.name: one for one in self.evidence.compared_groups}

    @cached_property
    def run_counts(self) -> dict[str, RunCounts]:
        """Counts of the runs of a table, or a strategy."""
        return {one.of: one for one in self.evidence.run_counts}

    @cached_property
    def random_starts(self) -> set[str]:
        """Conditions that started from random weights."""
        return {one.condition for one in self.evidence.conditions if one.random_weights}

    def level(self, name: str, condition: str, level: float) -> LevelTest | None:
        """The test of a quantity of a condition against a level; None where it has no estimate."""
        asked = (name, condition, level)
        return next((one for one in self.evidence.levels if (one.name, one.condition, one.level) == asked), None)

    def drop(self, condition: str) -> Drop:
        """The drop of a condition's accuracy from validation to test."""
        return next(drop for drop in self.evidence.drops if drop.condition == condition)

    def measured(self, name: str, condition: str) -> Estimate:
        """A quantity of a condition that is no metric."""
        asked = (name, condition)
        return next(one.estimate for one in self.evidence.measurements if (one.name, one.condition) == asked)

    def either_way(self, treatment: str, reference: str, metric: Metric) -> tuple[Comparison, bool]:
        """The comparison of two conditions, and whether it stands the other way round; a main question comes first."""
        for comparison in sorted(self.evidence.comparisons, key=lambda one: one.role != "main"):
            if comparison.metric == metric and {comparison.treatment, comparison.reference} == {treatment, reference}:
                return comparison, comparison.treatment == reference
        raise UserError(f"{treatment} and {reference} are not compared in {metric}")

    @cached_property
    def _curves(self) -> dict[tuple[str, str], CurveEvidence]:
        return {(c.condition, c.measure): c for c in self.evidence.curves}

    def curve(self, condition: str, measure: CurveMeasure) -> CurveEvidence:
        """A measure of a condition's curves."""
        return self._curves[condition, measure]

    def curves_either_way(
        self, treatment: str, reference: str, measure: CurveMeasure
    ) -> tuple[CurveComparison, bool] | None:
        """As `either_way`, for a measure of the curves; None where it was not compared."""
        for comparison in self.evidence.curve_comparisons:
            if comparison.measure == measure and {comparison.treatment, comparison.reference} == {treatment, reference}:
                return comparison, comparison.treatment == reference
        return None
