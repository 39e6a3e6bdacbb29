"""Stage `train_head`: trains new heads on frozen features, all seeds of one condition in one process."""

from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from transfer_report import storage
from transfer_report.models.devices import set_up
from transfer_report.models.heads import Head, Network, build_head
from transfer_report.params import Condition, load_params
from transfer_report.records import Split
from transfer_report.stages.run import run_stage
from transfer_report.stages.training_files import (
    checkpoint,
    keeps_model,
    read_backbone,
    read_description,
    read_labels,
    write_run,
)
from transfer_report.training.examples import Examples, Features
from transfer_report.training.run import StudyData, train_run
from transfer_report.training.seeding import stream_seed


def main(name: str) -> None:
    """Train all runs of the fixed-features condition of that name and write their histories and predictions."""
    condition = storage.read_record(storage.condition_file("fixed_features", name), Condition)
    computing = set_up(condition)
    description = read_description()
    data = read_features(condition.model, len(description.classes), computing.device)
    feature_count = data.test.batch(torch.arange(1)).shape[1]
    resume = {seed: checkpoint(condition, seed, description.content_sha256) for seed in load_params().seeds}
    storage.remove_checkpoints_of_done_runs(keep=[one.path for one in resume.values()])
    for seed in resume:
        head = build_head(feature_count, data.class_count, condition.training.dropout, stream_seed(seed, "head"))
        run = train_run(head.to(computing.device), data, condition, seed, computing.precision, resume[seed])
        write_run(condition, seed, run, _whole_network(condition, head) if keeps_model(condition, seed) else head)


def read_features(model: str, class_count: int, device: torch.device) -> StudyData:
    """The features of all splits."""

    def features(split: Split) -> Features:
        array = storage.open_array(storage.features_file(model, split))
        return Features(cast("NDArray[np.float32]", array), device)

    return StudyData(
        train=Examples(features("train"), read_labels("train", device)),
        val=Examples(features("val"), read_labels("val", device)),
        test=features("test"),
        class_count=class_count,
    )


def _whole_network(condition: Condition, head: Head) -> nn.Module:
    _, backbone = read_backbone(condition.model, condition.start_weights_sha256)
    return Network(backbone, head)


if __name__ == "__main__":
    run_stage(main)
