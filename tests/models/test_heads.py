import torch

from transfer_report.models.heads import build_head


def test_a_seed_draws_the_same_head_whatever_came_before():
    first = build_head(4, 3, 0.5, seed=1)
    torch.rand(5)
    second = build_head(4, 3, 0.0, seed=1)
    assert torch.equal(first.linear.weight, second.linear.weight)
    assert first(torch.rand(2, 4)).shape == (2, 3)


def test_dropout_acts_in_training_only():
    head = build_head(64, 2, 0.5, seed=0)
    features = torch.ones(1, 64)
    assert torch.equal(head.eval()(features), head(features))
    assert not torch.equal(head.train()(features), head(features))
