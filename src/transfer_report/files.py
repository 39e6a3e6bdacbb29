"""Reads and writes result files: whole or not at all."""

import hashlib
import math
import mmap
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from transfer_report.errors import UserError
from transfer_report.layout import HERE

AnyRecord = TypeVar("AnyRecord", bound=BaseModel)


def sha256_of_file(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; `dvc repro` makes it") from None


def md5_of_file(path: Path) -> str:
    """The MD5 sum of a file, by which DVC names its contents, and some publishers theirs; no proof against malice."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def sha256_of_folder(path: Path) -> str:
    """The SHA-256 of the names and hashes of all files below a folder, a line for each as `sha256sum` writes it."""
    files = sorted(file for file in path.rglob("*") if file.is_file())
    lines = (f"{sha256_of_file(file)}  {file.relative_to(path).as_posix()}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def read_bytes(path: Path) -> bytes:
    """The contents of a file that an earlier stage wrote."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; `dvc repro` makes it") from None


def remove_other_folders(roots: Iterable[Path], keep: Iterable[Path]) -> None:
    """Remove all folders below some roots but those to keep, with what is in them and above them.

    DVC leaves the outputs of a vanished stage where they are, as part of the folders that later stages depend on; its
    cache keeps them for when they are wanted again.
    """
    kept = set(keep)
    above = {parent for path in kept for parent in path.parents}
    for root in roots:
        for folder in sorted(path for path in root.rglob("*") if path.is_dir()):
            if folder not in kept | above and kept.isdisjoint(folder.parents):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A partial file next to `path`, which replaces it on success and is removed otherwise.

    Its name is always the same, so that what a killed process left behind is written over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    try:
        with _named_in_errors(path):
            yield partial
            with partial.open("rb+") as file:
                os.fsync(file.fileno())
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _named_in_errors(path: Path) -> Iterator[None]:
    """Add the file's name to errors of writing, as errors of opening have it."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: a reader never sees half of it."""
    with replacing(path) as partial:
        partial.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write a text file as UTF-8 with Unix line ends."""
    write_bytes(path, text.encode("utf-8"))


def write_record(path: Path, record: BaseModel) -> None:
    """Write a record as JSON that diffs well."""
    # As bytes, and the line end apart: a table of many images is not to stand in memory several times.
    content = record.__pydantic_serializer__.to_json(record, indent=1)
    with replacing(path) as partial, partial.open("wb") as file:
        file.write(content)
        file.write(b"\n")


def write_columns(path: Path, columns: Mapping[str, Iterable[str | int] | None]) -> None:
    """Write lists as `write_record` writes a record of them, value by value: a long table never stands in memory."""
    with replacing(path) as partial, partial.open("wb") as file:
        for number, (name, values) in enumerate(columns.items()):
            file.write((b"{" if number == 0 else b",") + b"\n " + to_json(name) + b": ")
            if values is None:
                file.write(b"null")
                continue
            separator = b"["
            for value in values:
                file.write(separator + b"\n  " + to_json(value))
                separator = b","
            file.write(b"\n ]" if separator == b"," else b"[]")
        file.write(b"\n}\n")


def read_record(path: Path, kind: type[AnyRecord]) -> AnyRecord:
    """Read a record that an earlier stage wrote.

    Raises:
        UserError: the file is missing or is not such a record.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; `dvc repro` makes it") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole file"
        raise UserError(
            f"{path}: not a valid {kind.__name__} ({where}: {first['msg']}); "
            "if it was edited, `dvc checkout` brings the true one back"
        ) from None


def write_array(path: Path, array: NDArray[np.generic]) -> None:
    """Write a `.npy` file whole or not at all."""
    with replacing(path) as partial, partial.open("wb") as file:
        np.save(file, array, allow_pickle=False)


@contextmanager
def growing_array(path: Path, shape: tuple[int, ...], dtype: str) -> Iterator[NDArray[Any]]:
    """A memory-mapped `.npy` file to be filled piece by piece; it takes its place when the block ends well."""
    with replacing(path) as partial:
        array = np.lib.format.open_memmap(partial, mode="w+", dtype=np.dtype(dtype), shape=shape)
        with partial.open("rb+") as file:
            _reserve(file.fileno())
        yield array
        array.flush()


def open_array(path: Path) -> NDArray[np.generic]:
    """A `.npy` file, memory-mapped for reading, so that it costs no memory until it is used.

    Raises:
        UserError: the file is missing or broken.
    """
    try:
        array: NDArray[np.generic] = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; `dvc repro` makes it") from None
    except Exception as error:  # the header is a Python literal: what its parser says of a damaged one is manifold
        raise UserError(f"{path}: not a readable array ({error}); `dvc checkout` brings the true one back") from None
    return array


def scratch_array(shape: tuple[int, ...], dtype: str, folder: Path = HERE.cache) -> NDArray[Any]:
    """A memory-mapped array in a nameless file of `folder`, which vanishes with the array or the process."""
    folder.mkdir(parents=True, exist_ok=True)
    with _named_in_errors(folder), tempfile.TemporaryFile(dir=folder) as file:
        array = np.memmap(file, dtype=np.dtype(dtype), mode="w+", shape=shape)
        _reserve(file.fileno())
        return array


def lasting_array(shape: tuple[int, ...], dtype: str, path: Path) -> NDArray[Any]:
    """A memory-mapped array in a file with a name: what an earlier process wrote into it, zeros where none did."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = np.dtype(dtype)
    with _named_in_errors(path), path.open("ab+") as file:
        file.truncate(math.prod(shape) * kind.itemsize)
        _reserve(file.fileno())
        return np.memmap(path, dtype=kind, mode="r+", shape=shape)


def _reserve(descriptor: int) -> None:
    """Preallocate the file, so that a full disk raises OSError here instead of SIGBUS later."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, os.fstat(descriptor).st_size)


def release(array: NDArray[Any]) -> None:
    """Give back the memory that the pages of a memory-mapped array hold; its contents stay, in the file."""
    pages = array.base
    if isinstance(pages, mmap.mmap) and hasattr(pages, "madvise"):
        pages.madvise(mmap.MADV_DONTNEED)
