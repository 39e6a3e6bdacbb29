"""Source `table`: image files that a CSV, TSV or Parquet file lists, with labels and what else is known of them."""

import csv
import glob
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from transfer_report.data.folder import find_patient, refuse_pattern_without_match
from transfer_report.data.layouts import natural_order, refuse_lookalikes, split_of
from transfer_report.data.reading import READ_WHOLE, ImageFiles, Reading, is_image, missing_suffixes
from transfer_report.data.source import Entries, Entry, Source
from transfer_report.errors import UserError, did_you_mean, first_few, first_line
from transfer_report.records.base import SPLITS, Split
from transfer_report.settings import TableSettings

_TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet")
SEVERAL_LABELS = "|"
"""Stands between the labels of an image in tables that give it several."""
_EXAMPLES = 3
_FEW_ROWS = 20
"""From so many rows on, a label column with a new value in every second row is refused."""


class Row(NamedTuple):
    """One row of the table, without white space around its cells; empty where the cell, or its column, is."""

    name: str
    """Path of the image below the root."""
    label: str
    split: str
    patient: str
    characteristics: tuple[str, ...]


def read_table(root: Path, table: TableSettings, patient_pattern: str, reading: Reading = READ_WHOLE) -> Source:
    """Image files under `root` that a table in it lists.

    Args:
        root: folder of the table and the images.
        table: the file, its columns and where the images are.
        patient_pattern: finds the patient in a path as `find_patient` does, where no column names it; may be empty.
        reading: how files are read that leave something open.

    Raises:
        UserError: file, column or image is missing, or a value cannot be used; naming the first ones.
    """
    if root.is_file():
        raise UserError(
            f"data.path: {root} is a file; name the folder that it and the images are in, and set data.table.file to "
            f"{root.name}"
        )
    path = root / table.file
    # The table is read row by row, and twice: as a whole it would take more memory than all that follows.
    listed, labels, split_names = _check_rows(root, path, table)
    classes = _classes(labels, table.label, path)
    splits = _splits(split_names, table, path)
    numbers = {name: number for number, name in enumerate(classes)}
    characteristics: dict[str, list[str]] = {name: [] for name in table.characteristics}

    def read_entries() -> Iterator[Entry]:
        for row in _rows(root, table):
            for values, value in zip(characteristics.values(), row.characteristics, strict=True):
                values.append(sys.intern(value))  # of which there are few different ones
            patient = row.patient or (row.name if table.patient else find_patient(root, row.name, patient_pattern))
            yield Entry(row.name, numbers[row.label], patient, splits[row.split])

    entries = Entries(read_entries())
    if patient_pattern:
        refuse_pattern_without_match(entries, patient_pattern)

    files = ImageFiles(root, entries.ids, reading)
    return Source(
        classes,
        entries,
        files.load,
        load_reduced=files.load_reduced,
        stamp=files.stamp,
        unused_files=_unlisted(root, listed),
        characteristics={name: np.array(values, np.dtypes.StringDType()) for name, values in characteristics.items()},
        notes={"folder": root.resolve().name, "table": table.file},
    )


def _rows(root: Path, table: TableSettings) -> Iterator[Row]:
    """The rows of the table, one by one."""
    path = root / table.file
    if not path.is_file():
        others = sorted(file.name for file in path.parent.glob("*") if file.suffix.lower() in _TABLE_SUFFIXES)
        hint = f"; there is {', '.join(others[:_EXAMPLES])}" if others else ""
        raise UserError(f"{path}: no such file; set data.table.file to the table's name within data.path{hint}")
    lines = _parquet_lines(path) if path.suffix.lower() == ".parquet" else _text_lines(path)
    columns = [name.strip() for name in next(lines, [])]
    places: dict[str, list[int]] = {"characteristics": []}
    for setting, column in table.columns():
        if column not in columns:
            raise UserError(f"data.table.{setting}: {path} has no column {column!r}; {did_you_mean(column, columns)}")
        places.setdefault(setting, []).append(columns.index(column))
    place = _place_in(root, table.folder)
    for number, line in enumerate(lines, start=2):
        if len(line) < len(columns):
            raise UserError(f"{path}: row {number} has {len(line)} cells, the head {len(columns)}; mend or remove it")
        name, label, split, patient = (
            line[places[setting][0]].strip() if setting in places else ""
            for setting in ("image", "label", "split", "patient")
        )
        if name:
            name = place(f"{name.replace(chr(92), '/').removeprefix('./')}{table.ending}")
        yield Row(name, label, split, patient, tuple(line[place].strip() for place in places["characteristics"]))


def _place_in(root: Path, folder: str) -> Callable[[str], str]:
    """Puts the folder before the name of an image: of several that match, the first that has it."""
    folders = [folder.strip("/")]
    if "*" in folder:
        found = sorted(root.glob(folders[0]))
        folders = [each.relative_to(root).as_posix() for each in found if each.is_dir()] or folders

    def placed(name: str) -> str:
        for number, each in enumerate(folders):
            if number == len(folders) - 1 or os.path.isfile(f"{root}/{each}/{name}"):  # noqa: PTH113  # as below
                break
        folders.insert(0, folders.pop(number))  # where the next one is likely to be, too
        return f"{each}/{name}" if each else name

    return placed


def _text_lines(path: Path) -> Iterator[Sequence[str]]:
    """The cells of each line that has any, the head first."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            yield from filter(None, csv.reader(file, delimiter=max(",;\t", key=head.count)))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: not a readable table ({first_line(error)}); save it as CSV in UTF-8") from None


def _parquet_lines(path: Path) -> Iterator[Sequence[str]]:
    """The cells of each row as texts, the head first."""
    import polars  # takes half a second and 40 MB, which those without such a table are spared

    try:
        frame = polars.read_parquet(path)
        texts = frame.select(polars.all().cast(polars.String).fill_null(""))
    except polars.exceptions.PolarsError as error:
        raise UserError(f"{path}: not a readable table ({first_line(error)}); save it as CSV in UTF-8") from None
    yield texts.columns
    yield from texts.iter_rows()


def _check_rows(root: Path, path: Path, table: TableSettings) -> tuple[set[int], Counter[str], set[str]]:
    """Refuse rows that cannot be used; hashes of the images' names, the labels by their number, and names of splits."""
    seen: set[int] = set()
    labels: Counter[str] = Counter()
    splits: set[str] = set()
    problems: dict[str, list[str]] = {}
    for number, row in enumerate(_rows(root, table), start=2):
        if problem := _problem(root, row, table, hash(row.name) in seen):
            problems.setdefault(problem, []).append(row.name or f"row {number}")
        seen.add(hash(row.name))
        labels[row.label] += 1
        splits.add(row.split)
    if not seen:
        raise UserError(f"{path}: the table has no rows")
    for problem, names in problems.items():
        hint = _hint(root, names[0]) if problem == _MISSING else ""
        raise UserError(f"{path}: {first_few(names, _EXAMPLES)}: {problem}{hint}")
    return seen, labels, splits


_MISSING = (
    "no such file in data.path; put it there, remove the row, or set data.table.folder or data.table.ending to what "
    "the table leaves out"
)


def _problem(root: Path, row: Row, table: TableSettings, seen: bool) -> str:
    """Return the fault of a row; empty where there is none."""
    if not row.name:
        return f"{table.image} is empty; fill it in, or remove the row"
    if row.name.startswith("/") or ".." in row.name.split("/"):
        return f"outside of {root}; write paths relative to data.path"
    if seen:
        return (
            "listed twice; one row for each image is expected. An image with several labels needs one column that "
            "holds the label to learn"
        )
    if not os.path.isfile(f"{root}/{row.name}"):  # noqa: PTH113  # half the time of a Path
        return _MISSING
    empty = [column for column, value in ((table.label, row.label), (table.split, row.split)) if column and not value]
    return f"{empty[0]} is empty; fill it in, or remove the row" if empty else ""


def _hint(root: Path, missing: str) -> str:
    """Where a file that is not found may be, as part of a sentence."""
    name = missing.rpartition("/")[2]
    for suffix in missing_suffixes():
        if (root / f"{missing}{suffix}").is_file():
            return f" (there is {missing}{suffix})"
    found = next(root.rglob(glob.escape(name)), None)
    return f" (there is {found.relative_to(root).as_posix()})" if found else ""


def _classes(labels: Counter[str], column: str, path: Path) -> list[str]:
    """The classes in their order, of labels by their number."""
    classes = sorted(labels, key=natural_order)
    several = [label for label in classes if SEVERAL_LABELS in label]
    if several:
        images: Counter[str] = Counter()
        for label, count in labels.items():
            images.update(dict.fromkeys(label.split(SEVERAL_LABELS), count))
        frequent = max((part for label in several for part in label.split(SEVERAL_LABELS)), key=images.__getitem__)
        raise UserError(
            f"{path}: {column} gives images several labels, such as {several[0]!r}; the study learns one label per "
            f"image: add a column with the one to learn, such as {frequent} yes or no ({images[frequent]:,} of "
            f"{labels.total():,} images), and set data.table.label to it"
        )
    if labels.total() > _FEW_ROWS and len(classes) > labels.total() / 2:
        raise UserError(
            f"{path}: {column} has {len(classes)} different values in {labels.total()} rows, such as {classes[0]!r}, "
            "which are no classes; set data.table.label to the column of the classes"
        )
    refuse_lookalikes(classes, f"{path}: {column}")
    return classes


def _splits(values: Iterable[str], table: TableSettings, path: Path) -> dict[str, Split | None]:
    """The split that each value names; None where there is no column of splits."""
    if not table.split:
        return {"": None}
    splits = {value: split_of(value) for value in values}
    unknown = sorted(value for value, split in splits.items() if split is None)
    if unknown:
        raise UserError(
            f"{path}: {table.split}: {', '.join(map(repr, unknown[:_EXAMPLES]))} is none of {', '.join(SPLITS)}; "
            "rename it there, or set data.table.split to '' to have splits cut"
        )
    for needed in ("train", "test"):
        if needed not in splits.values():
            raise UserError(
                f"{path}: {table.split}: no row is of the {needed} split; add some, or set data.table.split to '' to "
                "have splits cut"
            )
    return splits


def _unlisted(root: Path, listed: set[int]) -> list[str]:
    """Images below the root that no row lists."""
    found = []
    for folder, below, files in os.walk(root):
        below[:] = [name for name in below if not name.startswith(".")]
        base = Path(folder).relative_to(root).as_posix()
        for file in files:
            name = file if base == "." else f"{base}/{file}"
            if hash(name) not in listed and not file.startswith(".") and is_image(f"{folder}/{file}"):
                found.append(name)
    return sorted(found)
