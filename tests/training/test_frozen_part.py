"""Stored outputs of the frozen part give the bytes that computing them at every epoch gives."""

import pytest
import torch

from transfer_report.models.backbones import build_backbone
from transfer_report.models.blocks import freeze_blocks
from transfer_report.models.devices import Computing, channels_last
from transfer_report.models.heads import Network, build_head
from transfer_report.training import fit, frozen_part
from transfer_report.training.checkpoints import Checkpoint
from transfer_report.training.frozen_part import FrozenOutputs, StoredOutputs, behind_frozen
from transfer_report.training.run import train_run

CPU = torch.device("cpu")
ARCHITECTURES = ["resnet18", "efficientnet_lite0", "swin_t"]


@pytest.fixture(autouse=True)
def _scratch_files_in_a_folder_of_the_test(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def train(study, condition):
    """Run the tiny study behind the frozen part; returns the run, the weights, and how inputs were had.

    With a share of 1e9, each epoch leaves a checkpoint, from which a next run would go on.
    """

    def start(architecture="resnet18", trainable="last block", precision="float32", share=0.0, **changes):
        how = condition(epochs=2, batch_size=8, dropout=0.5, **changes)
        backbone, count = build_backbone(architecture)
        head = build_head(count, 2, 0.5, seed=0)
        network = channels_last(Network(backbone, head, frozen=freeze_blocks(backbone, trainable)))
        data = behind_frozen(network, study(), 8, Computing(CPU, precision), "tiny")
        run = train_run(network, data, how, 0, precision, Checkpoint("tiny", share))
        return run, network.state_dict(), data

    return start


def same_bytes(one, other, *, of_weights=True):
    (one, weights, _), (other, other_weights, _) = one, other
    return (
        one.history.model_dump_json() == other.history.model_dump_json()
        and one.val_probabilities.tobytes() == other.val_probabilities.tobytes()
        and one.test_probabilities.tobytes() == other.test_probabilities.tobytes()
        and all(torch.equal(weights[name], other_weights[name]) for name in weights if of_weights)
    )


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_bytes_are_those_without_storing(train, monkeypatch, architecture, precision):
    stored = train(architecture, precision=precision)
    monkeypatch.setattr(frozen_part, "MOST_STORED_BYTES", 0)
    computed = train(architecture, precision=precision)
    assert isinstance(stored[2].train.inputs, StoredOutputs)
    assert isinstance(computed[2].train.inputs, FrozenOutputs)
    # Of so small images some weights see padding alone, and their gradients in bfloat16 differ from run to run.
    assert same_bytes(stored, computed, of_weights=precision == "float32")


def test_blocks_that_train_later_are_behind_the_frozen_part(train, monkeypatch):
    changes = {"trainable": "last 2 blocks", "unfreeze_every": 1}
    stored = train(**changes)
    monkeypatch.setattr(frozen_part, "MOST_STORED_BYTES", 0)
    assert same_bytes(stored, train(**changes))
    assert isinstance(stored[2].train.inputs, StoredOutputs)


@pytest.mark.parametrize("trainable", ["head", "last 2 blocks"])
def test_it_trains_what_it_should(train, trainable):
    run, weights, _ = train(trainable=trainable)
    before = build_backbone("resnet18")[0].state_dict()
    changed = {
        name.split(".")[1]
        for name, value in weights.items()
        if name.startswith("backbone.") and not torch.equal(value, before[name.removeprefix("backbone.")])
    }
    assert changed == (set() if trainable == "head" else {"layer3", "layer4"})
    counted = [f"backbone.{block}." for block in changed] + ["head."]
    backbone = build_backbone("resnet18")[0]
    parameters = Network(backbone, build_head(512, 2, 0.5, seed=0)).named_parameters()
    assert run.history.trained_parameters == sum(
        value.numel() for name, value in parameters if name.startswith(tuple(counted))
    )


def test_nothing_is_stored_where_everything_trains(train, study):
    _, _, data = train(trainable="all")
    assert type(data.train.inputs) is type(study().train.inputs)


def test_stored_rows_are_the_rows(study):
    outputs = FrozenOutputs(
        study().train.inputs,
        torch.nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last),
        4,
        Computing(CPU, "float32"),
    )
    stored = StoredOutputs(outputs)
    rows = torch.tensor([7, 3, 24, 0, 1])
    one, other = stored.batch(rows), outputs.batch(rows)
    assert torch.equal(one, other)
    assert one.stride() == other.stride()
    assert len(stored) == len(outputs) == 25


def test_an_interrupted_run_ends_as_if_nothing_had_happened(train, monkeypatch):
    whole = train()
    real, calls = fit.train_one_epoch, iter(range(1, 9))

    def interrupted(*arguments):
        if next(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(fit, "train_one_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(share=1e9)
    assert same_bytes(whole, train())
    assert next(calls) == 4
