"""What the training stages read and write alike."""

from hashlib import sha256
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn

from transfer_report import models, storage, training
from transfer_report.errors import UserError
from transfer_report.models.backbones import check_architecture
from transfer_report.models.start_weights import load_backbone
from transfer_report.params import Condition
from transfer_report.records import DataDescription, ImageTable, Split, StartWeights
from transfer_report.training.checkpoints import Checkpoint, hash_of, run_fingerprint
from transfer_report.training.run import Run

STAGES = ("fine_tune", "probe_then_tune", "train_head", "training_files")
"""The stages that train, and what they share."""
HEAD_STEP = "head"
"""The step before a run in which its head learns alone."""


def read_description() -> DataDescription:
    """What the data set is."""
    return storage.read_record(storage.data_description_file(), DataDescription)


def read_labels(split: Split, device: torch.device) -> Tensor:
    """Labels of a split that training may see.

    Raises:
        UserError: the table has none.
    """
    table = storage.read_record(storage.table_file(split), ImageTable)
    if table.labels is None:
        raise UserError(f"{storage.table_file(split)}: has no labels; `dvc repro -f prepare` writes it anew")
    return torch.tensor(table.labels, device=device)


def read_backbone(model: str, expected_sha256: str) -> tuple[StartWeights, nn.Module]:
    """A model's start weights: their record, and the backbone that has them.

    Raises:
        UserError: they are not those that the plan was made for.
    """
    record = storage.read_record(storage.weights_record_file(model), StartWeights)
    path = storage.weights_file(model)
    content = path.read_bytes() if path.is_file() else b""
    if sha256(content).hexdigest() != expected_sha256:
        raise UserError(f"{path}: missing, or not the weights that the plan names; `dvc repro` writes both anew")
    check_architecture(record.architecture, str(storage.weights_record_file(model)))
    return record, load_backbone(record.architecture, content)[0]


def checkpoint(condition: Condition, seed: int, content_sha256: str, step: str = "") -> Checkpoint:
    """The checkpoint of a run, or of a step before it, under the hash of everything that decides its result."""
    return Checkpoint(run_fingerprint(_run_name(condition, seed, content_sha256, step)))


def has_checkpoint(condition: Condition, seed: int, content_sha256: str) -> bool:
    """Whether a run, or a step before it, has one, by however many threads it computes."""
    runs = (_run_name(condition, seed, content_sha256, step) for step in ("", HEAD_STEP))
    return any(map(storage.has_checkpoint, runs))


def _run_name(condition: Condition, seed: int, content_sha256: str, step: str) -> str:
    return hash_of(condition.model_dump_json(), str(seed), content_sha256, _code(), step)


def write_run(condition: Condition, seed: int, run: Run, network: nn.Module) -> None:
    """Write history and probabilities of a run, and its network where it is to be kept."""
    at = (condition.group, condition.name, seed)
    storage.write_record(storage.history_file(*at), run.history)
    storage.write_array(storage.probabilities_file(*at, "val"), run.val_probabilities)
    storage.write_array(storage.probabilities_file(*at, "test"), run.test_probabilities)
    storage.model_folder(*at).mkdir(parents=True, exist_ok=True)
    if keeps_model(condition, seed):
        weights = {name: value.contiguous().cpu() for name, value in network.state_dict().items()}
        storage.write_bytes(storage.kept_model_file(*at), save(weights))


def keeps_model(condition: Condition, seed: int) -> bool:
    """Whether the trained weights of this seed are kept."""
    return condition.keep_models == "all" or seed == condition.first_seed


def _code() -> str:
    """A hash of the code that decides how a run goes."""
    folders = (Path(str(package.__file__)).parent for package in (models, training))
    files = sorted(path for folder in folders for path in folder.rglob("*.py"))
    files += [Path(__file__).with_name(f"{name}.py") for name in STAGES]
    return sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
