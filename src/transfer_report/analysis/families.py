"""Choice of comparisons, and of those that may be main questions."""

from collections.abc import Mapping, Sequence
from itertools import combinations, permutations
from typing import NamedTuple

from transfer_report.conditions import Strategy
from transfer_report.planning import Condition
from transfer_report.records.analysis import StudyTable, Topic
from transfer_report.records.models import InitialWeights


class Pair(NamedTuple):
    """Two conditions to compare."""

    family: str
    treatment: str
    reference: str
    topic: Topic
    central: bool = False
    """True if it is a main question wherever the study's main questions include its topic."""


def question_of(topic: Topic) -> Topic:
    """Return the main question that a topic belongs to: origins of weights are asked with pretraining."""
    return "pretraining" if topic == "weights" else topic


BETWEEN_STRATEGIES = "between-strategies"
PRETRAINING = "pretraining"
WEIGHTS = "initial-weights"
NETWORKS = "networks"
CLAIMS = "claims"
_TABLE = "table-"


def within_table(table: StudyTable) -> str:
    """The family of a table's comparisons."""
    return f"{_TABLE}{table.number}"


def is_within_table(family: str) -> bool:
    """Return whether a family's comparisons stay within one table, where techniques distinguish conditions."""
    return family.startswith(_TABLE)


def planned_pairs(tables: list[StudyTable], selected: dict[int, str]) -> list[Pair]:
    """The comparisons within tables and between strategies.

    Within a table every two conditions are compared, the later one of the study as the treatment; between strategies,
    for each model, the baselines and the conditions that validation selected. Central are the comparisons with a
    table's baseline, and those of the baselines with that of the model's first strategy, which is fine-tuning.

    Args:
        tables: the tables of the study.
        selected: table number → condition chosen by validation.
    """
    pairs = [
        Pair(within_table(table), treatment, reference, "technique", central=reference == table.baseline)
        for table in tables
        for reference, treatment in combinations(table.conditions, 2)
    ]
    first_of_model = {table.model: table for table in reversed(tables)}
    for first, second in combinations(tables, 2):
        if first.model == second.model:
            baselines, chosen = (first.baseline, second.baseline), (selected[first.number], selected[second.number])
            for reference, treatment in dict.fromkeys([baselines, chosen]):
                central = (reference, treatment) == baselines and first is first_of_model[first.model]
                pairs.append(Pair(BETWEEN_STRATEGIES, treatment, reference, "strategy", central))
    return pairs


def pretraining_pairs(
    tables: Sequence[StudyTable], conditions: Mapping[str, Condition], weights: Mapping[str, InitialWeights]
) -> list[Pair]:
    """Baselines that differ in their initial weights alone: ImageNet's as the treatment, random ones as the reference.

    Args:
        tables: the tables of the study.
        conditions: by key.
        weights: by model, as it really started.
    """
    return [
        Pair(PRETRAINING, treatment.baseline, reference.baseline, "pretraining", central=True)
        for treatment, reference in _asked_of_pretraining(tables, conditions, weights)
        if weights[treatment.model].source == "imagenet"
    ]


def weights_pairs(
    tables: Sequence[StudyTable], conditions: Mapping[str, Condition], weights: Mapping[str, InitialWeights]
) -> list[Pair]:
    """Baselines that differ in their initial weights alone, where these are more than ImageNet's and random ones.

    Of two origins the later one of the study is the treatment; random weights are always the reference. Models that
    started from other weights than the settings request are left out.
    """
    asked = [
        (first, second) if weights[second.model].source == "random" else (second, first)
        for first, second in combinations(tables, 2)
        if _differ_in_weights_alone(first, second, conditions, weights)
    ]
    return [
        Pair(WEIGHTS, treatment.baseline, reference.baseline, "weights", central=True)
        for treatment, reference in asked
        if _is_about_origins(weights[treatment.model], weights[reference.model])
    ]


def _is_about_origins(treatment: InitialWeights, reference: InitialWeights) -> bool:
    """Return whether both origins are as requested, and not just ImageNet's first weights and random ones."""
    known = treatment.kind == ("imagenet", "") and reference.source == "random"
    return not (known or treatment.is_missing or reference.is_missing or treatment.kind == reference.kind)


def _differ_in_weights_alone(
    first: StudyTable,
    second: StudyTable,
    conditions: Mapping[str, Condition],
    weights: Mapping[str, InitialWeights],
) -> bool:
    def what_else(table: StudyTable) -> tuple[object, ...]:
        return table.strategy, weights[table.model].architecture, conditions[table.baseline].as_set

    return what_else(first) == what_else(second)


def pretraining_unavailable(
    tables: Sequence[StudyTable], conditions: Mapping[str, Condition], weights: Mapping[str, InitialWeights]
) -> list[str]:
    """Models, in the study's order, that were to be compared with a random start, and had no ImageNet weights."""
    asked = _asked_of_pretraining(tables, conditions, weights)
    return list(dict.fromkeys(one.model for one, _ in asked if weights[one.model].source != "imagenet"))


def _asked_of_pretraining(
    tables: Sequence[StudyTable], conditions: Mapping[str, Condition], weights: Mapping[str, InitialWeights]
) -> list[tuple[StudyTable, StudyTable]]:
    """Tables that differ in the initial weights that the settings ask for alone: ImageNet's, and random ones."""
    return [
        (treatment, reference)
        for treatment, reference in permutations(tables, 2)
        if (weights[treatment.model].requested, weights[reference.model].requested) == ("imagenet", "random")
        and not weights[treatment.model].name
        and _differ_in_weights_alone(treatment, reference, conditions, weights)
    ]


COMPARED_NETWORKS: tuple[Strategy, ...] = ("fine_tuning", "linear_probe")
"""Strategies whose baselines compare networks; LP-FT of a network starts from its own probe and asks the same again."""


def network_pairs(tables: Sequence[StudyTable], weights: Mapping[str, InitialWeights]) -> list[Pair]:
    """Baselines of one strategy and different architectures, started from the same kind of weights.

    The later one of the study is the treatment; fine-tuned ones are central. ImageNet's weights against random ones
    would be a comparison of weights, not of networks (`uncompared_models`).

    Args:
        tables: the tables of the study.
        weights: by model, as it really started.
    """
    return [
        Pair(NETWORKS, second.baseline, first.baseline, "network", central=first.strategy == "fine_tuning")
        for first, second in _of_two_networks(tables, weights)
        if weights[first.model].kind == weights[second.model].kind
    ]


def uncompared_models(tables: Sequence[StudyTable], weights: Mapping[str, InitialWeights]) -> list[str]:
    """Models, in the study's order, that no other network can be compared with: none had the same kind of weights."""
    others = _of_two_networks(tables, weights)
    compared = {table.model for pair in others if len({weights[one.model].kind for one in pair}) == 1 for table in pair}
    return list(dict.fromkeys(one.model for pair in others for one in pair if one.model not in compared))


def _of_two_networks(
    tables: Sequence[StudyTable], weights: Mapping[str, InitialWeights]
) -> list[tuple[StudyTable, StudyTable]]:
    return [
        (first, second)
        for first, second in combinations(tables, 2)
        if first.strategy == second.strategy
        and first.strategy in COMPARED_NETWORKS
        and weights[first.model].architecture != weights[second.model].architecture
    ]


def claimed_pairs(claimed: Sequence[tuple[str, str]], planned: Sequence[Pair]) -> list[Pair]:
    """The comparisons that only claims ask for, a family of their own, each once: the other way round it is the same.

    Args:
        claimed: treatment and reference, as claims name them.
        planned: what is compared anyway.
    """
    known = {frozenset((pair.treatment, pair.reference)) for pair in planned}
    found = []
    for treatment, reference in claimed:
        if frozenset((treatment, reference)) not in known:
            known.add(frozenset((treatment, reference)))
            found.append(Pair(CLAIMS, treatment, reference, "other"))
    return found
