"""A solved head is the minimum of its penalised loss, and the one that validates best."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from transfer_report.models.heads import build_head
from transfer_report.training.examples import Examples, Features
from transfer_report.training.run import StudyData
from transfer_report.training.solved import PENALTIES, solutions, solve_run

CPU = torch.device("cpu")


def drawn(count, classes, seed, spread=1.0):
    """Features whose class means differ by their scales, one of them constant."""
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    features = generator.normal(0, spread, (count, 5)) + np.eye(5)[labels] * 1.5
    return features * [1, 100, 0.01, 1, 0] + [0, 7, 0, 0, 3], labels


@pytest.fixture
def data():
    def build(classes=2, spread=1.0):
        splits = [drawn(count, classes, seed, spread) for seed, count in enumerate((60, 40, 20))]
        (train, val, test) = (
            Examples(Features(features.astype(np.float32), CPU), torch.from_numpy(labels))
            for features, labels in splits
        )
        return StudyData(train=train, val=val, test=test.inputs, class_count=classes)

    return build


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0), (0.5, 2.0, 1.0)])
def test_each_head_is_a_minimum_of_the_mean_loss_and_its_penalty(classes, weights):
    features, labels = drawn(90, classes, 3)
    for penalty, weight, bias in list(solutions(features, labels, np.array(weights[:classes])))[:7:3]:
        deviation = torch.from_numpy(np.where(features.std(0) == 0, 1, features.std(0)))
        standardised = torch.from_numpy(weight).mul(deviation).requires_grad_()
        centred = torch.from_numpy(bias + weight @ features.mean(0)).requires_grad_()
        rows = torch.from_numpy(features - features.mean(0)) / deviation
        class_weights = torch.tensor(weights[:classes], dtype=torch.float64)
        loss = functional.cross_entropy(
            rows @ standardised.T + centred, torch.from_numpy(labels), weight=class_weights, reduction="sum"
        ) / len(labels)  # fmt: skip
        # Of two classes, the weights of the difference of their logits are penalised.
        squares = (standardised[1] - standardised[0]).square().sum() if classes == 2 else standardised.square().sum()
        (loss + penalty / 2 * squares).backward()
        assert max(standardised.grad.abs().max(), centred.grad.abs().max()) < 1e-3


def test_validation_chooses_the_penalty_and_predictions_are_those_of_its_head(data, condition):
    study = data(spread=3.0)
    head = build_head(5, 2, 0.5, seed=1)
    run = solve_run(head, study, condition(head="solved"), 4, "float32")
    scores = {}
    for penalty, weight, bias in solutions(
        study.train.inputs.features.double().numpy(), study.train.labels.numpy(), np.ones(2)
    ):
        logits = study.val.inputs.features.double().numpy() @ weight.T + bias
        scores[penalty] = (logits.argmax(1) == study.val.labels.numpy()).mean()
    history = run.history
    assert history.penalty.tried == len(scores) == len(PENALTIES)
    assert scores[history.penalty.value] == max(scores.values()) > min(scores.values())
    assert history.kept.val_accuracy == pytest.approx(max(scores.values()))
    assert (len(history.epochs), history.best_epoch, history.trained_parameters) == (1, 1, 12)
    assert (run.val_probabilities.argmax(1) == study.val.labels.numpy()).mean() == pytest.approx(max(scores.values()))
    assert run.test_probabilities.shape == (20, 2)


def test_every_seed_gives_the_same_head(data, condition):
    runs = [
        solve_run(build_head(5, 3, 0.0, seed), data(3), condition(head="solved"), seed, "float32") for seed in (0, 1)
    ]
    np.testing.assert_array_equal(runs[0].test_probabilities, runs[1].test_probabilities)


def test_a_penalty_at_the_end_of_the_grid_is_marked(data, condition):
    easy = solve_run(
        build_head(5, 2, 0.0, 0), data(spread=0.01), condition(head="solved", select_by="loss"), 0, "float32"
    )
    assert easy.history.penalty.at_edge
    assert easy.history.penalty.value == PENALTIES[-1]
