"""Changes between two revisions, besides the numbers: settings, images, claims."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from transfer_report.records.analysis import ClaimResult
from transfer_report.revisions.results import KeptCondition, Results

_DATA = "data."
"""Where the settings of the images stand."""

Plain = str | int | float | None


@dataclass(frozen=True)
class Change:
    """One thing that has another value, and where; None on the side that does not have it."""

    name: str
    """Dotted, as in params.yaml."""
    reference: Plain
    treatment: Plain
    conditions: tuple[str, ...] = ()
    """Those that it concerns; empty where it is the study's."""


def changed_settings(reference: Results, treatment: Results) -> list[Change]:
    """Settings of training, each with the conditions in which it changed; seeds first."""
    seeds = [{one.condition: one.seeds for one in side.evaluation.conditions} for side in (reference, treatment)]
    concerned: dict[tuple[str, Plain, Plain], list[str]] = {}
    for key, condition in treatment.conditions.items():
        if key in reference.conditions:
            pair = [
                _flat({"seeds": side.get(key, [])}) | _settings_of(kept)
                for side, kept in zip(seeds, (reference.conditions[key], condition), strict=True)
            ]
            for name, first, second in _differing(pair[0], pair[1]):
                concerned.setdefault((name, first, second), []).append(key)
    return [Change(*change, tuple(keys)) for change, keys in concerned.items()]


def changed_data(reference: Results, treatment: Results) -> list[Change]:
    """Settings of the images, how many there are of each class, and the hash of their contents."""
    first, second = (_data_of(one) for one in (reference, treatment))
    return [Change(*change) for change in _differing(first, second)]


def changed_data_settings(reference: Results, treatment: Results) -> list[Change]:
    """Settings of the images alone."""
    return [change for change in changed_data(reference, treatment) if change.name.startswith(_DATA)]


def changed_claims(reference: Results, treatment: Results) -> list[tuple[ClaimResult | None, ClaimResult | None]]:
    """Claims whose verdict changed, and those that only one revision judges."""
    if reference.analysis is None or treatment.analysis is None:
        return []
    first, second = ({claim.id: claim for claim in one.claims} for one in (reference.analysis, treatment.analysis))
    pairs = [(first.get(id_), second.get(id_)) for id_ in dict.fromkeys((*first, *second))]
    return [(a, b) for a, b in pairs if a is None or b is None or a.verdict != b.verdict]


def _settings_of(condition: KeptCondition) -> dict[str, Plain]:
    """All that decides a condition's runs, without what only names it or says what is kept."""
    tree = condition.model_dump(exclude={"strategy", "name", "training", "keep_models", "first_seed", "compute"})
    compute = {name: value for name, value in condition.compute.items() if name != "image_px"}  # stands with the data
    weights = {"initial_weights_sha256": str(tree.get("initial_weights_sha256"))[:12]}
    return _flat({**condition.training, **compute, **tree, **weights})


def _data_of(results: Results) -> dict[str, Plain]:
    description = results.description
    counts = {
        f"{split}.{name}": count
        for split, of_classes in description.counts.items()
        for name, count in zip(description.classes, of_classes, strict=True)
    }
    settings = dict(results.data_settings)
    if settings.get("source") != "phantom":
        settings.pop("phantom", None)
    found = _flat(settings, _DATA) | _flat(counts, "images.")
    return found | {"images.sha256": description.content_sha256[:12]}


def _differing(first: Mapping[str, Plain], second: Mapping[str, Plain]) -> list[tuple[str, Plain, Plain]]:
    return [
        (name, first.get(name), second.get(name))
        for name in dict.fromkeys((*first, *second))
        if first.get(name) != second.get(name)
    ]


def _flat(tree: Mapping[str, Any], place: str = "") -> dict[str, Plain]:
    """Dotted names and plain values; a list as its members, a setting that has nothing as None."""
    found: dict[str, Plain] = {}
    for name, value in tree.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{place}{name}.")
        elif isinstance(value, list):
            found[f"{place}{name}"] = ", ".join(map(str, value)) or "none"
        else:
            found[f"{place}{name}"] = value
    return found
