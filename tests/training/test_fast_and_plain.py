"""What makes a study fast (bfloat16, channels last) changes digits of its numbers, and none of its verdicts."""

from itertools import combinations

import numpy as np
import pytest
import torch
from torch import nn

from transfer_report.analysis.comparisons import Question, uncorrected
from transfer_report.analysis.decisions import Statements, decide
from transfer_report.analysis.predictions import Predictions
from transfer_report.models.heads import Network, build_head
from transfer_report.models.inputs import Normalisation
from transfer_report.training.checkpoints import Checkpoint
from transfer_report.training.examples import Examples, Images
from transfer_report.training.run import StudyData, train_run

SEEDS = (0, 1, 2, 3, 4)
CONDITIONS = {"baseline": {"lr": 0.01}, "lr": {"lr": 1e-6}, "dropout": {"lr": 0.01, "dropout": 0.1}}
QUESTION = Question(metric="accuracy", family="table", margin=0.1, confidence=0.95, resamples=100, seed=0)


@pytest.fixture
def network():
    """A small network as deep as it takes for rounding to matter, with a head drawn by a seed."""

    def build(seed, dropout):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            blocks = [
                nn.Sequential(nn.Conv2d(channels, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU())
                for channels in (3, 16, 16)
            ]
        backbone = nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        return Network(backbone, build_head(16, 2, dropout, seed))

    return build


@pytest.fixture
def studied(pictures, condition, network, tmp_path):
    """The test predictions of every condition, computed in one way."""
    (train, train_labels), (val, val_labels), (test, test_labels) = (
        pictures(n, seed) for seed, n in enumerate((64, 32, 200))
    )

    def study(precision, layout):
        normalise = Normalisation([0.5] * 3, [0.25] * 3, torch.device("cpu"), layout)
        data = StudyData(
            Examples(Images(train, normalise), train_labels), Examples(Images(val, normalise), val_labels),
            Images(test, normalise), 2,
        )  # fmt: skip
        found = {}
        for name, changes in CONDITIONS.items():
            how = condition(**changes)
            probabilities = [
                train_run(
                    network(seed, how.training.dropout).to(memory_format=layout), data, how, seed, precision,
                    Checkpoint(str(tmp_path / f"{precision}-{name}-{seed}")),
                ).test_probabilities
                for seed in SEEDS
            ]  # fmt: skip
            clusters = np.arange(len(test_labels))
            found[name] = Predictions(name, "test", np.stack(probabilities), test_labels.numpy(), clusters)
        return found

    return study


def judged(found):
    pairs = list(combinations(found, 2))
    asked = [uncorrected(found[first], found[second], QUESTION) for first, second in pairs]
    compared = decide(Statements(comparisons=asked), 0.05).comparisons
    return {pair: one.verdict for pair, one in zip(pairs, compared, strict=True)}


def test_the_same_study_fast_and_plain_has_the_same_verdicts(studied):
    fast, plain = studied("bfloat16", torch.channels_last), studied("float32", torch.contiguous_format)
    assert judged(fast) == judged(plain)
    assert judged(plain) == {
        ("baseline", "lr"): "worse", ("baseline", "dropout"): "equivalent", ("lr", "dropout"): "better",
    }  # fmt: skip
    for name in CONDITIONS:
        assert not np.array_equal(fast[name].probabilities, plain[name].probabilities)
        assert fast[name].correct.mean() == pytest.approx(plain[name].correct.mean(), abs=0.03)
