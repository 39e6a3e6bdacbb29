"""Proposal for a folder, table or array file of images: settings to read it, and the findings."""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from transfer_report.data.checks import FEW_VAL_IMAGES, check_classes
from transfer_report.data.dicom import DICOM_SUFFIXES
from transfer_report.data.folder import read_folder
from transfer_report.data.image_file import image_suffixes
from transfer_report.data.layouts import PATIENT_FOLDER, split_of
from transfer_report.data.medmnist import read_medmnist
from transfer_report.data.positive_class import is_healthy, with_positive_last
from transfer_report.data.source import Source
from transfer_report.data.table import SEVERAL_LABELS, read_table
from transfer_report.errors import UserError, first_few
from transfer_report.records.base import SPLITS, Split
from transfer_report.settings import TableSettings

TABLES = (".csv", ".tsv", ".parquet")
SAMPLE = 40
"""So many images are opened for their sizes and channels."""
MOST_LABELS = 100
_EXAMPLES = 3
_PATIENTS_IN_NAMES = (
    r"((?:patient|person|subject|subj|pat|case)[_-]?\d+|(?:NORMAL\d+-)?IM-\d+)",
    r"((?:CNV|DME|DRUSEN|NORMAL)-\d+)-",
    r"(SOB_[BM]_[A-Z]+-\d+-\d+[A-Z]*)-",
)
"""Usual names; radiographs and retinas by Kermany et al. (2018), and BreakHis by Spanhol et al. (2016)."""
_IMAGE_COLUMN = re.compile(r"(image|file|img|path)([ _-]?(id|name|path|index))?", re.IGNORECASE)
_LABEL_COLUMN = re.compile(
    r"(.*[ _])?(labels?|class|diagnosis|dx|findings?|target|category|disease|outcome)", re.IGNORECASE
)
_PATIENT_COLUMN = re.compile(r"(patient|subject|person|case|lesion)([ _-]?(id|number|nr|no))?|pid|mrn", re.IGNORECASE)
"""Images of one lesion belong together as those of one patient do, where the table knows no patients."""
_YES_NO = frozenset({"", "0", "1", "0.0", "1.0", "-1", "-1.0", "yes", "no", "True", "False"})
"""Values of columns that each say whether one finding is present; -1 stands for uncertain."""
_CHARACTERISTIC = re.compile(
    r"(patient[ _])?(age|sex|gender|site|hospital|center|centre|view|.*position|scanner|device|"
    r"manufacturer|ethnicity|race|localization)([ _].*)?",
    re.IGNORECASE,
)


@dataclass
class Proposal:
    """Settings of `data` that would read what was found."""

    settings: dict[str, Any]
    found: list[str] = field(default_factory=list)
    """Findings, a line each."""
    odd: list[str] = field(default_factory=list)
    """Oddities that a person should look at, a line each."""
    smallest_px: int = 0
    """The shorter side of the smallest image that was opened."""
    given: dict[Split | None, list[int]] = field(default_factory=dict)
    """Images of each class by the split that they are in; None where they are in none."""
    patients_per_image: float = 1.0


def propose(path: Path) -> Proposal:
    """Look at images and return settings for them.

    Args:
        path: a folder, a table in the folder of its images, or an `.npz` of the form of MedMNIST.

    Raises:
        UserError: nothing is there, or it is of no kind that is read; naming what is missing.
    """
    if not path.exists():
        raise UserError(f"{path}: no such folder or file")
    if path.suffix.lower() == ".npz":
        proposal = Proposal({"source": "medmnist", "path": path.as_posix()})
        source = read_medmnist(path, path.stem, False, Path(".cache"))
    elif path.suffix.lower() in TABLES:
        proposal, source = _of_table(path.parent, path)
    elif path.is_file():
        raise UserError(f"{path}: a folder, a table (CSV, TSV, Parquet) or an .npz of MedMNIST's form is expected")
    else:
        proposal, source = _of_folder(path)
    check_classes(source, path.as_posix())
    _describe(source, proposal)
    return proposal


def _of_folder(root: Path) -> tuple[Proposal, Source]:
    """Of a folder: class folders or, where it has none, a table in it that lists its images."""
    tables = [file for file in sorted(root.iterdir()) if file.suffix.lower() in TABLES]
    folders = [each for each in sorted(root.iterdir()) if each.is_dir()]
    if [split_of(each.name) for each in folders] == ["train"] and not tables:
        proposal, source = _of_folder(folders[0])
        proposal.odd.append(f"{root} has no test images; they are cut from {folders[0].name}")
        return proposal, source
    try:
        source = read_folder(root, "")
    except UserError:
        if not tables:
            raise
        return _of_tables(root, tables)
    if len(source.classes) == 1 and tables:
        return _of_tables(root, tables)
    proposal = Proposal({"source": "folder", "path": root.as_posix(), "patient_pattern": ""})
    if pattern := _patient_pattern(source):
        source = read_folder(root, pattern)
        proposal.settings["patient_pattern"] = pattern
        proposal.odd.append(f"patients are taken from the names by {pattern}; check that this is what they mean")
    if tables:
        proposal.odd.append(f"{tables[0].name} is not read; to read images and labels by it: init {tables[0]}")
    return proposal, source


def _of_tables(root: Path, tables: Sequence[Path]) -> tuple[Proposal, Source]:
    """Return the proposal for the first table with images of several classes, else raise the first table's error."""
    errors = []
    for table in tables:
        try:
            proposal, source = _of_table(root, table)
        except UserError as error:
            errors.append(error)
            continue
        if len(source.classes) > 1:
            others = [other.name for other in tables if other != table]
            proposal.odd += [f"not read: {first_few(others, _EXAMPLES)}"] * bool(others)
            return proposal, source
    raise errors[0] if errors else UserError(f"{tables[0]}: all images have the same label; a study needs two classes")


def _patient_pattern(source: Source) -> str:
    """A pattern for patients by usual names of folders or files; empty where none fits, or headers name them."""
    if len(source.entries.names):
        return ""
    names = source.entries.ids[: 10 * SAMPLE].tolist()
    for name in names:
        folders = [part for part in name.split("/")[:-1] if PATIENT_FOLDER.fullmatch(part)]
        if folders:
            word = re.sub(r"\d+$", "", folders[0])
            return rf"({re.escape(word)}\d+)/"
    for pattern in _PATIENTS_IN_NAMES:
        matches = [re.search(pattern, name.rpartition("/")[2], re.IGNORECASE) for name in names]
        named = [match[1] for match in matches if match]
        if len(named) > len(names) / 4 and len(set(named)) < len(named):
            return f"(?i){pattern}"
    return ""


def _of_table(root: Path, path: Path) -> tuple[Proposal, Source]:
    """Of a table: its columns by their names and by what stands in them."""
    head, rows = _first_rows(path)
    columns = {name.strip(): [row[place].strip() for row in rows] for place, name in enumerate(head)}
    suffixes = (*image_suffixes(), *DICOM_SUFFIXES)

    def first(suits: Callable[[str, Sequence[str]], object]) -> str:
        return next((name for name, values in columns.items() if suits(name, values)), "")

    image = first(lambda _, values: any(value.lower().endswith(suffixes) for value in values))
    image = image or first(lambda name, _: _IMAGE_COLUMN.fullmatch(name))
    if not image:  # names without endings, in a column with a name of its own
        stems = {found.stem for found in root.rglob("*") if found.suffix.lower() in suffixes}
        image = first(lambda _, values: values and stems.issuperset(values[:SAMPLE]))
    findings = [name for name, values in columns.items() if set(values) <= _YES_NO and len(set(values)) > 1]
    # Of several labels in a cell there are many combinations; what to do about them is said where the table is read.
    label = first(
        lambda name, values: (
            _LABEL_COLUMN.fullmatch(name)
            and not is_healthy(name)  # one of several columns of findings: that there is none
            and (len(set(values)) <= MOST_LABELS or any(SEVERAL_LABELS in value for value in values))
        )
    )
    label = label or first(lambda name, values: name.lower() == "y" and len(set(values)) <= MOST_LABELS)
    for column, what in ((image, "image"), (label, "label")):
        if not column:
            raise UserError(_no_column(root, path, what, columns, findings))
    folder, ending = _place(root, columns[image])
    table = TableSettings(
        file=path.relative_to(root).as_posix(),
        folder=folder,
        ending=ending,
        image=image,
        label=label,
        split=first(lambda name, values: "split" in name.lower() or all(map(split_of, values))),
        patient=first(lambda name, _: _PATIENT_COLUMN.fullmatch(name)),
        characteristics=[name for name in columns if _CHARACTERISTIC.fullmatch(name)],
    )
    settings = {"source": "table", "path": root.as_posix(), "patient_pattern": "", "table": table.model_dump()}
    proposal = Proposal(settings, found=[f"a table, {table.file}, with the columns {', '.join(columns)}"])
    return proposal, read_table(root, table, "")


def _no_column(root: Path, path: Path, what: str, columns: Iterable[str], findings: Sequence[str]) -> str:
    """Return advice on a table without a column of images or of labels."""
    if what == "label" and len(findings) > 1:
        return (
            f"{path}: {first_few(findings, _EXAMPLES)} each say yes or no: images have several labels there, and the "
            "study learns one; set data.source to table and data.table.label to one of these columns"
        )
    stems = {file.stem for file in root.rglob("*")}
    if stems.intersection(columns):
        return f"{path}: the first row lists an image; put a row of names above it, such as image,label"
    return (
        f"{path}: no column looks like one of the {what}s; set data.source to table and data.table.{what} to its name "
        f"({', '.join(columns)})"
    )


def _place(root: Path, names: Sequence[str]) -> tuple[str, str]:
    """Folder, or pattern of several, and ending that the table leaves out of its files' names."""
    wanted = [name.replace("\\", "/").removeprefix("./") for name in names if name]
    if not wanted or (root / wanted[0]).is_file():
        return "", ""
    files = sorted(file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file())
    for file in files:
        for ending in ("", Path(file).suffix):
            if f"/{file}".endswith(f"/{wanted[0]}{ending}"):
                folder = file.removesuffix(f"{wanted[0]}{ending}").strip("/")
                elsewhere = not {f"{folder}/{name}{ending}" for name in wanted} <= set(files)
                # Of numbered folders, such as images_001, all.
                return re.sub(r"\d+(?=\D*$)", "*", folder) if elsewhere else folder, ending
    return "", ""


def _first_rows(path: Path, most: int = 2000) -> tuple[Sequence[str], list[Sequence[str]]]:
    if path.suffix.lower() == ".parquet":
        import polars  # only for this kind of table, as where it is read

        frame = polars.read_parquet(path, n_rows=most).select(polars.all().cast(polars.String).fill_null(""))
        return frame.columns, list(frame.iter_rows())
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            lines = csv.reader(file, delimiter=max(",;\t", key=head.count))
            columns = next(lines, [])
            return columns, [row for row, _ in zip(lines, range(most), strict=False) if len(row) == len(columns)]
    except (UnicodeDecodeError, csv.Error):
        raise UserError(f"{path}: not a readable table; save it as CSV in UTF-8") from None


def _describe(source: Source, proposal: Proposal) -> None:
    """Add what the source holds: classes, splits, patients, sizes, channels, and what looks odd."""
    source = with_positive_last(source, "")
    entries = source.entries
    counts = np.bincount(entries.labels, minlength=len(source.classes))
    classes = ", ".join(f"{name} ({count})" for name, count in zip(source.classes, counts, strict=True))
    proposal.found.append(f"{len(entries)} images in {len(source.classes)} classes: {classes}")
    if len(source.classes) == 2:
        proposal.found.append(f"positive class: {source.classes[1]} (data.positive_class can change it)")
    splits = {name: int((entries.splits == number).sum()) for number, name in enumerate(SPLITS)}
    given = ", ".join(f"{name} {count}" for name, count in splits.items() if count)
    for number in np.unique(entries.splits).tolist():
        own = entries.labels[entries.splits == number]
        split = None if number < 0 else SPLITS[number]
        proposal.given[split] = np.bincount(own, minlength=len(source.classes)).tolist()
    proposal.found.append(f"splits: {given or 'none; test and validation will be cut'}")
    if few := [count for count in proposal.given.get("val", []) if count < FEW_VAL_IMAGES]:
        proposal.odd.append(
            f"only {min(few)} validation images in a class, too few to choose an epoch by; data.recut_val: true cuts "
            "validation images from training instead"
        )
    patients = len(np.unique(entries.patients))
    known = f"{patients}" if len(entries.names) else "not known; each image counts as one"
    proposal.found.append(f"patients: {known}")
    proposal.patients_per_image = patients / len(entries)
    drawn = np.random.default_rng(0).choice(len(entries), min(SAMPLE, len(entries)), replace=False)
    shapes = [source.load(int(number)).shape for number in drawn]
    sides = sorted({f"{shape[1]} × {shape[0]}" for shape in shapes})
    colour = sum(len(shape) == 3 for shape in shapes)
    proposal.smallest_px = min(min(shape[:2]) for shape in shapes)
    channels = "grey" if not colour else "colour" if colour == len(shapes) else f"colour in {colour} of {len(shapes)}"
    proposal.found.append(
        f"sizes, of {len(shapes)} images: {', '.join(sides[:3])}{' …' if len(sides) > 3 else ''}; {channels}"
    )
    proposal.odd += [
        f"{check.replace('_', ' ')}: {first_few(names, _EXAMPLES)}" for check, names in source.assumed.items()
    ]
    if source.unused_files:
        proposal.odd.append(f"files that are not read: {first_few(source.unused_files, _EXAMPLES)}")
