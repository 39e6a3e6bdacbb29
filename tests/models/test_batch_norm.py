import pytest
import torch
from torch import nn

from transfer_report.models.backbones import build_backbone
from transfer_report.models.batch_norm import natural_noise, recompute_from_noise


def test_noise_is_standardised_grey_and_repeats():
    images = natural_noise(4, 32, seed=3)
    assert images.shape == (4, 3, 32, 32)
    assert torch.equal(images[:, 0], images[:, 2])
    assert images.mean(dim=(2, 3)).abs().max() < 1e-5
    assert images.std(dim=(2, 3)) == pytest.approx(1, abs=1e-3)
    assert torch.equal(images, natural_noise(4, 32, seed=3))


def test_low_frequencies_are_stronger():
    power = torch.fft.fft2(natural_noise(16, 32, seed=0)[:, 0]).abs()
    assert power[:, 0, 1].mean() > 4 * power[:, 0, 8].mean()


def test_a_random_backbone_has_features_of_its_own_after_settling():
    backbone, _ = build_backbone("mobilenet_v2", 0)
    image = natural_noise(8, 32, seed=1)
    with torch.no_grad():
        before = backbone.eval()(image).std()
        recompute_from_noise(backbone, 0)
        after = backbone.eval()(image).std()
    assert before < 1e-6
    assert after > 1e-2


def test_momentum_and_weights_stay():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, momentum=0.3))
    weights = network[0].weight.clone()
    recompute_from_noise(network, 0)
    assert network[1].momentum == 0.3
    assert torch.equal(network[0].weight, weights)
    assert not torch.equal(network[1].running_mean, torch.zeros(4))


class Refusing(nn.Module):
    def forward(self, _):
        raise AssertionError("was run")


def test_only_a_network_with_batch_norm_is_run():
    recompute_from_noise(Refusing(), 0)
    with pytest.raises(AssertionError, match="was run"):
        recompute_from_noise(nn.Sequential(nn.BatchNorm2d(3), Refusing()), 0)
