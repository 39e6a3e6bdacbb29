import numpy as np
import pytest
import torch

from transfer_report import storage
from transfer_report.errors import UserError
from transfer_report.models.heads import Network, build_head
from transfer_report.training import fit as module
from transfer_report.training.augmentation import build_augmentation
from transfer_report.training.checkpoints import Checkpoint
from transfer_report.training.run import train_run

FULL = {
    "epochs": 5,
    "dropout": 0.5,
    "scheduler": {"name": "CosineAnnealingLR"},
    "class_weights": "balanced",
    "select_by": "loss",
}


@pytest.fixture(autouse=True)
def _checkpoints_in_a_folder_of_the_test(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "CACHE", tmp_path)


@pytest.fixture
def train(backbone, study, condition):
    """Run the tiny study; returns the run and its network's weights."""

    def start(seed=0, checkpoint=None, augmentation=(), **changes):
        how = condition(**changes)
        network = Network(backbone(), build_head(6, 2, how.training.dropout, seed))
        data = study(build_augmentation(augmentation, 8))
        run = train_run(network, data, how, seed, "float32", checkpoint or Checkpoint("tiny"))
        return run, network.state_dict()

    return start


def same_bytes(one, other):
    (one, weights), (other, other_weights) = one, other
    return (
        one.history.model_dump_json() == other.history.model_dump_json()
        and one.val_probabilities.tobytes() == other.val_probabilities.tobytes()
        and one.test_probabilities.tobytes() == other.test_probabilities.tobytes()
        and all(torch.equal(weights[name], other_weights[name]) for name in weights)
    )


def test_it_learns(train):
    run, _ = train(epochs=12)
    assert run.history.epochs[-1].train_loss < run.history.epochs[0].train_loss
    assert run.history.epochs[run.history.best_epoch - 1].val_accuracy >= 0.8
    np.testing.assert_allclose(run.test_probabilities.sum(axis=1), 1, rtol=1e-6)
    assert run.test_probabilities.shape == (6, 2)


def test_a_seed_repeats_and_another_differs(train):
    first = train(augmentation=["horizontal_flip", "brightness"], **FULL)
    assert same_bytes(first, train(augmentation=["horizontal_flip", "brightness"], **FULL))
    assert not same_bytes(first, train(seed=1, augmentation=["horizontal_flip", "brightness"], **FULL))


@pytest.mark.parametrize("optimizer", [{"name": "Adam"}, {"name": "SGD", "momentum": 0.9}, {"name": "RMSprop"}])
@pytest.mark.parametrize("interrupted_in", [2, 4])
def test_an_interrupted_run_ends_as_if_nothing_had_happened(train, monkeypatch, optimizer, interrupted_in):
    changes = FULL | {"optimizer": optimizer, "augmentation": ["rotation"]}
    whole = train(**changes)
    calls = iter(range(1, 100))
    real = module.train_one_epoch

    def interrupted(*arguments):
        if next(calls) == interrupted_in:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(module, "train_one_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(checkpoint=Checkpoint("tiny", share=1e9), **changes)
    trained_before = next(calls)
    assert same_bytes(whole, train(**changes))
    assert next(calls) - trained_before == 5 - (interrupted_in - 1) + 1
    storage.remove_checkpoints_of_done_runs(keep=[storage.checkpoint_file("tiny")])
    assert storage.checkpoint_file("tiny").exists()
    storage.remove_checkpoints_of_done_runs()
    assert not storage.checkpoint_file("tiny").parent.exists()


def test_a_damaged_checkpoint_is_ignored_with_a_note(train, capsys):
    whole = train()
    storage.write_bytes(storage.checkpoint_file("tiny"), b"half a file")
    assert same_bytes(whole, train())
    assert "not readable" in capsys.readouterr().err


def test_short_runs_write_no_checkpoint(train, monkeypatch):
    written = []
    monkeypatch.setattr(Checkpoint, "save", lambda *arguments: written.append(arguments))
    train()
    assert written == []


def test_the_best_epochs_weights_make_the_predictions(train):
    run, _ = train(epochs=6, lr=0.3, select_by="loss")
    losses = [epoch.val_loss for epoch in run.history.epochs]
    assert run.history.best_epoch == losses.index(min(losses)) + 1
    own = -np.log(run.val_probabilities[np.arange(10), np.arange(10) % 2]).mean()
    assert own == pytest.approx(min(losses), rel=1e-5)


def test_early_stopping(train):
    run, _ = train(epochs=50, lr=1e-12, early_stopping_patience=2)
    assert run.history.stopped_early
    assert len(run.history.epochs) == run.history.best_epoch + 2


def test_a_loss_that_is_no_number_names_run_and_epoch(train):
    with pytest.raises(UserError, match=r"fine_tuning/tiny, seed 0, epoch \d: .* lower `lr` than 1e\+30"):
        train(lr=1e30, optimizer={"name": "SGD"}, epochs=20)
