"""Stage `fine_tune`: trains every layer of one condition's network by one seed."""

from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from transfer_report.conditions import ConditionKey
from transfer_report.files import open_array, read_record
from transfer_report.layout import HERE
from transfer_report.models.blocks import freeze_blocks
from transfer_report.models.devices import Computing, channels_last, set_up
from transfer_report.models.heads import Network, build_head
from transfer_report.models.inputs import Normalisation
from transfer_report.planning import Condition
from transfer_report.records.base import Split
from transfer_report.records.data import DataDescription
from transfer_report.records.models import InitialWeights
from transfer_report.training.augmentation import build_augmentation
from transfer_report.training.checkpoints import HEAD_STEP, checkpoint_of, remove_checkpoints_of_done_runs
from transfer_report.training.examples import Examples, Images
from transfer_report.training.frozen_part import behind_frozen
from transfer_report.training.probe import probe
from transfer_report.training.run import StudyData, Trained, Trainer, train_run
from transfer_report.training.run_files import (
    read_backbone,
    read_description,
    read_labels,
    write_run,
)
from transfer_report.training.seeding import stream_seed
from transfer_report.training.subsets import Subset


def main(name: str, seed: int) -> None:
    """Train one run of the fine-tuning condition of that name and write its history and predictions."""
    train_condition(ConditionKey("fine_tuning", name), seed)


def train_condition(key: ConditionKey, seed: int) -> None:
    """Train one run of a condition and write its history and predictions."""
    condition = read_record(HERE.condition_file(key), Condition)
    run, network = train_network(condition, seed, train_run)
    write_run(condition, seed, run, network)


def train_network(
    condition: Condition, seed: int, train: Trainer[Trained], subset: Subset | None = None
) -> tuple[Trained, Network]:
    """Train a condition's network or the last blocks of it, after its head alone where that is set.

    Args:
        condition: of fine-tuning or LP-FT.
        seed: of the run.
        train: trains, and returns what is kept of it.
        subset: of the images; None: as they are split.

    Returns:
        what the trainer returns, and the network with the weights of its best epoch.
    """
    computing = set_up(condition.compute)
    precision = computing.precision
    description = read_description()
    weights, backbone = read_backbone(condition.model, condition.initial_weights_sha256)
    head = build_head(
        weights.feature_count, len(description.classes), condition.training.dropout, stream_seed(seed, "head")
    )
    network = Network(
        backbone,
        head,
        frozen_statistics=condition.training.batch_norm == "frozen",
        frozen=freeze_blocks(backbone, condition.training.trainable),
    ).to(computing.device)
    channels_last(network)
    content = description.content_sha256
    resume, resume_head = (
        checkpoint_of(condition, seed, content, step, subset.name if subset else "") for step in ("", HEAD_STEP)
    )
    remove_checkpoints_of_done_runs(keep=[resume.path, resume_head.path])
    probed = None
    if condition.training.head_epochs:
        data = read_images(description, weights, computing)
        data = subset.of(data) if subset else data
        probed = probe(network, data, condition, seed, precision, resume_head)
    augment = build_augmentation(condition.training.augmentation, condition.compute.image_px)
    data = read_images(description, weights, computing, augment)
    data = subset.of(data) if subset else data
    if not augment:
        name = f"{condition.key}, seed {seed}"
        data = behind_frozen(network, data, condition.training.batch_size, computing, name)
    trained = train(network, data, condition, seed, precision, resume, probed)
    resume_head.mark_done()
    return trained, network


def read_images(
    description: DataDescription,
    weights: InitialWeights,
    computing: Computing,
    augment: Callable[[Tensor], Tensor] | None = None,
) -> StudyData:
    """The prepared images, memory-mapped, as this network wants them; those of training augmented."""
    normalise = Normalisation(weights.mean, weights.std, computing.device)

    def array(split: Split) -> NDArray[np.uint8]:
        return cast("NDArray[np.uint8]", open_array(HERE.images_file(split)))

    return StudyData(
        train=Examples(Images(array("train"), normalise, augment), read_labels("train", computing.device)),
        val=Examples(Images(array("val"), normalise), read_labels("val", computing.device)),
        test=Images(array("test"), normalise),
        class_count=len(description.classes),
    )
