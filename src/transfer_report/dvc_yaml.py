"""The pipeline as `dvc.yaml` declares it: which stages there are, what they read and write, and what leads to what."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from transfer_report.layout import HERE


class DeclaredStage(NamedTuple):
    """A stage, or a kind of stages with one member for each condition or model."""

    deps: tuple[str, ...]
    outs: tuple[str, ...]
    params: tuple[str | dict[str, None], ...]
    """Settings by their place; a mapping `{params.yaml: null}`: all of the file."""


def declared_stages(path: Path = HERE.pipeline) -> dict[str, DeclaredStage]:
    """Return the stages by name, in the order of the file."""
    stages: dict[str, dict[str, Any]] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["stages"]
    return {name: _declared(stage.get("do", stage)) for name, stage in stages.items()}


def _declared(stage: dict[str, Any]) -> DeclaredStage:
    outs = [*stage.get("outs", ()), *stage.get("metrics", ())]
    return DeclaredStage(
        tuple(stage.get("deps", ())),
        tuple(out if isinstance(out, str) else next(iter(out)) for out in outs),
        tuple(stage.get("params", ())),
    )


def flow(stages: Mapping[str, DeclaredStage]) -> list[tuple[str, str]]:
    """Return which stage hands results to which, but not where they also pass by way of another stage."""
    feeds = {
        start: {end for end, reader in stages.items() if end != start and _reads(reader, stages[start])}
        for start in stages
    }

    def reached(start: str) -> set[str]:
        return feeds[start].union(*(reached(end) for end in feeds[start]))

    return [
        (start, end)
        for start in stages
        for end in stages
        if end in feeds[start] and not any(end in reached(between) for between in feeds[start])
    ]


def _reads(reader: DeclaredStage, writer: DeclaredStage) -> bool:
    """Return whether a path that one writes contains, or lies in, a path that the other reads."""
    pairs = ((_folder(dep), _folder(out)) for dep in reader.deps for out in writer.outs)
    return any(dep == out or dep in out.parents or out in dep.parents for dep, out in pairs)


def _folder(path: str) -> PurePosixPath:
    """A path up to the first part that differs from member to member."""
    return PurePosixPath(path.partition("/$")[0])
