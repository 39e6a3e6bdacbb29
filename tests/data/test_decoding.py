from dataclasses import fields

import numpy as np
import pytest
from PIL import Image

from transfer_report.data import workers
from transfer_report.data.decoding import DecodedImages, decode_images
from transfer_report.data.image_file import read_image
from transfer_report.data.source import Entries, Entry, Source
from transfer_report.data.workers import FEW_ROWS
from transfer_report.errors import UserError


def source_of(images):
    return Source(["a", "b"], Entries(Entry(f"{i}", 0, f"{i}", None) for i in range(len(images))), images.__getitem__)


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


def test_processes_and_threads_give_the_same(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    source = source_of([rng.integers(0, 256, (20, 30, 3), dtype=np.uint8) for _ in range(2 * FEW_ROWS)])
    many = decode_images(source, range(2 * FEW_ROWS), 16, "crop", tmp_path)
    monkeypatch.setattr(workers, "FEW_ROWS", 2 * FEW_ROWS)
    few = decode_images(source, range(2 * FEW_ROWS), 16, "crop", tmp_path)
    for field in fields(DecodedImages):
        assert np.array_equal(getattr(many, field.name), getattr(few, field.name))
    assert len(np.unique(many.hashes, axis=0)) == 2 * FEW_ROWS


@pytest.mark.parametrize("count", [2, 2 * FEW_ROWS])
def test_a_huge_image_stops_it(tmp_path, monkeypatch, count):
    Image.fromarray(GREY[0]).save(tmp_path / "huge.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    with pytest.raises(UserError, match=r"huge\.png: has more than 50 pixels"):
        decode_images(Source(["a"], Entries([]), lambda _: read_image(tmp_path / "huge.png")), range(count), 4, "crop",
                      tmp_path)  # fmt: skip


def test_a_broken_image_stops_it(tmp_path):
    def load(_):
        raise UserError("image.png: cannot be read")

    with pytest.raises(UserError, match="cannot be read"):
        decode_images(Source(["a", "b"], Entries([]), load), [0], 4, "crop", tmp_path)


def test_nothing_stays_behind(tmp_path):
    decode_images(source_of(GREY), range(3), 4, "crop", tmp_path)
    assert not list(tmp_path.iterdir())
