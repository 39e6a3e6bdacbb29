"""Source `folder`: image files in one folder per class, with or without a folder per split above or below them."""

from collections.abc import Iterator
from pathlib import Path

import regex

from transfer_report.data.dicom import patient_of_dicom
from transfer_report.data.layouts import (
    PATIENT_FOLDER,
    FolderLayout,
    find_layout,
    is_mask_folder,
    masks_among,
    natural_order,
    visible,
)
from transfer_report.data.reading import READ_WHOLE, ImageFiles, Reading, is_dicom_file, is_image
from transfer_report.data.source import Entries, Entry, Source
from transfer_report.errors import UserError

PATTERN_PATIENCE_S = 5.0
"""Longest time for a pattern on a name: some would never end, and sensible ones take microseconds."""


def read_folder(root: Path, patient_pattern: str, reading: Reading = READ_WHOLE) -> Source:
    """Image files under `root`: `train/<class>/…`, `test/<class>/…` and optionally `val/<class>/…`, or `<class>/…`.

    Args:
        root: the folder.
        patient_pattern: regular expression whose parentheses find the patient in a file name or, where it has a slash,
            in the path below `root`; empty: none is known, but of DICOM files the one in their headers.
        reading: how files are read that leave something open.

    Raises:
        UserError: the layout is unknown, a class is empty, a link leads outside, or no name matches the pattern.
    """
    if not root.is_dir():
        raise UserError(f"{root}: no such folder; set data.path to the folder of the images")
    layout = find_layout(root)
    classes = sorted({folder.label for folder in layout.folders}, key=natural_order)
    entries = Entries(
        Entry(name, classes.index(folder.label), find_patient(root, name, patient_pattern), folder.split)
        for folder in layout.folders
        for name in _images_of_class(folder.path, layout)
    )
    if patient_pattern:
        refuse_pattern_without_match(entries, patient_pattern)
        layout.assumed.pop("patient_folders", None)
    assumed = layout.assumed | ({"masks_left_out": layout.masks} if layout.masks else {})
    files = ImageFiles(root, entries.ids, reading)
    return Source(
        classes,
        entries,
        files.load,
        load_reduced=files.load_reduced,
        stamp=files.stamp,
        unused_files=layout.unused,
        assumed=assumed,
        notes={"folder": root.resolve().name},
    )


def find_patient(root: Path, image: str, pattern: str) -> str:
    """The patient of an image by the pattern or, without one, by the header of a DICOM file; else the image itself."""
    if pattern:
        return patient_of(image, pattern)
    path = f"{root}/{image}"
    return (is_dicom_file(path) and patient_of_dicom(path)) or image


def patient_of(image: str, pattern: str) -> str:
    r"""The patient in a file name, by the first parentheses of the pattern that take part; else the image itself.

    A pattern with a slash is searched for in the whole path, so that a folder can be the patient: `(patient\d+)/`.

    Raises:
        UserError: the pattern comes to no end.
    """
    name = image if "/" in pattern else image.rpartition("/")[2]
    try:
        match = regex.search(pattern, name, timeout=PATTERN_PATIENCE_S) if pattern else None
    except TimeoutError as error:
        raise UserError(
            f"data.patient_pattern: {pattern!r} takes too long on {name}; "
            "repetitions within repetitions, as in (a+)+, are tried in too many ways: write it without"
        ) from error
    return next(filter(None, match.groups()), image) if match else image


def refuse_pattern_without_match(entries: Entries, pattern: str) -> None:
    """Refuse a pattern that finds no patient in any name.

    Raises:
        UserError: naming an example, and how to search folders where that would find one.
    """
    if any(entry.patient != entry.id for entry in entries):
        return
    example = str(entries.ids[0])
    if "/" in pattern:
        raise UserError(f"data.patient_pattern: {pattern!r} matches no path, such as {example}")
    hint = (
        f"; to find it in the folders, write {pattern + '/'!r}" if patient_of(example, f"{pattern}/") != example else ""
    )
    raise UserError(f"data.patient_pattern: {pattern!r} matches no file name, such as {Path(example).name}{hint}")


def _images_of_class(folder: Path, layout: FolderLayout) -> Iterator[str]:
    """Ids of the images under a class folder, one by one; files of other kinds are added to the unused ones."""
    before, empty = len(layout.unused), True
    for name in _files(folder, layout):
        if is_image(f"{layout.root}/{name}"):
            empty = False
            yield name
        else:
            layout.unused.append(name)
    if empty:
        found = f", only other files such as {Path(layout.unused[before]).name}" if layout.unused[before:] else ""
        raise UserError(
            f"{folder}: the class is empty{found}; put its images there (JPEG, PNG, TIFF, …), or remove the folder"
        )


def _files(folder: Path, layout: FolderLayout) -> Iterator[str]:
    """Names of all files below a folder, relative to the root; hidden ones and masks left out."""
    below, entries = layout.name(folder), visible(folder, layout.root)
    masks = masks_among(entry.name for entry in entries)
    patients = [entry.name for entry in entries if PATIENT_FOLDER.fullmatch(entry.name) and entry.is_dir()]
    if len(patients) > 1:
        layout.assume("patient_folders", f"{below}/{patients[0]}")
    for entry in entries:
        if entry.is_dir() and not is_mask_folder(entry.name):
            yield from _files(Path(entry.path), layout)
        elif entry.is_dir() or entry.name in masks:
            layout.masks.append(f"{below}/{entry.name}")
        elif entry.is_file():
            yield f"{below}/{entry.name}"
