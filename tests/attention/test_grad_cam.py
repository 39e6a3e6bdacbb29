import numpy as np
import pytest
import torch
from torch import nn

from transfer_report.attention.grad_cam import Layer, grad_cam, last_map_layer, likeness
from transfer_report.models.backbones import build_backbone
from transfer_report.models.heads import Network, build_head


def small_network():
    """One channel passes the image on; class 0 is its mean, class 1 the negative mean."""
    convolutions = nn.Sequential(nn.Conv2d(3, 1, 1, bias=False), nn.ReLU())
    network = Network(nn.Sequential(convolutions, nn.AdaptiveAvgPool2d(1), nn.Flatten()), build_head(1, 2, 0.0, 0))
    with torch.no_grad():
        convolutions[0].weight.fill_(1 / 3)
        network.head.linear.weight.copy_(torch.tensor([[1.0], [-1.0]]))
    return network.eval()


def test_the_map_of_a_network_solved_by_hand():
    image = torch.zeros(1, 3, 4, 4)
    image[0, :, 1, 2] = 8.0
    layer = Layer("backbone.0.1", 4)
    found = grad_cam(small_network(), layer, image, [0])
    # The weight of the one map is the mean of its gradient, 1 / 16; the map itself is the image.
    assert found[0, 1, 2] == pytest.approx(8 / 16)
    assert found.sum() == pytest.approx(8 / 16)
    # What speaks against a class is cut off.
    assert not grad_cam(small_network(), layer, image, [1]).any()


@pytest.mark.parametrize(
    ("architecture", "px", "layer"),
    [
        ("resnet18", 32, Layer("backbone.layer2", 4)),
        ("resnet18", 128, Layer("backbone.layer4", 4)),
        ("vit_b_32", 224, None),
    ],
)
def test_the_last_layer_with_maps_large_enough(architecture, px, layer):
    backbone, feature_count = build_backbone(architecture)
    network = Network(backbone, build_head(feature_count, 2, 0.0, 0)).eval()
    assert last_map_layer(network, torch.rand(1, 3, px, px)) == layer


def test_likeness_is_a_rank_correlation_and_flat_maps_have_none():
    rising = np.arange(16, dtype=np.float32).reshape(1, 4, 4)
    assert likeness(rising, rising**2) == pytest.approx(1)
    assert likeness(rising, -rising) == pytest.approx(-1)
    assert likeness(rising, np.zeros_like(rising)) is None
