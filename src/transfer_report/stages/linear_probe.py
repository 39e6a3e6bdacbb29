"""Stage `linear_probe`: trains new heads on frozen features, all seeds of one condition in one process."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from transfer_report.conditions import ConditionKey
from transfer_report.files import open_array, read_record
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.models.devices import set_up
from transfer_report.models.heads import Head, Network, build_head
from transfer_report.planning import Condition
from transfer_report.records.base import Split
from transfer_report.training.checkpoints import checkpoint_of, remove_checkpoints_of_done_runs
from transfer_report.training.examples import Examples, Features
from transfer_report.training.run import Run, StudyData, train_run
from transfer_report.training.run_files import (
    keeps_model,
    read_backbone,
    read_description,
    read_labels,
    write_run,
)
from transfer_report.training.seeding import stream_seed
from transfer_report.training.solved import solve_run
from transfer_report.training.subsets import Subset


def main(name: str) -> None:
    """Train all runs of the linear-probe condition of that name and write their histories and predictions."""
    condition = read_record(HERE.condition_file(ConditionKey("linear_probe", name)), Condition)
    seeds = load_params().seeds[condition.key.strategy]
    for seed, run, head in probed(condition, dict.fromkeys(seeds)):
        write_run(condition, seed, run, _whole_network(condition, head) if keeps_model(condition, seed) else head)


def probed(condition: Condition, subsets: Mapping[int, Subset | None]) -> Iterator[tuple[int, Run, Head]]:
    """Yield the runs of a linear-probe condition with their seeds, and the head as each run leaves it.

    Args:
        condition: of linear probe.
        subsets: of the images, by the seed of the run; None: as they are split.
    """
    computing = set_up(condition.compute)
    description = read_description()
    data = read_features(condition.model, len(description.classes), computing.device)
    content = description.content_sha256
    resume = {
        seed: checkpoint_of(condition, seed, content, "", subset.name if subset else "")
        for seed, subset in subsets.items()
    }
    remove_checkpoints_of_done_runs(keep=[one.path for one in resume.values()])
    solved: Run | None = None
    for seed, subset in subsets.items():
        own = subset.of(data) if subset else data
        if solved is None or subset:
            head = new_head(condition, own, seed, computing.device)
        if condition.training.head == "trained":
            run = train_run(head, own, condition, seed, computing.precision, resume[seed])
        elif subset:
            run = solve_run(head, own, condition, seed, computing.precision)
        else:  # the same head for every seed
            solved = solved or solve_run(head, data, condition, seed, computing.precision)
            run = replace(solved, history=solved.history.model_copy(update={"seed": seed}))
        yield seed, run, head


def new_head(condition: Condition, data: StudyData, seed: int, device: torch.device) -> Head:
    """The head of a run before its training."""
    feature_count = data.val.inputs.batch(torch.arange(1)).shape[1]
    head = build_head(feature_count, data.class_count, condition.training.dropout, stream_seed(seed, "head"))
    return head.to(device)


def read_features(model: str, class_count: int, device: torch.device) -> StudyData:
    """The features of all splits."""

    def features(split: Split) -> Features:
        array = open_array(HERE.features_file(model, split))
        return Features(cast("NDArray[np.float32]", array), device)

    return StudyData(
        train=Examples(features("train"), read_labels("train", device)),
        val=Examples(features("val"), read_labels("val", device)),
        test=features("test"),
        class_count=class_count,
    )


def _whole_network(condition: Condition, head: Head) -> nn.Module:
    _, backbone = read_backbone(condition.model, condition.initial_weights_sha256)
    return Network(backbone, head)
