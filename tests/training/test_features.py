import numpy as np
import pytest
import torch

from transfer_report.models.freezing import freeze
from transfer_report.models.heads import Network, build_head
from transfer_report.models.inputs import Normalisation
from transfer_report.training import features as module
from transfer_report.training.checkpoints import Checkpoint
from transfer_report.training.examples import Examples, Features
from transfer_report.training.run import StudyData, train_run

CPU = torch.device("cpu")
NORMALISE = Normalisation([0.5] * 3, [0.25] * 3, CPU)


def extract(backbone, images):
    out = np.empty((len(images), 6), dtype=np.float32)
    module.extract_features(backbone, images, NORMALISE, "float32", out, lambda _: None)
    return out


def test_features_do_not_depend_on_the_batch(backbone, pictures, monkeypatch):
    images, _ = pictures(10, 0)
    whole = extract(backbone(), images)
    monkeypatch.setattr(module, "BATCH", 3)
    np.testing.assert_allclose(extract(backbone(), images), whole, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("scheduler", ["none", {"name": "CosineAnnealingLR"}])
def test_heads_on_features_are_the_frozen_network_trained_the_slow_way(backbone, study, condition, scheduler, tmp_path):
    images, how = study(), condition(scheduler=scheduler)
    slow_network = Network(freeze(backbone()), build_head(6, 2, 0.0, seed=1))
    slow = train_run(slow_network, images, how, 0, "float32", Checkpoint(str(tmp_path / "slow")))
    train, val, test = (
        Features(extract(backbone(), inputs.images), CPU)
        for inputs in (images.train.inputs, images.val.inputs, images.test)
    )
    fast_data = StudyData(Examples(train, images.train.labels), Examples(val, images.val.labels), test, 2)
    head = build_head(6, 2, 0.0, seed=1)
    fast = train_run(head, fast_data, how, 0, "float32", Checkpoint(str(tmp_path / "fast")))
    np.testing.assert_allclose(fast.test_probabilities, slow.test_probabilities, rtol=1e-4)
    torch.testing.assert_close(head.linear.weight, slow_network.head.linear.weight, rtol=1e-4, atol=1e-6)
    for one, other in zip(fast.history.epochs, slow.history.epochs, strict=True):
        assert one.model_dump() == pytest.approx(other.model_dump(), rel=1e-4)
    assert fast.history.trained_parameters == slow.history.trained_parameters == 14
