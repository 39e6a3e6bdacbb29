"""The two parts of a backbone are the whole, and the cut lies as far back as nothing trains or is random."""

import pytest
import torch
from torch import nn

from transfer_report.models.backbones import build_backbone
from transfer_report.models.blocks import freeze_blocks
from transfer_report.models.heads import Network, build_head
from transfer_report.models.splitting import split

CUTS = {
    "resnet18": (96, (256, 6, 6)),
    "mobilenet_v3_small": (64, (576,)),
    "efficientnet_lite0": (64, (320, 2, 2)),
    "densenet121": (64, (512, 2, 2)),
    "vgg11": (64, (25088,)),
    "vit_b_16": (224, (197, 768)),
    "swin_t": (64, (2, 2, 768)),
    "convnext_tiny": (64, (768, 2, 2)),
    "googlenet": (64, (832, 2, 2)),
    "regnet_y_400mf": (64, (208, 4, 4)),
}
"""Side of an image, and the shape of what leads from the frozen part of each network to its last block."""


def in_training(backbone, feature_count, trainable):
    frozen = freeze_blocks(backbone, trainable)
    return Network(backbone, build_head(feature_count, 2, 0.0, 0), frozen=frozen).train()


@pytest.mark.parametrize("architecture", CUTS)
def test_both_parts_together_are_the_network(architecture):
    image_px, shape = CUTS[architecture]
    backbone, feature_count = build_backbone(architecture)
    network = in_training(backbone, feature_count, "last block")
    modes = {name: module.training for name, module in network.named_modules()}
    cut = split(backbone)
    assert {name: module.training for name, module in network.named_modules()} == modes
    network.eval()
    images = torch.randn(2, 3, image_px, image_px)
    with torch.no_grad():
        between = cut.frozen(images)
        assert between.shape == (2, *shape)
        assert torch.equal(cut.rest(between), backbone(images))
    assert {id(one) for one in cut.rest.parameters()} == {id(one) for one in backbone.parameters() if one.requires_grad}


def test_nothing_is_cut_where_everything_trains():
    assert split(in_training(*build_backbone("resnet18"), "all").backbone) is None


class Between(nn.Module):
    """A frozen block, something between, and a block that trains."""

    def __init__(self, between):
        super().__init__()
        self.first, self.between, self.last = nn.Linear(4, 4), between, nn.Linear(4, 4)

    def forward(self, inputs):
        return self.last(self.between(self.first(inputs)))


class ByMode(Between):
    def forward(self, inputs):
        return self.last(self.first(inputs) if self.training else inputs)


class Twice(Between):
    def forward(self, inputs):
        return self.last(self.first(inputs) + self.between(inputs)) + inputs


@pytest.mark.parametrize(
    ("between", "is_before"), [(nn.ReLU(), True), (nn.Dropout(0.5), False), (nn.Dropout(0.0), True)]
)
def test_what_is_random_comes_after_the_cut(between, is_before):
    cut = split(in_training(Between(between), 4, "last block").backbone)
    assert (between in cut.frozen.modules()) is is_before
    assert (between in cut.rest.modules()) is not is_before


@pytest.mark.parametrize("kind", [ByMode, Twice])
def test_a_network_that_does_not_fall_into_two_parts_is_left_whole(kind):
    assert split(in_training(kind(nn.ReLU()), 4, "last block").backbone) is None
