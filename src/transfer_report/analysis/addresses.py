"""Every number of the evidence under an address, so that a sentence can say where its numbers came from."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from transfer_report.errors import UserError, did_you_mean
from transfer_report.records import Evidence, Value

Leaf = float | int | str | None

# How the members of a list are told apart in an address.
LIST_KEYS: dict[str, tuple[str, ...]] = {
    "comparisons": ("family", "treatment", "reference", "metric"),
    "curves": ("condition", "measure"),
    "curve_comparisons": ("family", "treatment", "reference", "measure"),
    "shifts": ("features",),
    "references": ("condition",),
    "published": ("architecture",),
    "latencies": ("model",),
}


class Addresses:
    """The evidence as a flat mapping: `estimates.test.fine_tuning/resnet50-lr.accuracy.value` → 0.8125."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    @cached_property
    def leaves(self) -> dict[str, Leaf]:
        """Address → value, for every number and word of the evidence."""
        found = dict(_flatten(self._evidence.facts, "facts"))
        found |= _flatten(
            {split: dict(by_condition) for split, by_condition in self._evidence.estimates.items()}, "estimates"
        )
        for name, keys in LIST_KEYS.items():
            for record in getattr(self._evidence, name):
                place = ".".join((name, *(str(getattr(record, key)) for key in keys)))
                found |= _flatten(record, place)
        return found

    def value(self, address: str, format: str) -> Value:  # noqa: A002  # the field's own name
        """What stands at an address, to be printed by the filter `format`.

        Raises:
            UserError: nothing stands there.
        """
        if address not in self.leaves:
            raise UserError(f"no value at {address!r}; {did_you_mean(address, self.leaves)}")
        return Value(value=self.leaves[address], format=format, source=address)


def _flatten(node: Any, place: str) -> Iterator[tuple[str, Leaf]]:
    if isinstance(node, BaseModel):
        node = {name: getattr(node, name) for name in type(node).model_fields}
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _flatten(value, f"{place}.{key}")
    elif node is None or isinstance(node, float | int | str):
        yield place, node
