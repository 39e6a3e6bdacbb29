"""The only module that reads and writes result files, and that knows where they lie."""

import fcntl
import hashlib
import mmap
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from transfer_report.errors import UserError
from transfer_report.records import Split

RESULTS = Path("results")
METRICS = Path("metrics.json")
PIPELINE = Path("dvc.yaml")
LOCK = Path("dvc.lock")
"""DVC's record of what was made from what."""
CACHE = Path(".cache")
"""Downloads and scratch files: neither git nor DVC looks at them, and losing them costs time alone."""

LOGS = CACHE / "logs"
"""What stages print that do not run in the terminal themselves."""

PLAN = RESULTS / "plan"
WEIGHTS = RESULTS / "weights"
DATA = RESULTS / "data"
TEST_LABELS = RESULTS / "test_labels.json"
FEATURES = RESULTS / "features"
RUNS = RESULTS / "runs"
MODELS = RESULTS / "models"
EVALUATION = RESULTS / "evaluation"
CURVES = RESULTS / "curves.tsv"
LATENCY = RESULTS / "latency.json"
ANALYSIS = RESULTS / "analysis"
ATTENTION = RESULTS / "attention"
FIGURES = RESULTS / "figures"
REPORT = RESULTS / "report"

AnyRecord = TypeVar("AnyRecord", bound=BaseModel)


def condition_file(group: str, name: str) -> Path:
    """The resolved condition, a JSON file that its training stage depends on."""
    return PLAN / group / f"{name}.json"


def order_file() -> Path:
    """In which order the settings name conditions and models."""
    return PLAN / "order.json"


def model_plan_file(model: str) -> Path:
    """What decides a model's features, a JSON file that the features stage depends on."""
    return PLAN / "models" / f"{model}.json"


def weights_file(model: str) -> Path:
    """The start weights of a model, as safetensors, without the head."""
    return WEIGHTS / f"{model}.safetensors"


def weights_record_file(model: str) -> Path:
    """The record of a model's start weights."""
    return WEIGHTS / f"{model}.json"


def images_file(split: Split) -> Path:
    """Images of a split: unsigned bytes, (images, image_px, image_px, channels)."""
    return DATA / f"{split}.npy"


def table_file(split: Split) -> Path:
    """The table of a split."""
    return DATA / f"{split}.json"


def data_description_file() -> Path:
    """What the data set is, and what the checks found."""
    return DATA / "description.json"


def features_file(model: str, split: Split) -> Path:
    """Features of a split by a frozen backbone: float32, (images, features)."""
    return FEATURES / model / f"{split}.npy"


def run_folder(group: str, name: str, seed: int) -> Path:
    """History and predictions of one run."""
    return RUNS / group / name / str(seed)


def history_file(group: str, name: str, seed: int) -> Path:
    """The history of one run."""
    return run_folder(group, name, seed) / "history.json"


def probabilities_file(group: str, name: str, seed: int, split: Split) -> Path:
    """Predicted probabilities of one run: float32, (images, classes)."""
    return run_folder(group, name, seed) / f"{split}_probabilities.npy"


def model_folder(group: str, name: str, seed: int) -> Path:
    """The trained weights of one run, where they are kept."""
    return MODELS / group / name / str(seed)


def evaluation_file() -> Path:
    """The record of all runs and their scores."""
    return EVALUATION / "evaluation.json"


def checkpoint_file(fingerprint: str) -> Path:
    """The state of an interrupted run, by the hash of everything that decides its result."""
    return CACHE / "checkpoints" / fingerprint / "state.pt"


def has_checkpoint(run: str) -> bool:
    """Whether there is a state of a run, on whichever machine; `run` is the first part of its fingerprint."""
    return any(CACHE.glob(f"checkpoints/{run}-*/state.pt"))


def mark_checkpoint_done(path: Path) -> None:
    """Note beside a checkpoint, where there is one, that its run is done."""
    if path.exists():
        path.with_name("done").touch()


def mark_checkpoint_open(path: Path) -> None:
    """Take that note back: its run goes on."""
    path.with_name("done").unlink(missing_ok=True)


def remove_checkpoint(path: Path) -> None:
    """Remove a checkpoint and its note."""
    shutil.rmtree(path.parent, ignore_errors=True)


def remove_results_of_others(keep: Iterable[Path]) -> None:
    """Remove runs, kept networks and features of conditions, seeds and models that the study no longer has.

    DVC leaves the outputs of a vanished stage where they are, as part of the folders that later stages depend on; its
    cache keeps them for when they are wanted again.

    Args:
        keep: folders that the study has.
    """
    own = set(keep)
    above = {parent for path in own for parent in path.parents}
    for root in (RUNS, MODELS, FEATURES):
        for folder in sorted(path for path in root.rglob("*") if path.is_dir()):
            if folder not in own | above and own.isdisjoint(folder.parents):
                shutil.rmtree(folder, ignore_errors=True)


def remove_checkpoints() -> None:
    """Remove all checkpoints: of a finished study, those that are left belong to settings that were given up."""
    shutil.rmtree(CACHE / "checkpoints", ignore_errors=True)


def remove_checkpoints_of_done_runs(keep: Sequence[Path] = ()) -> None:
    """Remove the checkpoints whose runs are done, but those of the runs that are about to start.

    A run's own process cannot: killed after that and before DVC has its results, it would have lost all.
    """
    for note in (CACHE / "checkpoints").glob("*/done"):
        if note.with_name("state.pt") not in keep:
            remove_checkpoint(note)


@contextmanager
def only_process(name: str) -> Iterator[None]:
    """Lets one process at a time do a thing; another one waits, and says for whom.

    The lock goes with its process, however that ends. Needed where dvc was killed and its stage is still saving.
    """
    path = CACHE / "running" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            sys.stderr.write(f"{name}: waits for process {file.read().decode() or '?'}, which still does the same\n")
            fcntl.flock(file, fcntl.LOCK_EX)
        with _named_in_errors(path):
            file.truncate(0)
            file.write(str(os.getpid()).encode())
        yield


def stacked_probabilities_file(condition_key: str, split: Split) -> Path:
    """Predicted probabilities of all runs of a condition: float32, (seeds, images, classes)."""
    return EVALUATION / split / f"{condition_key}.npy"


def analysis_file() -> Path:
    """What may be said, with its evidence."""
    return ANALYSIS / "analysis.json"


def kept_model_file(group: str, name: str, seed: int) -> Path:
    """The trained network of one run, as safetensors, where it is kept."""
    return model_folder(group, name, seed) / "model.safetensors"


def attention_file() -> Path:
    """Whose attention maps there are."""
    return ATTENTION / "attention.json"


def attention_maps_file() -> Path:
    """Attention maps: float32, (images, 2, cells, cells), for the true class and for the predicted one."""
    return ATTENTION / "maps.npy"


def figures_file() -> Path:
    """The record of all figures, whose drawings lie beside it."""
    return FIGURES / "figures.json"


def report_file(ending: str) -> Path:
    """The report as HTML, PDF, Markdown or JSON."""
    return REPORT / f"report.{ending}"


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; `dvc repro` makes it") from None


def md5(path: Path) -> str:
    """The MD5 sum of a file, by which DVC names its contents, and some publishers theirs; no proof against malice."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def sha256_of_folder(path: Path) -> str:
    """The SHA-256 of the names and hashes of all files below a folder, a line for each as `sha256sum` writes it."""
    files = sorted(file for file in path.rglob("*") if file.is_file())
    lines = (f"{sha256(file)}  {file.relative_to(path).as_posix()}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def read_bytes(path: Path) -> bytes:
    """The contents of a file that an earlier stage wrote."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; `dvc repro` makes it") from None


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A partial file beside `path` that takes its place when all went well and vanishes otherwise.

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
    """Have an error of writing say of which file, as errors of opening do."""
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
            f"{path}: not a {kind.__name__} ({where}: {first['msg']}); "
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


def scratch_array(shape: tuple[int, ...], dtype: str, folder: Path = CACHE) -> NDArray[Any]:
    """A memory-mapped array in a nameless file of `folder`, which vanishes with the array or the process."""
    folder.mkdir(parents=True, exist_ok=True)
    with _named_in_errors(folder), tempfile.TemporaryFile(dir=folder) as file:
        array = np.memmap(file, dtype=np.dtype(dtype), mode="w+", shape=shape)
        _reserve(file.fileno())
        return array


def _reserve(descriptor: int) -> None:
    """Have the disk set a mapped file's whole length aside: a full disk is then an error here, not a signal later."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, os.fstat(descriptor).st_size)


def release(array: NDArray[Any]) -> None:
    """Give back the memory that the pages of a memory-mapped array hold; its contents stay, in the file."""
    pages = array.base
    if isinstance(pages, mmap.mmap) and hasattr(pages, "madvise"):
        pages.madvise(mmap.MADV_DONTNEED)
