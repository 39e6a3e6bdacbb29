"""The results of one revision: predictions, settings and what was said of them."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from transfer_report.analysis.clinical.records import Clinical
from transfer_report.analysis.failures import failed_runs
from transfer_report.analysis.predictions import Predictions
from transfer_report.before_rename import translate_results, translate_settings
from transfer_report.conditions import ConditionKey
from transfer_report.errors import UserError
from transfer_report.evaluation.metrics import Floats
from transfer_report.files import open_array, read_record
from transfer_report.layout import HERE, Layout
from transfer_report.records.analysis import Analysis
from transfer_report.records.data import DataDescription
from transfer_report.records.evaluation import Evaluation
from transfer_report.revisions.lock import Lock
from transfer_report.revisions.outputs import place_outputs
from transfer_report.revisions.repository import Repository, Revision
from transfer_report.yaml_files import read_yaml

Kept = TypeVar("Kept", Analysis, Clinical)

WANTED = (HERE.evaluation, HERE.plan, HERE.data_description_file())
OPTIONAL = (HERE.analysis_file(), HERE.clinical_file(), HERE.images_file("test"))


class KeptCondition(BaseModel):
    """A resolved condition as its plan has it; other versions of the program may know fewer settings, or more."""

    model_config = ConfigDict(extra="allow", frozen=True)
    strategy: str
    name: str
    model: str
    training: dict[str, Any]
    compute: dict[str, Any] = {}


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
    clinical: Clinical | None
    """The same of the clinical numbers."""
    images: NDArray[np.uint8] | None
    """Test images, (images, height, width, channels); None where they are not kept."""
    edited: bool
    """True if params.yaml was edited after the results were made."""

    @cached_property
    def failed_conditions(self) -> set[str]:
        """Conditions with failed runs."""
        return {run.condition for run in failed_runs(self.evaluation.conditions)}


@contextmanager
def results_of(repository: Repository, *revisions: Revision) -> Iterator[list[Results]]:
    """The results of revisions; their arrays may be used inside the block.

    Raises:
        UserError: nothing was run at a revision, its objects are nowhere, or another version of the program wrote them.
    """
    with ExitStack() as stack:
        found = []
        for revision in revisions:
            layout = HERE
            if revision.commit:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="transfer-report-"))
                layout = Layout(Path(folder))
                place_outputs(repository, revision, WANTED, OPTIONAL, layout.root)
                translate_results(layout)
            elif missing := [path for path in WANTED if not path.exists()]:
                raise UserError(
                    f"the workspace has no {missing[0]}; `dvc checkout` brings back what DVC's cache has, `dvc pull` "
                    "gets a colleague's, `dvc repro` makes it"
                )
            found.append(_read(revision, layout))
        yield found


def _read(revision: Revision, layout: Layout) -> Results:
    lock = Lock(layout.lock)
    evaluated, planned = lock.dependency("evaluate", str(HERE.plan)), lock.output("plan", str(HERE.plan))
    if evaluated and evaluated != planned:
        raise UserError(
            f"{revision.label}: its results were made with other settings, and what is planned was not run to the end; "
            "`dvc repro` does so, for an experiment `dvc exp run` that names no stage before `analyse`"
        )
    try:
        evaluation = read_record(layout.evaluation_file(), Evaluation)
        description = read_record(layout.data_description_file(), DataDescription)
        keys = [ConditionKey.parse(one.condition) for one in evaluation.conditions]
        conditions = {str(key): read_record(layout.condition_file(key), KeptCondition) for key in keys}
    except UserError as error:
        what = str(error).removeprefix(f"{layout.root}/")
        raise UserError(f"{revision.label}: {what}. Another version of the program may have written it") from None
    data = translate_settings(lock.settings("prepare").get("data", {}))
    return Results(
        revision=revision,
        evaluation=evaluation,
        conditions=conditions,
        predictions={str(key): _predictions(layout, key, evaluation) for key in keys},
        description=description,
        data_settings=data,
        data_hash=lock.dependency("prepare", _as_locked(data.get("path", ""))),
        analysis=_kept(layout.analysis_file(), Analysis),
        clinical=_kept(layout.clinical_file(), Clinical),
        images=_images(layout),
        edited=_settings(lock.settings("plan")) != _settings(read_yaml(layout.params)),
    )


def _as_locked(path: str) -> str:
    """A path as DVC writes it: one inside the project from its root on."""
    here = Path().resolve()
    return Path(path).relative_to(here).as_posix() if Path(path).is_relative_to(here) else path


def _predictions(layout: Layout, key: ConditionKey, evaluation: Evaluation) -> Predictions:
    array = open_array(layout.stacked_probabilities_file(key, "test"))
    labels, clusters = np.asarray(evaluation.test_labels), np.asarray(evaluation.test_patients)
    return Predictions(str(key), "test", cast(Floats, array), labels, clusters)


def _kept(path: Path, kind: type[Kept]) -> Kept | None:
    try:
        return read_record(path, kind)
    except UserError:
        return None


def _images(layout: Layout) -> NDArray[np.uint8] | None:
    try:
        return cast(NDArray[np.uint8], open_array(layout.images_file("test")))
    except UserError:
        return None


def _settings(tree: Mapping[str, Any]) -> dict[str, Any]:
    """All settings but those of the title page."""
    return {key: value for key, value in tree.items() if key != "report"}
