"""Stage `fine_tune`: trains every layer of one condition's network by one seed."""

from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from transfer_report import storage
from transfer_report.models.devices import Computing, lay_out, set_up
from transfer_report.models.heads import Network, build_head
from transfer_report.models.inputs import Normalisation
from transfer_report.params import Condition, Group
from transfer_report.records import DataDescription, Split, StartWeights
from transfer_report.stages.run import run_stage
from transfer_report.stages.training_files import (
    HEAD_STEP,
    checkpoint,
    read_backbone,
    read_description,
    read_labels,
    write_run,
)
from transfer_report.training.augmentation import build_augmentation
from transfer_report.training.examples import Examples, Images
from transfer_report.training.probe import probe
from transfer_report.training.run import StudyData, train_run
from transfer_report.training.seeding import stream_seed


def main(name: str, seed: int) -> None:
    """Train one run of the fine-tuning condition of that name and write its history and predictions."""
    tune("fine_tuning", name, seed)


def tune(group: Group, name: str, seed: int) -> None:
    """Train one run of a condition whose whole network trains, after its head alone where the condition says so."""
    condition = storage.read_record(storage.condition_file(group, name), Condition)
    computing = set_up(condition)
    precision = computing.precision
    description = read_description()
    weights, backbone = read_backbone(condition.model, condition.start_weights_sha256)
    head = build_head(
        weights.feature_count, len(description.classes), condition.training.dropout, stream_seed(seed, "head")
    )
    network = Network(backbone, head).to(computing.device)
    lay_out(network, computing.layout)
    content = description.content_sha256
    resume, resume_head = (checkpoint(condition, seed, content, step) for step in ("", HEAD_STEP))
    storage.remove_checkpoints_of_done_runs(keep=[resume.path, resume_head.path])
    if condition.training.head_epochs:
        data = read_images(description, weights, computing)
        probe(network, data, condition, seed, precision, resume_head)
    augment = build_augmentation(condition.training.augmentation, condition.image_px)
    data = read_images(description, weights, computing, augment)
    run = train_run(network, data, condition, seed, precision, resume)
    resume_head.mark_done()
    write_run(condition, seed, run, network)


def read_images(
    description: DataDescription,
    weights: StartWeights,
    computing: Computing,
    augment: Callable[[Tensor], Tensor] | None = None,
) -> StudyData:
    """The prepared images, memory-mapped, as this network wants them; those of training augmented."""
    normalise = Normalisation(weights.mean, weights.std, computing.device, computing.layout)

    def array(split: Split) -> NDArray[np.uint8]:
        return cast("NDArray[np.uint8]", storage.open_array(storage.images_file(split)))

    return StudyData(
        train=Examples(Images(array("train"), normalise, augment), read_labels("train", computing.device)),
        val=Examples(Images(array("val"), normalise), read_labels("val", computing.device)),
        test=Images(array("test"), normalise),
        class_count=len(description.classes),
    )


if __name__ == "__main__":
    run_stage(main)
