import pytest
import torch

from transfer_report.training.epoch import batches, evaluate


@pytest.mark.parametrize(
    ("count", "batch_size", "lengths"),
    [(8, 4, [4, 4]), (10, 4, [4, 4, 2]), (9, 4, [4, 5]), (1, 4, [1]), (3, 1, [1, 1, 1]), (3, 8, [3])],
)
def test_batches_hold_every_row_once_and_no_single_one_is_left_over(count, batch_size, lengths):
    order = torch.randperm(count)
    parts = batches(count, batch_size, order)
    assert [len(part) for part in parts] == lengths
    assert torch.equal(torch.cat(parts), order)


def test_figures_of_a_small_case_by_hand():
    logits = torch.tensor([[0.0, 0.0], [0.0, 0.0], [torch.log(torch.tensor(3.0)), 0.0]])
    figures = evaluate(logits, torch.tensor([0, 1, 1]), torch.ones(2))
    assert figures.accuracy == 1 / 3  # a tie goes to the first class
    assert figures.loss == pytest.approx((2 * 0.693147 + 1.386294) / 3, abs=1e-6)


def test_class_weights_weigh_the_mean():
    logits = torch.tensor([[torch.log(torch.tensor(3.0)), 0.0], [0.0, 0.0]])
    figures = evaluate(logits, torch.tensor([0, 1]), torch.tensor([3.0, 1.0]))
    assert figures.loss == pytest.approx((3 * 0.287682 + 0.693147) / 4, abs=1e-6)
