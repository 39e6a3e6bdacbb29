"""The files that all training stages read and write."""

from hashlib import sha256
from pathlib import Path

import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from transfer_report.errors import UserError
from transfer_report.files import read_record, write_array, write_bytes, write_record
from transfer_report.layout import HERE, history_in, probabilities_in
from transfer_report.models.backbones import build_backbone, check_architecture
from transfer_report.models.heads import Network, build_head
from transfer_report.models.initial_weights import load_backbone
from transfer_report.planning import Condition
from transfer_report.records.base import Split
from transfer_report.records.data import DataDescription, ImageTable
from transfer_report.records.models import InitialWeights
from transfer_report.training.run import Run
from transfer_report.training.subsets import Fold, TrainFraction, folds_of, fraction_of


def read_description() -> DataDescription:
    """Return the description of the data set."""
    return read_record(HERE.data_description_file(), DataDescription)


def read_labels(split: Split, device: torch.device) -> Tensor:
    """Labels of a split that training may see.

    Raises:
        UserError: the table has none.
    """
    table = read_record(HERE.table_file(split), ImageTable)
    if table.labels is None:
        raise UserError(f"{HERE.table_file(split)}: has no labels; `dvc repro -f prepare` writes it again")
    return torch.tensor(table.labels, device=device)


def read_backbone(model: str, expected_sha256: str) -> tuple[InitialWeights, nn.Module]:
    """A model's initial weights: their record, and the backbone that has them.

    Raises:
        UserError: they are not those that the plan was made for.
    """
    record = read_record(HERE.weights_record_file(model), InitialWeights)
    path = HERE.weights_file(model)
    content = path.read_bytes() if path.is_file() else b""
    if sha256(content).hexdigest() != expected_sha256:
        raise UserError(f"{path}: missing, or not the weights that the plan names; `dvc repro` writes both again")
    check_architecture(record.architecture, str(HERE.weights_record_file(model)))
    return record, load_backbone(record.architecture, content)[0]


def read_trained(condition: Condition, seed: int, class_count: int) -> tuple[InitialWeights, Network]:
    """The kept network of a run, and the record of the weights that it started from.

    Raises:
        UserError: it was not kept.
    """
    record = read_record(HERE.weights_record_file(condition.model), InitialWeights)
    check_architecture(record.architecture, str(HERE.weights_record_file(condition.model)))
    path = HERE.kept_model_file(condition.key, seed)
    if not path.is_file():
        raise UserError(
            f"{path}: missing; `dvc checkout` or `dvc pull` brings it, else `dvc repro` trains the run again"
        )
    backbone, feature_count = build_backbone(record.architecture)
    network = Network(backbone, build_head(feature_count, class_count, 0.0, seed))
    network.load_state_dict(load(path.read_bytes()))
    return record, network


def write_predictions(folder: Path, run: Run) -> None:
    """Write history and probabilities of a run into its folder."""
    write_record(history_in(folder), run.history)
    write_array(probabilities_in(folder, "val"), run.val_probabilities)
    write_array(probabilities_in(folder, "test"), run.test_probabilities)


def read_fraction(fraction: float, seed: int) -> TrainFraction:
    """Return the fraction of the training images that the run of a seed trains on."""
    table = read_record(HERE.table_file("train"), ImageTable)
    return fraction_of(table.labels or [], table.patients, fraction, seed)


def read_folds(folds: int, repeats: int, val_fraction: float, seed: int) -> list[Fold]:
    """Return the folds of training and validation images; patients of both names are one."""
    tables = [read_record(HERE.table_file(split), ImageTable) for split in ("train", "val")]
    labels = [label for table in tables for label in table.labels or []]
    patients = [patient for table in tables for patient in table.patients]
    return folds_of(labels, patients, folds, repeats, val_fraction, seed)


def write_run(condition: Condition, seed: int, run: Run, network: nn.Module) -> None:
    """Write history and probabilities of a run, and its network where it is to be kept."""
    at = (condition.key, seed)
    write_predictions(HERE.run_folder(*at), run)
    HERE.model_folder(*at).mkdir(parents=True, exist_ok=True)
    if keeps_model(condition, seed):
        weights = {name: value.contiguous().cpu() for name, value in network.state_dict().items()}
        write_bytes(HERE.kept_model_file(*at), save(weights))


def keeps_model(condition: Condition, seed: int) -> bool:
    """Return whether the trained weights of this seed are kept."""
    return condition.keep_models == "all" or seed == condition.first_seed
