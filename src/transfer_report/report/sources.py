"""What each figure and table was made from: the stage, its settings, and the files with their hashes."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from transfer_report.records import FigureRecord
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Table
from transfer_report.wording.wording import Wording

SETTINGS = {"figures": ("models", "report.language"), "report": ("report",)}
"""What the two stages that make what is shown depend on beside files, as `dvc.yaml` has it."""


class Source(NamedTuple):
    """What something was made from."""

    stage: str
    files: tuple[tuple[str, str], ...]
    """Path and SHA-256; for a folder, of its files' names and hashes."""


def sources(study: Study, figures: Iterable[FigureRecord], tables: Iterable[Table]) -> Iterator[tuple[str, Source]]:
    """The source of each figure and table that was made from files, by id."""
    for figure in figures:
        if figure.inputs:
            yield f"fig-{figure.id}", Source("figures", tuple(figure.inputs.items()))
    for table in tables:
        if table.inputs:
            paths = (path.as_posix() for path in table.inputs)
            yield table.id, Source("report", tuple((path, study.hashes[path]) for path in paths))


def source_text(source: Source, wording: Wording) -> str:
    """A source in one sentence, with whole hashes."""
    return wording.text(
        "page.made_of",
        stage=source.stage,
        settings=", ".join(SETTINGS[source.stage]),
        files=files_text(source, "text", wording),
    )


def files_text(source: Source, hash_format: str, wording: Wording) -> str:
    """Paths with their hashes."""
    return "; ".join(f"{path} {wording.printer.text(digest, hash_format)}" for path, digest in source.files)
