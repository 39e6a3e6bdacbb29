import numpy as np
import pytest
import torch

from transfer_report.errors import UserError
from transfer_report.files import write_bytes
from transfer_report.layout import HERE
from transfer_report.models.heads import Network, build_head
from transfer_report.training import fit as module
from transfer_report.training.augmentation import build_augmentation
from transfer_report.training.checkpoints import Checkpoint, remove_checkpoints_of_done_runs
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
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def train(backbone, study, condition):
    """Run the tiny study; returns the run and its network's weights."""

    def start(seed=0, checkpoint=None, augmentation=(), **changes):
        how = condition(**changes)
        frozen = how.training.batch_norm == "frozen"
        network = Network(backbone(), build_head(6, 2, how.training.dropout, seed), frozen_statistics=frozen)
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
    assert run.history.kept.val_accuracy >= 0.8
    np.testing.assert_allclose(run.test_probabilities.sum(axis=1), 1, rtol=1e-6)
    assert run.test_probabilities.shape == (6, 2)


def test_a_seed_repeats_and_another_differs(train):
    first = train(augmentation=["horizontal_flip", "brightness"], **FULL)
    assert same_bytes(first, train(augmentation=["horizontal_flip", "brightness"], **FULL))
    assert not same_bytes(first, train(seed=1, augmentation=["horizontal_flip", "brightness"], **FULL))


@pytest.mark.parametrize("optimizer", [{"name": "Adam"}, {"name": "SGD", "momentum": 0.9}, {"name": "RMSprop"}])
@pytest.mark.parametrize(("interrupted_in", "batch_norm"), [(2, "running"), (4, "recomputed"), (4, "frozen")])
def test_an_interrupted_run_ends_as_if_nothing_had_happened(train, monkeypatch, optimizer, interrupted_in, batch_norm):
    changes = FULL | {"optimizer": optimizer, "augmentation": ["rotation"], "batch_norm": batch_norm}
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
    remove_checkpoints_of_done_runs(keep=[HERE.checkpoint_file("tiny")])
    assert HERE.checkpoint_file("tiny").exists()
    remove_checkpoints_of_done_runs()
    assert not HERE.checkpoint_file("tiny").parent.exists()


def test_a_damaged_checkpoint_is_ignored_with_a_note(train, caplog):
    whole = train()
    write_bytes(HERE.checkpoint_file("tiny"), b"half a file")
    assert same_bytes(whole, train())
    assert "not readable" in caplog.text


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


def statistics(weights):
    return weights["backbone.1.running_mean"], weights["backbone.1.running_var"]


def test_recomputed_statistics_are_those_of_the_unaugmented_training_images(train, backbone, study):
    _, weights = train(batch_norm="recomputed", augmentation=["brightness"])
    convolution = backbone()[0]
    convolution.load_state_dict(
        {name.rpartition(".")[2]: value for name, value in weights.items() if name.startswith("backbone.0.")}
    )
    rows = study().train.inputs
    with torch.no_grad():
        values = convolution(rows.batch(torch.arange(len(rows))))  # (images, 6, 6, 6)
    means, variances = statistics(weights)
    assert torch.allclose(means, values.mean(dim=(0, 2, 3)), atol=1e-5)
    assert torch.allclose(variances, values.var(dim=(0, 2, 3)), rtol=1e-4)


def test_which_statistics_score_a_network_changes_no_update(train):
    running, recomputed = train(batch_norm="running"), train(batch_norm="recomputed")
    for one, other in zip(running[0].history.epochs, recomputed[0].history.epochs, strict=True):
        assert (one.train_loss, one.train_accuracy) == (other.train_loss, other.train_accuracy)
    assert running[0].history.epochs[0].val_loss != recomputed[0].history.epochs[0].val_loss


def test_frozen_statistics_stay_and_weights_train(train, backbone):
    _, weights = train(batch_norm="frozen")
    assert all(map(torch.equal, statistics(weights), (torch.zeros(6), torch.ones(6))))
    assert not torch.equal(weights["backbone.1.weight"], backbone()[1].weight)


def test_at_most_a_thousand_images_give_the_statistics(monkeypatch, train):
    seen = []
    monkeypatch.setattr(module, "STATISTICS_IMAGES", 20)
    monkeypatch.setattr(module, "recompute_statistics", lambda _, batches: seen.extend(len(batch) for batch in batches))
    train(batch_norm="recomputed", epochs=1)
    assert sum(seen) == 20


def test_early_stopping(train):
    run, _ = train(epochs=50, lr=1e-12, early_stopping_patience=2)
    assert run.history.stopped_early
    assert len(run.history.epochs) == run.history.best_epoch + 2


def test_a_loss_that_is_no_number_names_run_and_epoch(train):
    with pytest.raises(UserError, match=r"fine_tuning/tiny, seed 0, epoch \d: .* lower `lr` than 1e\+30"):
        train(lr=1e30, optimizer={"name": "SGD"}, epochs=20)
