"""Heads that are solved for, not trained: a logistic regression on frozen features, by L-BFGS.

How strongly its weights are penalised is chosen by validation from a grid, so that neither learning rate nor number of
epochs stands between the features and what they reveal.
"""

import sys
import warnings
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from transfer_report.models.devices import Precision
from transfer_report.models.heads import Head
from transfer_report.planning import Condition
from transfer_report.records.training import Epoch, History, Penalty
from transfer_report.training.epoch import evaluate, predict
from transfer_report.training.examples import Examples, balanced_class_weights
from transfer_report.training.run import Run, StudyData, probabilities
from transfer_report.training.selection import is_better

PENALTIES = (100.0, 30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
"""From strong to weak: half of one times the sum of squared weights of standardised features joins the mean loss."""
MOST_STEPS = 1000
"""Of L-BFGS, which needs some dozens where the penalty is not weak."""

_Doubles = NDArray[np.float64]


def solve_run(head: Head, data: StudyData, condition: Condition, seed: int, precision: Precision) -> Run:
    """Solve a head for each penalty, leave it with the weights of the one that validates best, and predict by them.

    A tie goes to the stronger penalty. Nothing is drawn: every seed gives the same head.

    Args:
        head: on the device of the features; its dropout is not used.
        data: features of all splits.
        condition: with `head: solved`.
        seed: named in the history.
        precision: of predictions.
    """
    settings, device = condition.training, data.train.labels.device
    labels = data.train.labels.cpu()
    balanced = settings.class_weights == "balanced"
    class_weights = balanced_class_weights(labels, data.class_count) if balanced else torch.ones(data.class_count)
    chosen: Epoch | None = None
    for penalty, weight, bias in solutions(_rows(data.train), labels.numpy(), class_weights.double().numpy()):
        with torch.no_grad():
            head.linear.weight.copy_(torch.from_numpy(weight))
            head.linear.bias.copy_(torch.from_numpy(bias))
        logits = {name: predict(head, split.inputs, precision, device) for name, split in _seen(data)}
        scored = {name: evaluate(logits[name], split.labels.cpu(), class_weights) for name, split in _seen(data)}
        epoch = Epoch(
            epoch=1,
            lr=0.0,
            train_loss=scored["train"].loss,
            train_accuracy=scored["train"].accuracy,
            val_loss=scored["val"].loss,
            val_accuracy=scored["val"].accuracy,
        )
        if chosen is None or is_better(epoch, chosen, settings.select_by):
            chosen, val_logits, chosen_penalty = epoch, logits["val"], penalty
            state = {name: value.clone() for name, value in head.state_dict().items()}
    assert chosen is not None  # noqa: S101  # the grid is not empty
    head.load_state_dict(state)
    history = History(
        condition=str(condition.key),
        seed=seed,
        epochs=[chosen],
        best_epoch=chosen.epoch,
        stopped_early=False,
        trained_parameters=sum(value.numel() for value in head.parameters()),
        precision=precision,
        penalty=Penalty(
            value=chosen_penalty, tried=len(PENALTIES), at_edge=chosen_penalty in (PENALTIES[0], PENALTIES[-1])
        ),
        train_images=len(labels),
    )
    return Run(history, probabilities(val_logits), probabilities(predict(head, data.test, precision, device)))


def solutions(
    features: _Doubles, labels: NDArray[np.intp], class_weights: _Doubles
) -> Iterator[tuple[float, _Doubles, _Doubles]]:
    """Yield each penalty, from strong to weak, with the head that it leads to.

    Features are standardised by the training images, so that the penalty is fair to all of them; the head that is
    returned takes them as they are.

    Args:
        features: (images, features).
        labels: class indices; every class occurs.
        class_weights: of the loss, (classes,).

    Yields:
        penalty, weights (classes, features), biases (classes,).
    """
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    deviation[deviation == 0] = 1.0
    standardised = (features - mean) / deviation
    model = LogisticRegression(
        max_iter=MOST_STEPS, warm_start=True, class_weight=dict(enumerate(class_weights.tolist()))
    )
    for penalty in PENALTIES:
        # scikit-learn weighs the sum of losses by C against half the sum of squared weights.
        model.set_params(C=1 / (penalty * len(labels)))
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            try:
                model.fit(standardised, labels)
            except ConvergenceWarning:
                sys.stderr.write(f"penalties below {penalty:.3g}: not solved after {MOST_STEPS} steps; left out\n")
                return
        weight, bias = model.coef_ / deviation, model.intercept_ - (model.coef_ / deviation) @ mean
        if len(bias) == 1:  # of two classes, scikit-learn has the difference of their logits
            weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
        yield penalty, weight, bias


def _rows(examples: Examples) -> _Doubles:
    """All features of a split, (images, features)."""
    features: Tensor = examples.inputs.batch(torch.arange(len(examples.inputs)))
    values: _Doubles = features.cpu().double().numpy()
    return values


def _seen(data: StudyData) -> tuple[tuple[str, Examples], ...]:
    return ("train", data.train), ("val", data.val)
