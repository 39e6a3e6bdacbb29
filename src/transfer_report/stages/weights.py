"""Stage `weights`: finds or draws the weights that each model starts from."""

from pathlib import Path

from transfer_report.errors import UserError, first_few
from transfer_report.files import write_bytes, write_record
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.log import log
from transfer_report.models.backbones import check_architecture
from transfer_report.models.initial_weights import check_weights, how_to_get, initial_weights
from transfer_report.planning import models
from transfer_report.records.models import Match
from transfer_report.yaml_files import read_yaml

_MOST_LEFT_OUT = 4
"""Tensors of a file without a place in the network that are named."""


def main() -> None:
    """Write each model's initial weights, with a record of where they come from."""
    params = load_params()
    planned = models(params)
    for model in planned:
        check_architecture(model.architecture, f"params.yaml: models.{model.name}")
        check_weights(model)
    notes = []
    for model in planned:
        record, content = initial_weights(model, params.weights)
        write_bytes(HERE.weights_file(model.name), content)
        write_record(HERE.weights_record_file(model.name), record)
        if record.match:
            log.info("%s: %s", model.name, _account(record.origin, record.match))
        if record.is_missing:
            notes.append(
                f"{model.name} starts from random weights, not from ImageNet's: {record.reason}.\n"
                f"  To have the real ones: {how_to_get(model, params.weights)}."
            )
    if notes:
        refuse_lost_files(Path(params.weights.path), HERE.lock)
    for note in notes:
        log.warning("NOTE: %s", note)


def _account(file: str, match: Match) -> str:
    """Return an account of the tensors that went into the network."""
    prefix = f", below {match.prefix!r}" if match.prefix else ""
    grey = "; its first layer takes grey images, and was spread over three channels" if match.grey else ""
    left = f"; left out: {first_few(match.left_out, _MOST_LEFT_OUT)}" if match.left_out else ""
    return f"all {match.tensors} tensors come from {file}{prefix}{grey}{left}"


def refuse_lost_files(folder: Path, lock: Path) -> None:
    """Refuse random weights where the last results started from more files than there are now.

    A clone, or the copy that an experiment runs in, lacks weight files that DVC does not track.

    Raises:
        UserError: naming the folder and how to have DVC track its files.
    """
    if not lock.is_file():
        return
    stage = read_yaml(lock, largest=None).get("stages", {}).get("weights", {})
    before = next((dep.get("nfiles", 0) for dep in stage.get("deps", []) if dep.get("path") == folder.as_posix()), 0)
    now = sum(path.is_file() for path in folder.rglob("*"))
    if now < before:
        raise UserError(
            f"{folder}: the last results started from {before} files, here are {now}, so networks would start from "
            f"random weights instead. `dvc add {folder}/NAME.pth` and a commit of its .dvc file have copies get them; "
            "where random weights are meant, set `weights: random` for the model"
        )
