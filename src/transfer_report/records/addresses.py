"""Addresses: every record, number and word of a study knows where it stands, so that a sentence can say its source.

`estimates.test.fine_tuning/resnet50-lr.accuracy.value` is the address of a number. Type checkers see plain records,
floats, ints and strings; those of `Records` also have `address`.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from transfer_report.errors import UserError, did_you_mean
from transfer_report.records.base import Record

Leaf = float | int | str | None
Addressed = TypeVar("Addressed")


class _Number(float):
    address = ""


class _Whole(int):
    address = ""


class _Word(str):
    address = ""


class _Members(list[Any]):
    address = ""


_ADDRESSED: dict[type, Callable[[Any], Any]] = {float: _Number, int: _Whole, str: _Word}


class Records:
    """The records of a study by name, each knowing its address, and by address."""

    def __init__(self, roots: Mapping[str, object]) -> None:
        self.roots: dict[str, Any] = with_addresses(dict(roots))

    @cached_property
    def nodes(self) -> dict[str, object]:
        """Every record, mapping, list, number and word by its address."""
        return dict(_nodes(self.roots, ""))

    @cached_property
    def leaves(self) -> dict[str, Leaf]:
        """Every number and word by its address, and words or whole numbers of a list with commas between."""
        found = {}
        for address, node in self.nodes.items():
            if node is None or isinstance(node, float | int | str):
                found[address] = node
            elif isinstance(node, list) and all(isinstance(one, str | int) for one in node):
                found[address] = ", ".join(map(str, node))
        return found

    def at(self, address: str) -> Any:
        """Return what stands at an address.

        Raises:
            UserError: nothing does.
        """
        if address not in self.nodes:
            raise UserError(f"the records have no value at {address!r}; {did_you_mean(address, self.leaves)}")
        return self.nodes[address]


def with_addresses(node: Addressed, place: str = "") -> Addressed:
    """Return a copy of a record, mapping or list in which all that it holds knows its address.

    Truth values and missing ones have none.

    Args:
        node: of any depth.
        place: its own address.
    """
    found: Any = node
    if isinstance(node, BaseModel):
        fields = {name: with_addresses(getattr(node, name), _below(place, name)) for name in _addressed_fields(node)}
        found = node.model_copy(update=fields)
        if isinstance(node, Record):
            found._address = place
    elif isinstance(node, dict):
        found = {key: with_addresses(value, _below(place, key)) for key, value in node.items()}
    elif isinstance(node, tuple):
        found = tuple(with_addresses(one, _below(place, _name(one, number))) for number, one in enumerate(node))
    elif isinstance(node, list):
        found = _Members(with_addresses(one, _below(place, _name(one, number))) for number, one in enumerate(node))
        found.address = place
    elif (addressed := _ADDRESSED.get(type(node))) is not None:
        found = addressed(node)
        found.address = place
    return cast(Addressed, found)


def address_of(value: object) -> str:
    """The address of a record, list, number or word; empty where it has none."""
    return str(getattr(value, "address", ""))


def _nodes(node: object, place: str) -> Iterator[tuple[str, object]]:
    """Yield the address of every node below one, and the node."""
    if place:
        yield place, node
    if isinstance(node, BaseModel):
        for name in _addressed_fields(node):
            yield from _nodes(getattr(node, name), _below(place, name))
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _nodes(value, _below(place, key))
    elif isinstance(node, list | tuple):
        for number, one in enumerate(node):
            yield from _nodes(one, _below(place, _name(one, number)))


def _addressed_fields(record: BaseModel) -> list[str]:
    without = record.WITHOUT_ADDRESS if isinstance(record, Record) else ()
    return [name for name in type(record).model_fields if name not in without]


def _name(member: object, number: int) -> str:
    """Return the last step of the address of a list's member: its key, else its number."""
    if isinstance(member, Record) and member.KEY:
        return ".".join("all" if (value := getattr(member, name)) is None else str(value) for name in member.KEY)
    return str(number)


def _below(place: str, name: object) -> str:
    return f"{place}.{name}" if place else str(name)
