import pytest
import torch

from transfer_report import storage
from transfer_report.models.heads import Network, build_head
from transfer_report.training import fit as module
from transfer_report.training.augmentation import build_augmentation
from transfer_report.training.checkpoints import Checkpoint
from transfer_report.training.epoch import evaluate, predict
from transfer_report.training.probe import probe
from transfer_report.training.run import train_run

CPU = torch.device("cpu")
TWO_STEPS = {"head_epochs": 6, "epochs": 3, "dropout": 0.5, "lr": 0.05}


@pytest.fixture(autouse=True)
def _checkpoints_in_a_folder_of_the_test(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "CACHE", tmp_path)


@pytest.fixture
def probed(backbone, study, condition):
    """A network whose head alone has been trained."""

    def build(**changes):
        how = condition(**TWO_STEPS | changes)
        network = Network(backbone(), build_head(6, 2, how.training.dropout, 0))
        probe(network, study(), how, 0, "float32", Checkpoint("tiny-head", share=1e9))
        return network, how

    return build


@pytest.fixture
def two_steps(probed, study):
    """Both steps; the run and its network's weights."""

    def start():
        network, how = probed()
        data = study(build_augmentation(["horizontal_flip", "brightness"], 8))
        run = train_run(network, data, how, 0, "float32", Checkpoint("tiny", share=1e9))
        Checkpoint("tiny-head").mark_done()
        return run, network.state_dict()

    return start


def same_bytes(one, other):
    (one, weights), (other, other_weights) = one, other
    return one.test_probabilities.tobytes() == other.test_probabilities.tobytes() and all(
        torch.equal(weights[name], other_weights[name]) for name in weights
    )


def test_the_head_learns_and_the_backbone_stays(probed, backbone, study):
    network, _ = probed()
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
    assert len(first[0].history.epochs) == TWO_STEPS["epochs"]
    assert first[0].history.trained_parameters == sum(
        value.numel() for name, value in first[1].items() if "running" not in name and "tracked" not in name
    )


@pytest.mark.parametrize("interrupted_in", [3, 6 + 2])
def test_interrupted_in_either_step_it_ends_as_if_nothing_had_happened(two_steps, monkeypatch, interrupted_in):
    whole = two_steps()
    storage.remove_checkpoints_of_done_runs()
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
    storage.remove_checkpoints_of_done_runs()
    assert storage.checkpoint_file("tiny-head").exists()
    assert same_bytes(whole, two_steps())
    storage.remove_checkpoints_of_done_runs()
    assert not list(storage.CACHE.rglob("*.pt"))
