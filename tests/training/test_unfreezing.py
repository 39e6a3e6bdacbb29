"""Blocks join one after the other, what waits stays as it is, and an interruption changes nothing."""

from itertools import pairwise

import pytest
import torch

from transfer_report.models.backbones import build_backbone
from transfer_report.models.blocks import freeze_blocks
from transfer_report.models.heads import Network, build_head
from transfer_report.training import fit
from transfer_report.training.checkpoints import Checkpoint
from transfer_report.training.run import train_run

ORDER = ["linear", "layer4", "layer3", "layer2"]


@pytest.fixture(autouse=True)
def _checkpoints_in_a_folder_of_the_test(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def train(study, condition):
    """Train the last three blocks of a ResNet; returns the run and the weights.

    With a share of 1e9, each epoch leaves a checkpoint, from which a next run goes on.
    """

    def start(share=0.0, **changes):
        how = condition(**{"epochs": 7, "unfreeze_every": 2, "weight_decay": 0.1, "lr": 1e-4} | changes)
        backbone, count = build_backbone("resnet18")
        frozen = freeze_blocks(backbone, "from layer2")
        network = Network(backbone, build_head(count, 2, 0.0, seed=0), frozen=frozen)
        run = train_run(network, study(), how, 0, "float32", Checkpoint("tiny", share))
        return run, network.state_dict()

    return start


@pytest.fixture
def weights_by_epoch(monkeypatch):
    """The weights at the start and after the updates of each epoch."""
    seen = []
    real = fit.train_one_epoch

    def weights(network):
        return {name: value.clone() for name, value in network.state_dict().items()}

    def noted(network, *arguments):
        seen.extend([weights(network)] if not seen else [])
        result = real(network, *arguments)
        seen.append(weights(network))
        return result

    monkeypatch.setattr(fit, "train_one_epoch", noted)
    return seen


@pytest.mark.parametrize("layer_decay", [1.0, 0.5])
def test_one_more_block_trains_every_two_epochs(train, weights_by_epoch, layer_decay):
    run, _ = train(batch_norm="recomputed", layer_decay=layer_decay)
    changed = [
        {name.split(".")[1] for name, value in after.items() if not torch.equal(value, before[name])}
        for before, after in pairwise(weights_by_epoch)
    ]
    assert changed == [set(ORDER[: 1 + epoch // 2]) for epoch in range(7)]
    trained = sum(one.numel() for name, one in build_backbone("resnet18")[0].named_parameters() if name[:6] in ORDER)
    assert run.history.trained_parameters == trained + 2 * 513


def test_an_interrupted_run_ends_as_if_nothing_had_happened(train, monkeypatch):
    whole, weights = train()
    real, calls = fit.train_one_epoch, iter(range(1, 99))

    def interrupted(*arguments):
        if next(calls) == 4:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(fit, "train_one_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(share=1e9)
    run, others = train()
    assert next(calls) == 4 + 4 + 1
    assert run.history == whole.history
    assert run.test_probabilities.tobytes() == whole.test_probabilities.tobytes()
    assert all(torch.equal(weights[name], others[name]) for name in weights)
