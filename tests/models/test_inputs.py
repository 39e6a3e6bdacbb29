import pytest
import torch

from transfer_report.models.inputs import Normalisation

CPU = torch.device("cpu")


@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_bytes_become_normalised_colour(layout):
    images = torch.tensor([0, 255], dtype=torch.uint8).reshape(2, 1, 1, 1).expand(2, 4, 4, 1)
    out = Normalisation([0.5, 0.5, 0.25], [0.5, 0.25, 0.25], CPU, layout)(images)
    assert out.shape == (2, 3, 4, 4)
    assert out.is_contiguous(memory_format=layout)
    torch.testing.assert_close(out[0, :, 0, 0], torch.tensor([-1.0, -2.0, -1.0]))
    torch.testing.assert_close(out[1, :, 0, 0], torch.tensor([1.0, 2.0, 3.0]))


def test_colour_images_keep_their_channels():
    images = torch.tensor([10, 20, 30], dtype=torch.uint8).expand(1, 2, 2, 3)
    out = Normalisation([0.0] * 3, [1.0] * 3, CPU)(images)
    torch.testing.assert_close(255 * out[0, :, 1, 1], torch.tensor([10.0, 20.0, 30.0]))
