import numpy as np
import pytest

from transfer_report.data.decoding import BLOCK, decode_images
from transfer_report.data.source import Entry, Source
from transfer_report.errors import UserError


def source_of(images):
    return Source(["a", "b"], [Entry(f"{i}", 0, f"{i}", None) for i in range(len(images))], images.__getitem__)


GREY = [np.full((8, 12), value, dtype=np.uint8) for value in (1, 2, 3)]
COLOUR = np.dstack([GREY[0], GREY[1], GREY[2]])


def test_images_come_in_the_order_that_is_asked_for(tmp_path):
    decoded = decode_images(source_of(GREY), [2, 0], 4, "crop", tmp_path)
    assert decoded.pixels.shape == (2, 4, 4, 1)
    assert decoded.pixels[:, 0, 0, 0].tolist() == [3, 1]
    assert decoded.sizes.tolist() == [[12, 8], [12, 8]]
    assert decoded.ranges.tolist() == [0, 0]


def test_one_colour_image_makes_all_have_three_channels(tmp_path):
    decoded = decode_images(source_of([*GREY, COLOUR]), range(4), 4, "crop", tmp_path)
    assert decoded.pixels[:, 0, 0].tolist() == [[1, 1, 1], [2, 2, 2], [3, 3, 3], [1, 2, 3]]


def test_equal_squares_have_equal_digests(tmp_path):
    digests = decode_images(source_of([GREY[0], GREY[0], GREY[1]]), range(3), 4, "crop", tmp_path).digests
    first, second, other = map(bytes, digests)
    assert first == second != other


def test_more_images_than_a_block(tmp_path):
    images = [np.full((4, 4), i % 251, dtype=np.uint8) for i in range(BLOCK + 3)]
    decoded = decode_images(source_of(images), range(BLOCK + 3), 4, "crop", tmp_path)
    assert decoded.pixels[:, 0, 0, 0].tolist() == [i % 251 for i in range(BLOCK + 3)]


def test_a_broken_image_stops_it(tmp_path):
    def load(_):
        raise UserError("image.png: cannot be read")

    with pytest.raises(UserError, match="cannot be read"):
        decode_images(Source(["a", "b"], [], load), [0], 4, "crop", tmp_path)


def test_nothing_stays_behind(tmp_path):
    decode_images(source_of(GREY), range(3), 4, "crop", tmp_path)
    assert not list(tmp_path.iterdir())
