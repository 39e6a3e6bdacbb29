"""The results of one revision: predictions, settings and what was said of them."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from transfer_report import storage
from transfer_report.analysis.predictions import Predictions
from transfer_report.errors import UserError
from transfer_report.evaluation.metrics import Floats
from transfer_report.params import PARAMS_FILE
from transfer_report.records import Analysis, DataDescription, Evaluation
from transfer_report.revisions.lock import Lock
from transfer_report.revisions.outputs import place_outputs
from transfer_report.revisions.repository import Repository, Revision
from transfer_report.yaml_files import read_yaml

WANTED = (storage.EVALUATION, storage.PLAN, storage.data_description_file())
OPTIONAL = (storage.analysis_file(), storage.images_file("test"))


class KeptCondition(BaseModel):
    """A resolved condition as its plan has it; other versions of the program may know fewer settings, or more."""

    model_config = ConfigDict(extra="allow", frozen=True)
    group: str
    name: str
    model: str
    training: dict[str, Any]


@dataclass(frozen=True)
class Results:
    """A finished study at one revision."""

    revision: Revision
    evaluation: Evaluation
    conditions: Mapping[str, KeptCondition]
    """By key, in the order of the study."""
    predictions: Mapping[str, Predictions]
    """On the test images, by condition."""
    description: DataDescription
    data_settings: Mapping[str, Any]
    """`data` of params.yaml, as it was when the images were prepared."""
    data_hash: str
    """DVC's hash of what was read at `data.path`; empty where there was nothing to read."""
    analysis: Analysis | None
    """None where it is not kept, or was written by another version of the program."""
    images: NDArray[np.uint8] | None
    """Test images, (images, height, width, channels); None where they are not kept."""
    edited: bool
    """Whether params.yaml was edited after the results were made."""


@contextmanager
def results_of(repository: Repository, *revisions: Revision) -> Iterator[list[Results]]:
    """The results of revisions; their arrays may be used inside the block.

    Raises:
        UserError: nothing was run at a revision, its objects are nowhere, or another version of the program wrote them.
    """
    with ExitStack() as stack:
        found = []
        for revision in revisions:
            root = Path()
            if revision.commit:
                root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="transfer-report-")))
                place_outputs(repository, revision, WANTED, OPTIONAL, root)
            elif missing := [path for path in WANTED if not path.exists()]:
                raise UserError(
                    f"the workspace has no {missing[0]}; `dvc checkout` brings back what DVC's cache has, `dvc pull` "
                    "gets a colleague's, `dvc repro` makes it"
                )
            found.append(_read(revision, root))
        yield found


def _read(revision: Revision, root: Path) -> Results:
    lock = Lock(root / storage.LOCK)
    evaluated, planned = lock.dependency("evaluate", str(storage.PLAN)), lock.output("plan", str(storage.PLAN))
    if evaluated and evaluated != planned:
        raise UserError(
            f"{revision.label}: its results were made with other settings, and what is planned was not run to the end; "
            "`dvc repro` does so, for an experiment `dvc exp run` that names no stage before `analyse`"
        )
    try:
        evaluation = storage.read_record(root / storage.evaluation_file(), Evaluation)
        description = storage.read_record(root / storage.data_description_file(), DataDescription)
        keys = [one.condition for one in evaluation.conditions]
        conditions = {key: storage.read_record(_plan_file(root, key), KeptCondition) for key in keys}
    except UserError as error:
        what = str(error).removeprefix(f"{root}/")
        raise UserError(f"{revision.label}: {what}. Another version of the program may have written it") from None
    data = lock.settings("prepare").get("data", {})
    return Results(
        revision=revision,
        evaluation=evaluation,
        conditions=conditions,
        predictions={key: _predictions(root, key, evaluation) for key in keys},
        description=description,
        data_settings=data,
        data_hash=lock.dependency("prepare", _as_locked(data.get("path", ""))),
        analysis=_analysis(root),
        images=_images(root),
        edited=_settings(lock.settings("plan")) != _settings(read_yaml(root / PARAMS_FILE)),
    )


def _as_locked(path: str) -> str:
    """A path as DVC writes it: one inside the project from its root on."""
    here = Path().resolve()
    return Path(path).relative_to(here).as_posix() if Path(path).is_relative_to(here) else path


def _plan_file(root: Path, key: str) -> Path:
    group, name = key.split("/")
    return root / storage.condition_file(group, name)


def _predictions(root: Path, key: str, evaluation: Evaluation) -> Predictions:
    array = storage.open_array(root / storage.stacked_probabilities_file(key, "test"))
    labels, groups = np.asarray(evaluation.test_labels), np.asarray(evaluation.test_groups)
    return Predictions(key, "test", cast(Floats, array), labels, groups)


def _analysis(root: Path) -> Analysis | None:
    try:
        return storage.read_record(root / storage.analysis_file(), Analysis)
    except UserError:
        return None


def _images(root: Path) -> NDArray[np.uint8] | None:
    try:
        return cast(NDArray[np.uint8], storage.open_array(root / storage.images_file("test")))
    except UserError:
        return None


def _settings(tree: Mapping[str, Any]) -> dict[str, Any]:
    """All settings but those of the title page."""
    return {key: value for key, value in tree.items() if key != "report"}
