"""Names that changed: what people wrote with the old ones is refused with the new, old results are translated.

Studies made before have the old names in `params.yaml`, claims, reported numbers and notes, and in every record.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from transfer_report.errors import UserError
from transfer_report.files import write_bytes
from transfer_report.layout import Layout

_STRATEGIES = {"fixed_features": "linear_probe", "probe_then_tune": "lp_ft"}

_STAGES = {"train_head": "linear_probe", "probe_then_tune": "lp_ft"}
_SETTINGS = {
    **{f"conditions.{old}": f"conditions.{new}" for old, new in _STRATEGIES.items()},
    "data.group_pattern": "data.patient_pattern",
}
_WORDS = _STRATEGIES | {"between-tasks": "between-strategies"}
"""Within keys, addresses and sections."""
_WORD = re.compile(rf"(?<![\w-])({'|'.join(_WORDS)})(?![\w-])")

_STEPS = {
    "detectable": "minimum_detectable_difference",
    "falls": "drops",
    "group_counts": "patient_counts",
    "grouped": "has_patients",
    "groups": "clusters",
    "references": "reported",
    "runs_test": "fixed_seed_test",
}
"""Of addresses in notes, and of records."""
_FACTS = {"fell": "dropped", "task_settings": "strategy_settings"}
_FIELDS = {
    **_STEPS,
    "group": "strategy",
    "group_pattern": "patient_pattern",
    "start_weights_sha256": "initial_weights_sha256",
    "test_groups": "test_patients",
    "val_groups": "val_patients",
}
"""Of the records that are translated."""
_MOVED = (
    (r"facts\.(seeds|epochs|rising_runs|failed_runs)\.(.+/.+)", r"conditions.\2.\1"),
    (r"facts\.setting\.(.+/.+)\.(\w+)", r"conditions.\1.settings.\2"),
    (r"facts\.(runs|last_epoch_runs|probe_runs)\.(.+)", r"run_counts.\2.\1"),
    (
        r"facts\.(start|compared|differ|equivalent|equivalent_weak|undecided|undecided_techniques|undetectable|decided_failed"
        r"|detectable_smallest|detectable_largest)\.(.+)",
        r"compared_groups.\2.\1",
    ),
    (r"facts\.tuning_(edge|unlike)_conditions", r"facts.tuning.\1"),
    (r"facts\.tuning_(edge|unlike)", r"facts.tuning.\1_count"),
    (r"facts\.tuning_(\w+)", r"facts.tuning.\1"),
    (r"facts\.tuned", "facts.tuning.conditions"),
    (r"facts\.failed_(one_class|loss)_seeds\.(.+/.+)", r"conditions.\2.failed_\1"),
    (r"facts\.failed_(one_class|loss)\.(.+/.+)", r"conditions.\2.failed_\1_runs"),
    (r"facts\.(random_weights|missing_weights)\.(.+/.+)", r"conditions.\2.\1"),
    (r"facts\.changed_(gap|volatility)_(higher|lower)\.(.+)", r"changed_curves.\3.\1.\2.treatments"),
    (r"facts\.count_(gap|volatility)_(higher|lower)\.(.+)", r"changed_curves.\3.\1.\2.count"),
    (r"facts\.failed_(gap|volatility)_(higher|lower)\.(.+)", r"changed_curves.\3.\1.\2.decided_failed"),
)
"""Of addresses in notes: facts of a condition, a table or a group of comparisons stand with that."""
_CHECKS = {"groups_across_splits": "patients_across_splits", "images_without_group": "images_without_patient"}
_GONE = frozenset({"val_ids", "seeds"})
"""Fields that nothing reads."""
_AS_WRITTEN = frozenset({"text", "reads_as", "id", "test_ids", "classes", "examples", "notes", "external"})
"""Fields whose values are people's own words, or came later than the new names."""
_ADDED = {"batch_norm": "running", "head": "trained", "trainable": "all", "layer_decay": 1.0}
"""Settings that came later, as conditions were trained before."""
_ADDED_SINCE = {"unfreeze_every": 0}
"""The same, later than `compute`."""
_COMPUTE = ("image_px", "precision", "device", "threads")
"""Once among the other settings of a condition, now in `compute`."""


def refuse_old_settings(path: Path, tree: Mapping[str, Any]) -> None:
    """Refuse settings by their old names.

    Raises:
        UserError: a line for each, with its new name.
    """
    _refuse(path, ((old, new) for old, new in _SETTINGS.items() if _holds(tree, old.split("."))))


def refuse_old_names(path: Path, tree: Mapping[str, Any]) -> None:
    """Refuse conditions and kinds of claims by their old names.

    Raises:
        UserError: a line for each, with its new name.
    """
    _refuse(path, dict.fromkeys(_old_names(tree)))


def refuse_old_file(old: Path, new: Path) -> None:
    """Refuse a file by its old name, where there is none by the new one.

    Raises:
        UserError: both names.
    """
    if old.is_file() and not new.exists():
        raise UserError(f"{old}: renamed to {new}; `git mv {old} {new}`")


def new_address(address: str) -> str:
    """Return the address of a value in the records for its old one; another address as it is."""
    head, *steps = _WORD.sub(lambda match: _WORDS[match[1]], address).split(".")
    names = {"facts": _FACTS, "claims": {"cannot_tell": "inconclusive"}}.get(head, _STEPS)
    renamed = ".".join([_STEPS.get(head, head), *(names.get(step, step) for step in steps)])
    moved = (re.sub(pattern, place, renamed) for pattern, place in _MOVED if re.fullmatch(pattern, renamed))
    return next(moved, renamed)


def new_section(section: str) -> str:
    """Return the section that a note belongs to for its old name; another name as it is."""
    strategy, dash, model = section.partition("-")
    return _STRATEGIES.get(strategy, strategy) + dash + model


def new_stage(name: str) -> str:
    """Return the name of a stage for its old one; another name as it is."""
    kind, at, member = name.partition("@")
    return _STAGES.get(kind, kind) + at + member


def translate_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings of images, as `dvc.lock` has them, by their new names."""
    return {_FIELDS.get(name, name): value for name, value in settings.items()}


def translate_results(layout: Layout) -> None:
    """Give results the new names; results that have them stay as they are.

    What was said of them is left: an analysis is worded by the program that made it.

    Args:
        layout: of a folder with links to the results of a commit: folders are renamed in it, records rewritten.
    """
    for folder in (layout.plan, layout.evaluation / "val", layout.evaluation / "test"):
        for old, new in _STRATEGIES.items():
            if (folder / old).is_dir():
                (folder / old).rename(folder / new)
    conditions = list(layout.plan.glob("*/*.json"))
    for path in (*conditions, layout.evaluation_file(), layout.data_description_file()):
        if path.is_file():
            before = json.loads(path.read_bytes())
            after = _translated(before)
            if path in conditions and "compute" not in after:
                after["compute"] = {name: after.pop(name) for name in _COMPUTE if name in after}
                probe = {"trainable": "head"} if after["strategy"] == "linear_probe" else {}
                after["training"] = _ADDED | probe | {"head_lr": after["training"]["lr"]} | after["training"]
            if path in conditions:
                after["training"] = _ADDED_SINCE | after["training"]
            if after != before:
                write_bytes(path, json.dumps(after, ensure_ascii=False).encode())


def _translated(node: Any, field: str = "") -> Any:
    if field in _AS_WRITTEN:
        return node
    if isinstance(node, dict):
        return {
            _new_words(_FIELDS.get(key) or key): _translated(value, key)
            for key, value in node.items()
            if key not in _GONE
        }
    if isinstance(node, list):
        return [_translated(value, field) for value in node]
    if not isinstance(node, str):
        return node
    return _CHECKS.get(node, node) if field == "check" else _new_words(node)


def _new_words(text: str) -> str:
    return _WORD.sub(lambda match: _WORDS[match[1]], text)


def _old_names(node: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Conditions, as keys or values, and kinds."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _old_names(key)
            if key not in _AS_WRITTEN:
                yield from _old_names(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from _old_names(value, field)
    elif isinstance(node, str):
        strategy, slash, name = node.partition("/")
        if slash and strategy in _STRATEGIES:
            yield node, f"{_STRATEGIES[strategy]}/{name}"
        if (field, node) == ("kind", "fell"):
            yield "kind: fell", "kind: dropped"


def _holds(tree: Any, steps: list[str]) -> bool:
    return not steps or (isinstance(tree, dict) and steps[0] in tree and _holds(tree[steps[0]], steps[1:]))


def _refuse(path: Path, names: Iterable[tuple[str, str]]) -> None:
    if lines := [f"{path}: {old}: renamed to {new}; write the new name" for old, new in names]:
        raise UserError("\n".join(lines))
