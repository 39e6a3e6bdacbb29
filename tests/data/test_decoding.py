import re
from dataclasses import fields

import numpy as np
import pytest
from PIL import Image

from transfer_report.data import decoding, workers
from transfer_report.data.decoding import DecodedImages, decode_images
from transfer_report.data.image_file import read_image
from transfer_report.data.reading import READ_WHOLE, ImageFiles
from transfer_report.data.source import Entries, Entry, Source
from transfer_report.data.workers import FEW_ROWS
from transfer_report.errors import UserError
from transfer_report.files import scratch_array


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


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A source of many files, so that an interruption keeps what is done, and the positions that were read."""
    monkeypatch.setattr(decoding, "RESUMED_FROM", 2 * FEW_ROWS)
    rng = np.random.default_rng(0)
    for number in range(2 * FEW_ROWS):
        Image.fromarray(rng.integers(0, 256, (20, 30), dtype=np.uint8)).save(tmp_path / f"{number}.png")
    names = [f"{number}.png" for number in range(2 * FEW_ROWS)]
    made = ImageFiles(tmp_path, np.array(names, dtype=np.dtypes.StringDType()), READ_WHOLE)
    read = scratch_array((len(names),), "int64", tmp_path / "read")

    def source(stops_at=-1):
        def load(index):
            if index == stops_at:
                raise UserError("stopped")
            read[index] += 1
            return made.load(index)

        return Source(["a", "b"], Entries(Entry(name, 0, name, None) for name in names), load, stamp=made.stamp)

    return source, read


def test_an_interrupted_start_is_taken_up(files, tmp_path, caplog):
    source, read = files
    everything = range(len(read))
    with pytest.raises(UserError, match="stopped"):
        decode_images(source(stops_at=100), everything, 16, "crop", tmp_path / "cache")
    done = int(read.sum())
    assert done > FEW_ROWS
    caplog.set_level("INFO")
    resumed = decode_images(source(), everything, 16, "crop", tmp_path / "cache")
    assert re.search(rf"images: (\d+) of {len(read)} were read before an interruption", caplog.text)
    assert int((read == 2).sum()) < 20  # the rows of unfinished ranges
    assert not list((tmp_path / "cache/decoding").iterdir())
    read[:] = 0
    fresh = decode_images(source(), everything, 16, "crop", tmp_path / "other")
    assert (read == 1).all()
    for field in fields(DecodedImages):
        assert np.array_equal(getattr(resumed, field.name), getattr(fresh, field.name)), field.name


def test_what_was_done_with_another_file_or_size_or_is_damaged_is_not_taken_up(files, tmp_path):
    source, read = files
    everything = range(len(read))

    def interrupted():
        read[:] = 0
        with pytest.raises(UserError, match="stopped"):
            decode_images(source(stops_at=100), everything, 16, "crop", tmp_path / "cache")
        read[:] = 0

    interrupted()
    decode_images(source(), everything, 8, "crop", tmp_path / "cache")
    assert (read == 1).all()
    interrupted()
    Image.new("L", (30, 20), 7).save(tmp_path / "0.png")
    assert (decode_images(source(), everything, 16, "crop", tmp_path / "cache").pixels[0] == 7).all()
    assert (read == 1).all()
    interrupted()
    (kept,) = (tmp_path / "cache/decoding").glob("*/pixels-1")
    with kept.open("rb+") as file:
        file.write(b"\x00" * 16)
    assert (decode_images(source(), everything, 16, "crop", tmp_path / "cache").pixels[0] == 7).all()
    assert read[0] == 1


def test_nothing_stays_behind(tmp_path):
    decode_images(source_of(GREY), range(3), 4, "crop", tmp_path)
    assert not list(tmp_path.iterdir())
