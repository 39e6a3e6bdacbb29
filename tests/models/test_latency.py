import torch
from torch import nn

from transfer_report.models.latency import is_busy, measure_latency
from transfer_report.planning import Model


def test_latency_is_the_shortest_of_the_passes():
    model = Model(name="tiny", architecture="tiny", weights="random")
    latency = measure_latency(model, nn.Conv2d(3, 1, 1), torch.device("cpu"))
    assert 0 < latency.milliseconds_per_image <= latency.median


def test_a_busy_machine_is_noticed():
    assert not is_busy([10.0, 11.0, 14.9, 15.0, 90.0])
    assert is_busy([10.0, 15.1, 15.1, 600.0, 610.0])
