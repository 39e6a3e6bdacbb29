import pytest
import torch

from transfer_report.layout import HERE
from transfer_report.models.heads import Network, build_head
from transfer_report.training import fit as module
from transfer_report.training.augmentation import build_augmentation
from transfer_report.training.checkpoints import Checkpoint, remove_checkpoints_of_done_runs
from transfer_report.training.epoch import evaluate, predict
from transfer_report.training.probe import probe
from transfer_report.training.run import train_run

CPU = torch.device("cpu")
TWO_STEPS = {"head_epochs": 6, "head_lr": 0.05, "epochs": 3, "dropout": 0.5, "lr": 0.05}


@pytest.fixture(autouse=True)
def _checkpoints_in_a_folder_of_the_test(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def probed(backbone, study, condition):
    """A network whose head alone has been trained."""

    def build(**changes):
        how = condition(**TWO_STEPS | changes)
        frozen = how.training.batch_norm == "frozen"
        network = Network(backbone(), build_head(6, 2, how.training.dropout, 0), frozen_statistics=frozen)
        kept = probe(network, study(), how, 0, "float32", Checkpoint("tiny-head", share=1e9))
        return network, how, kept

    return build


@pytest.fixture
def two_steps(probed, study):
    """Both steps; the run and its network's weights."""

    def start(**changes):
        network, how, kept = probed(**changes)
        data = study(build_augmentation(["horizontal_flip", "brightness"], 8))
        run = train_run(network, data, how, 0, "float32", Checkpoint("tiny", share=1e9), kept)
        Checkpoint("tiny-head").mark_done()
        return run, network.state_dict()

    return start


def same_bytes(one, other):
    (one, weights), (other, other_weights) = one, other
    return one.test_probabilities.tobytes() == other.test_probabilities.tobytes() and all(
        torch.equal(weights[name], other_weights[name]) for name in weights
    )


def test_the_head_learns_and_the_backbone_stays(probed, backbone, study):
    network, _, _ = probed()
    before = backbone().state_dict()
    assert all(torch.equal(value, before[name]) for name, value in network.backbone.state_dict().items())
    assert all(parameter.requires_grad for parameter in network.parameters())
    val = study().val
    fresh = Network(backbone(), build_head(6, 2, 0.0, 0))
    losses = [
        evaluate(predict(one, val.inputs, "float32", CPU), val.labels, torch.ones(2)).loss for one in (fresh, network)
    ]
    assert losses[1] < losses[0]


def test_both_steps_repeat_and_the_history_is_that_of_the_second(two_steps):
    first = two_steps()
    assert same_bytes(first, two_steps())
    assert [epoch.epoch for epoch in first[0].history.epochs] == list(range(TWO_STEPS["epochs"] + 1))
    assert first[0].history.trained_parameters == sum(
        value.numel() for name, value in first[1].items() if "running" not in name and "tracked" not in name
    )


def test_the_probe_is_epoch_0_and_kept_where_fine_tuning_is_no_better(probed, two_steps):
    network, _, kept = probed()
    run, weights = two_steps(lr=1e-12, batch_norm="frozen")
    assert run.history.best_epoch == 0
    assert run.history.kept.train_loss == kept.train_loss
    assert run.history.epochs[0].lr == TWO_STEPS["head_lr"]
    assert (run.history.kept.val_loss, run.history.kept.val_accuracy) == pytest.approx(
        (kept.val_loss, kept.val_accuracy)
    )
    assert all(torch.equal(value, network.state_dict()[name]) for name, value in weights.items())


def test_patience_counts_from_the_probe(two_steps):
    run, _ = two_steps(lr=1e-12, epochs=9, early_stopping_patience=2, batch_norm="frozen")
    assert [epoch.epoch for epoch in run.history.epochs] == [0, 1, 2]
    assert run.history.stopped_early


@pytest.mark.parametrize("interrupted_in", [3, 6 + 2])
def test_interrupted_in_either_step_it_ends_as_if_nothing_had_happened(two_steps, monkeypatch, interrupted_in):
    whole = two_steps()
    remove_checkpoints_of_done_runs()
    calls = iter(range(1, 100))
    real = module.train_one_epoch

    def interrupted(*arguments):
        if next(calls) == interrupted_in:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(module, "train_one_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        two_steps()
    # As another run does that starts meanwhile.
    remove_checkpoints_of_done_runs()
    assert HERE.checkpoint_file("tiny-head").exists()
    assert same_bytes(whole, two_steps())
    remove_checkpoints_of_done_runs()
    assert not list(HERE.cache.rglob("*.pt"))
