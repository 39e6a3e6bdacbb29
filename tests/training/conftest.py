import numpy as np
import pytest
import torch
from torch import nn

from transfer_report.models.inputs import Normalisation
from transfer_report.planning import ComputeSettings, Condition
from transfer_report.settings import TrainingSettings
from transfer_report.training.examples import Examples, Images
from transfer_report.training.run import StudyData

CPU = torch.device("cpu")
NORMALISE = Normalisation([0.5] * 3, [0.25] * 3, CPU)


@pytest.fixture
def settings():
    """Training settings, with some of them changed."""
    values = {
        "lr": 0.01,
        "epochs": 4,
        "head_epochs": 0,
        "head_lr": 0.01,
        "head": "trained",
        "trainable": "all",
        "layer_decay": 1.0,
        "batch_norm": "recomputed",
        "batch_size": 8,
        "optimizer": {"name": "Adam"},
        "scheduler": "none",
        "weight_decay": 0.0,
        "dropout": 0.0,
        "augmentation": [],
        "class_weights": "none",
        "early_stopping_patience": 0,
        "select_by": "accuracy",
    }
    return lambda **changes: TrainingSettings(**values | changes)


@pytest.fixture
def condition(settings):
    def build(**changes):
        return Condition(
            strategy="fine_tuning",
            name="tiny",
            model="tiny",
            training=settings(**changes),
            compute=ComputeSettings(image_px=8, precision="float32", device="cpu", threads=1),
            keep_models="none",
            initial_weights_sha256="0",
        )

    return build


@pytest.fixture
def pictures():
    """Bright and dark grey images with noise: (images, labels) of a split."""

    def draw(count, seed):
        generator = np.random.default_rng(seed)
        labels = np.arange(count) % 2
        levels = 110 + 30 * labels[:, None, None, None]
        images = (levels + generator.normal(0, 40, (count, 8, 8, 1))).clip(0, 255).astype(np.uint8)
        return images, torch.from_numpy(labels)

    return draw


@pytest.fixture
def study(pictures):
    """A tiny study: 25 images to train on (the last batch holds one), 10 to validate, 6 to test."""

    def build(augment=None):
        (train, train_labels), (val, val_labels), (test, _) = (pictures(n, s) for s, n in enumerate((25, 10, 6)))
        return StudyData(
            train=Examples(Images(train, NORMALISE, augment), train_labels),
            val=Examples(Images(val, NORMALISE), val_labels),
            test=Images(test, NORMALISE),
            class_count=2,
        )

    return build


@pytest.fixture
def backbone():
    """A small network with batch norm, the same at each call."""

    def build():
        with torch.random.fork_rng():
            torch.manual_seed(0)
            return nn.Sequential(
                nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
            )

    return build
