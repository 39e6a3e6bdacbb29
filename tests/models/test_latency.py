import torch
from torch import nn

from transfer_report.models.latency import measure_latency
from transfer_report.params import Model


def test_latency_lies_between_its_extremes():
    model = Model(name="tiny", architecture="tiny", weights="random")
    latency = measure_latency(model, nn.Conv2d(3, 1, 1), torch.device("cpu"))
    assert 0 < latency.low <= latency.milliseconds_per_image <= latency.high
