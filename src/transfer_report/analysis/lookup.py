"""Finds what the evidence holds, and gives every number of it an address, so that a sentence can say its source."""

from collections.abc import Iterator
from functools import cached_property

from pydantic import BaseModel

from transfer_report.errors import UserError, did_you_mean
from transfer_report.records.analysis import (
    Comparison,
    CurveComparison,
    CurveEvidence,
    CurveMeasure,
    Evidence,
    LevelTest,
    Metric,
    Value,
)
from transfer_report.records.base import Record

Leaf = float | int | str | None

# Fields that identify the members of a list in an address.
LIST_KEYS: dict[str, tuple[str, ...]] = {
    "comparisons": ("family", "treatment", "reference", "metric"),
    "curves": ("condition", "measure"),
    "curve_comparisons": ("family", "treatment", "reference", "measure"),
    "measurements": ("name", "condition"),
    "levels": ("name", "condition", "level"),
    "promises": ("role",),
    "plans": ("treatment", "reference"),
    "drops": ("condition",),
    "shifts": ("features",),
    "subgroups": ("characteristic", "level"),
    "size_curves": ("condition",),
    "cross_validated": ("condition",),
    "external": ("external",),
    "external_scores": ("external", "condition"),
    "external_drops": ("external", "condition"),
    "controls": ("name",),
    "control_comparisons": ("condition", "control"),
    "failed_runs": ("condition", "seed"),
    "reported": ("condition",),
    "tunings": ("condition",),
    "published": ("architecture",),
    "latencies": ("model",),
}


class Lookup:
    """The evidence by name and by address: `estimates.test.fine_tuning/resnet50-lr.accuracy.value` → 0.8125."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence

    @cached_property
    def leaves(self) -> dict[str, Leaf]:
        """Address → value, for every number and word of the evidence."""
        found = dict(flatten(self.evidence.facts, "facts"))
        found |= flatten(self.evidence.estimates, "estimates")
        for table in self.evidence.tables:
            found |= {f"conditions.{key}": key for key in table.conditions}
            found[f"models.{table.model}"] = table.model
        found |= {f"models.{latency.model}": latency.model for latency in self.evidence.latencies}
        for name in LIST_KEYS:
            for record in getattr(self.evidence, name):
                found |= flatten(record, address(name, record))
        return found

    def value(self, address: str, format: str) -> Value:  # noqa: A002  # as in the record
        """Return the value at an address, to be printed by the filter `format`.

        Raises:
            UserError: nothing stands there.
        """
        if address not in self.leaves:
            raise UserError(f"no value at {address!r}; {did_you_mean(address, self.leaves)}")
        return Value(value=self.leaves[address], format=format, source=address)

    def interval(self, name: str, address: str, format: str) -> dict[str, Value]:  # noqa: A002
        """An estimate's value and the ends of its interval, as `name`, `name_low` and `name_high`."""
        ends = {"": "value", "_low": "low", "_high": "high"}
        return {name + suffix: self.value(f"{address}.{field}", format) for suffix, field in ends.items()}

    def condition(self, key: str) -> Value:
        """A condition, printed by its label."""
        return self.value(f"conditions.{key}", "condition")

    @cached_property
    def _comparisons(self) -> dict[tuple[str, str, str, str], Comparison]:
        return {(c.family, c.treatment, c.reference, c.metric): c for c in self.evidence.comparisons}

    def comparison(self, family: str, treatment: str, reference: str, metric: Metric = "accuracy") -> Comparison:
        """The comparison of two conditions within a family."""
        return self._comparisons[family, treatment, reference, metric]

    @cached_property
    def random_starts(self) -> set[str]:
        """Conditions that started from random weights."""
        return {key for table in self.evidence.tables for key in table.conditions if self._started_random(key)}

    def _started_random(self, key: str) -> bool:
        return f"random_weights.{key}" in self.evidence.facts

    def level(self, name: str, condition: str, level: float) -> LevelTest | None:
        """The test of a quantity of a condition against a level; None where it has no estimate."""
        asked = (name, condition, level)
        return next((one for one in self.evidence.levels if (one.name, one.condition, one.level) == asked), None)

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


def address(name: str, record: Record) -> str:
    """Where a member of one of the evidence's lists stands: `drops.fine_tuning/resnet50-lr`."""
    return ".".join((name, *(str(getattr(record, key)) for key in LIST_KEYS[name])))


def flatten(node: object, place: str) -> Iterator[tuple[str, Leaf]]:
    """Address and value of every number and word of a record, a mapping or a list; members of a list are numbered."""
    if isinstance(node, BaseModel):
        node = {name: getattr(node, name) for name in type(node).model_fields}
    if isinstance(node, list):
        node = dict(enumerate(node))
    if isinstance(node, dict):
        for key, value in node.items():
            yield from flatten(value, f"{place}.{key}")
    elif node is None or isinstance(node, float | int | str):
        yield place, node
