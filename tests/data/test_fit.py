import numpy as np
import pytest

from transfer_report.data.fit import fit_square

# Three squares side by side: dark, middle, bright.
WIDE = np.repeat(np.array([[10, 100, 200]], dtype=np.uint8), 8, axis=0).repeat(8, axis=1)  # (8, 24)


def test_crop_keeps_the_middle():
    assert (fit_square(WIDE, 8, "crop") == 100).all()


def test_pad_adds_black_above_and_below():
    padded = fit_square(WIDE, 24, "pad")
    assert (padded[:8] == 0).all()
    assert (padded[16:] == 0).all()
    assert (padded[8:16] == WIDE).all()


def test_squash_keeps_everything():
    squashed = fit_square(WIDE, 8, "squash")
    assert squashed.shape == (8, 8)
    assert squashed[0, 0] == 10
    assert squashed[0, -1] == 200


@pytest.mark.parametrize("fit", ["crop", "pad", "squash"])
def test_a_square_of_the_right_side_is_left_alone(fit):
    square = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    assert np.array_equal(fit_square(square, 8, fit), square)


def test_reduction_is_antialiased():
    stripes = np.tile(np.array([0, 255], dtype=np.uint8), (64, 32))
    assert np.abs(fit_square(stripes, 8, "crop").astype(int) - 127).max() <= 10
