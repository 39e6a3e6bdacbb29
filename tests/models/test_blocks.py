"""Blocks are the network's own, hold each parameter once, and train or stay as a whole."""

import pytest
import torch

from transfer_report.errors import UserError
from transfer_report.models.backbones import backbone_of_shapes, build_backbone
from transfer_report.models.batch_norm import batch_norms
from transfer_report.models.blocks import blocks, check_trainable, freeze_blocks
from transfer_report.models.heads import Network, build_head

FAMILIES = {
    "resnet50": ["conv1", "layer1", "layer2", "layer3", "layer4"],
    "mobilenet_v2": [f"features.{number}" for number in range(19)],
    "vit_b_16": ["conv_proj", *(f"encoder.layers.encoder_layer_{number}" for number in range(12))],
    "regnet_y_400mf": ["stem", *(f"trunk_output.block{number}" for number in range(1, 5))],
    "efficientnet_lite0": ["_conv_stem", *(f"_blocks.{number}" for number in range(16)), "_conv_head"],
}


@pytest.mark.parametrize("architecture", FAMILIES)
def test_blocks_are_the_networks_own(architecture):
    assert [block.name for block in blocks(backbone_of_shapes(architecture))] == FAMILIES[architecture]


@pytest.mark.parametrize(
    "architecture", [*FAMILIES, "densenet121", "vgg11", "swin_t", "convnext_tiny", "googlenet", "shufflenet_v2_x0_5"]
)
def test_each_parameter_is_in_one_block(architecture):
    backbone = backbone_of_shapes(architecture)
    placed = [id(parameter) for block in blocks(backbone) for parameter in block.parameters]
    assert len(placed) == len(set(placed))
    assert set(placed) == set(map(id, backbone.parameters()))


@pytest.mark.parametrize(
    ("trainable", "names"),
    [
        ("all", {"conv1", "bn1", "layer1", "layer2", "layer3", "layer4"}),
        ("head", set()),
        ("last block", {"layer4"}),
        ("last 2 blocks", {"layer3", "layer4"}),
        ("from layer2", {"layer2", "layer3", "layer4"}),
    ],
)
def test_what_does_not_train_keeps_weights_statistics_and_mode(trainable, names):
    backbone, feature_count = build_backbone("resnet18")
    head = build_head(feature_count, 2, 0.5, seed=0)
    network = Network(backbone, head, frozen=freeze_blocks(backbone, trainable)).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    optimizer = torch.optim.SGD([one for one in network.parameters() if one.requires_grad], lr=0.1)
    for _ in range(2):
        network(torch.randn(4, 3, 32, 32)).square().sum().backward()
        optimizer.step()
    changed = {
        name.split(".")[1] for name, value in network.state_dict().items() if not torch.equal(value, before[name])
    }
    assert changed == names | {"linear"}
    assert head.dropout.training
    recomputed = {name.split(".")[0] for name, one in backbone.named_modules() if one in set(batch_norms(backbone))}
    assert recomputed <= names


@pytest.mark.parametrize(
    ("trainable", "message"),
    [
        ("last 6 blocks", r"here: resnet18 has 5 blocks: conv1, layer1, layer2, layer3, layer4"),
        ("from layer5", r"here: resnet18 has no block 'layer5'; did you mean 'layer"),
    ],
)
def test_blocks_that_there_are_not_are_refused(trainable, message):
    check_trainable("resnet18", "last 5 blocks", "here")
    with pytest.raises(UserError, match=message):
        check_trainable("resnet18", trainable, "here")
