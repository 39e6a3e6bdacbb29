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


class Tokens(nn.Module):
    """Places as tokens behind one of the class, (batch, tokens, channels), or as maps with channels last."""

    def __init__(self, layout):
        super().__init__()
        self.layout = layout

    def forward(self, maps):
        places = maps.permute(0, 2, 3, 1)
        if self.layout == "channels_last":
            return places
        return torch.cat([torch.ones(len(maps), 1, maps.shape[1]), places.flatten(1, 2)], dim=1)


class MeanOfPlaces(nn.Module):
    def forward(self, outputs):
        return outputs[:, 1:].mean(dim=1) if outputs.ndim == 3 else outputs.mean(dim=(1, 2))


@pytest.mark.parametrize("layout", ["tokens", "channels_last"])
def test_tokens_laid_out_by_their_places_are_the_map(layout):
    network = small_network()
    convolutions = network.backbone[0]
    network = Network(nn.Sequential(convolutions, Tokens(layout), MeanOfPlaces()), network.head).eval()
    image = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    expected = grad_cam(small_network(), Layer("backbone.0.1", 4), image, [0])
    np.testing.assert_allclose(grad_cam(network, Layer("backbone.1", 4, layout), image, [0]), expected)
    assert expected.any()
    assert network(image).equal(network(image))  # nothing is left hooked


@pytest.mark.parametrize(
    ("architecture", "px", "layer"),
    [
        ("resnet18", 32, Layer("backbone.layer2", 4)),
        ("resnet18", 128, Layer("backbone.layer4", 4)),
        ("swin_t", 64, Layer("backbone.features.5.5.norm2", 4, "channels_last")),
        ("vit_b_32", 224, Layer("backbone.encoder.layers.encoder_layer_11.ln_1", 7, "tokens")),
    ],
)
def test_the_last_layer_with_maps_large_enough(architecture, px, layer):
    backbone, feature_count = build_backbone(architecture)
    network = Network(backbone, build_head(feature_count, 2, 0.0, 0)).eval()
    assert last_map_layer(network, torch.rand(1, 3, px, px)) == layer


def test_a_filter_of_the_image_alone_tells_no_place():
    network = Network(
        nn.Sequential(nn.Conv2d(3, 1, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()), build_head(1, 2, 0.0, 0)
    )
    assert last_map_layer(network.eval(), torch.rand(1, 3, 8, 8)) is None


def test_likeness_is_a_rank_correlation_and_flat_maps_have_none():
    rising = np.arange(16, dtype=np.float32).reshape(1, 4, 4)
    assert likeness(rising, rising**2) == pytest.approx(1)
    assert likeness(rising, -rising) == pytest.approx(-1)
    assert likeness(rising, np.zeros_like(rising)) is None
