import torch
from torch import nn

from transfer_report.models.freezing import freeze
from transfer_report.models.heads import Head, Network


def test_frozen_means_weights_statistics_and_dropout():
    backbone = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    network = Network(freeze(backbone), Head(4, 2, 0.0)).train()
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    images = torch.rand(8, 3, 8, 8)
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    network(images).sum().backward()
    optimizer.step()
    assert all(torch.equal(before[name], value) for name, value in backbone.state_dict().items())
    assert torch.equal(backbone(images), backbone(images))
    assert not any(parameter.requires_grad for parameter in backbone.parameters())
    assert network.head.linear.weight.grad is not None
