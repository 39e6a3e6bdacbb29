"""Sources of each figure and table: the stage, its settings, and the files with their hashes."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from transfer_report.dvc_yaml import declared_stages
from transfer_report.records.figures import FigureRecord
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Table
from transfer_report.wording.wording import Wording


class MadeFrom(NamedTuple):
    """Sources of a figure or table."""

    stage: str
    settings: tuple[str, ...]
    """Settings that the stage depends on."""
    files: tuple[tuple[str, str], ...]
    """Path and SHA-256; for a folder, of its files' names and hashes."""


def sources(study: Study, figures: Iterable[FigureRecord], tables: Iterable[Table]) -> Iterator[tuple[str, MadeFrom]]:
    """The source of each figure and table that was made from files, by id."""
    settings = {stage: tuple(map(str, declared.params)) for stage, declared in declared_stages().items()}
    for figure in figures:
        if figure.inputs:
            yield f"fig-{figure.id}", MadeFrom("figures", settings["figures"], tuple(figure.inputs.items()))
    for table in tables:
        if table.inputs:
            paths = (path.as_posix() for path in table.inputs)
            yield table.id, MadeFrom("report", settings["report"], tuple((path, study.hashes[path]) for path in paths))


def source_text(source: MadeFrom, wording: Wording) -> str:
    """A source in one sentence, with whole hashes."""
    return wording.text(
        "page.made_of",
        stage=source.stage,
        settings=", ".join(source.settings),
        files=files_text(source, "text", wording),
    )


def files_text(source: MadeFrom, hash_format: str, wording: Wording) -> str:
    """Paths with their hashes."""
    return "; ".join(f"{path} {wording.printer.text(digest, hash_format)}" for path, digest in source.files)
