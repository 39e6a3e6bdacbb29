import numpy as np
import pytest
from PIL import Image, ImageFile

from transfer_report.data.fit import fit_square
from transfer_report.data.image_file import (
    read_image,
    read_reduced,
    refusing_huge_images,
    to_bytes,
    without_equal_channels,
)
from transfer_report.data.near_copies import MOST_BITS, low_frequencies, perceptual_hashes
from transfer_report.errors import UserError


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".ppm", ".tga"])
def test_a_lossless_colour_image_comes_back_as_it_was(tmp_path, pixels, suffix):
    Image.fromarray(pixels).save(tmp_path / f"image{suffix}")
    assert np.array_equal(read_image(tmp_path / f"image{suffix}"), pixels)


def test_three_equal_channels_are_grey(tmp_path, pixels):
    grey = pixels[..., 0]
    Image.fromarray(np.stack([grey] * 3, axis=-1)).save(tmp_path / "image.png")
    assert np.array_equal(read_image(tmp_path / "image.png"), grey)


@pytest.mark.parametrize(("mode", "shape"), [("LA", (6, 9)), ("RGBA", (6, 9, 3)), ("P", (6, 9, 3)), ("1", (6, 9))])
def test_alpha_and_palette_are_resolved(tmp_path, pixels, mode, shape):
    Image.fromarray(pixels).convert(mode).save(tmp_path / "image.png")
    assert read_image(tmp_path / "image.png").shape == shape


def test_transparency_does_not_change_a_pixel(tmp_path, pixels):
    transparent = np.dstack([pixels, np.zeros((6, 9), np.uint8)])
    Image.fromarray(transparent).save(tmp_path / "image.png")
    assert np.array_equal(read_image(tmp_path / "image.png"), pixels)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_keep_the_range_of_their_type(tmp_path, suffix):
    Image.fromarray(np.array([[0, 128, 129, 257, 65535]], dtype=np.uint16)).save(tmp_path / f"image{suffix}")
    assert read_image(tmp_path / f"image{suffix}").tolist() == [[0, 0, 1, 1, 255]]


def test_eight_bits_stay_as_they_are():
    assert to_bytes(np.array([0, 7, 255], dtype=np.uint8)).tolist() == [0, 7, 255]


def test_an_image_is_turned_upright(tmp_path):
    image, exif = Image.fromarray(np.array([[10, 20]], dtype=np.uint8)), Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90° clockwise
    image.save(tmp_path / "image.png", exif=exif)
    assert read_image(tmp_path / "image.png").tolist() == [[10], [20]]


SMOOTH = np.asarray(
    Image.fromarray(np.random.default_rng(2).integers(0, 256, (13, 25), dtype=np.uint8)).resize((200, 100))
)


@pytest.mark.parametrize(("side_px", "height"), [(5, 13), (10, 25), (25, 50), (26, 100), (100, 100), (0, 100)])
def test_a_large_jpeg_is_decoded_at_a_fraction_that_leaves_two_pixels_for_one(tmp_path, side_px, height):
    Image.fromarray(SMOOTH).save(tmp_path / "image.jpg", quality=95)
    pixels, size = read_reduced(tmp_path / "image.jpg", "refuse", side_px)
    assert (pixels.shape[0], size) == (height, (200, 100))
    assert height >= min(2 * side_px, 100)


def test_a_reduced_image_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(SMOOTH).save(tmp_path / "image.jpg", exif=exif)
    pixels, size = read_reduced(tmp_path / "image.jpg", "refuse", 10)
    assert (pixels.shape, size) == ((50, 25), (100, 200))


def test_other_formats_are_read_whole(tmp_path):
    Image.fromarray(SMOOTH).save(tmp_path / "image.png")
    pixels, size = read_reduced(tmp_path / "image.png", "refuse", 10)
    assert (pixels.shape, size) == ((100, 200), (200, 100))


def test_a_reduced_jpeg_is_a_near_copy_of_the_same_picture_in_another_format(tmp_path):
    """Its square differs by some grey values, so that it counts as nearly identical, not as identical."""
    Image.fromarray(SMOOTH).save(tmp_path / "image.jpg", quality=95)
    Image.open(tmp_path / "image.jpg").save(tmp_path / "image.png")
    jpeg, png = (read_reduced(tmp_path / f"image.{kind}", "refuse", 25)[0] for kind in ("jpg", "png"))
    squares = [fit_square(pixels, 25, "crop").astype(int) for pixels in (jpeg, png)]
    assert 0 < np.abs(squares[0] - squares[1]).mean() < 2
    one, other = perceptual_hashes(np.stack([low_frequencies(jpeg), low_frequencies(png)]))
    assert np.bitwise_count(one ^ other).sum() <= MOST_BITS


def test_one_and_four_channels():
    stack = np.arange(16, dtype=np.uint8).reshape(2, 2, 4)
    assert without_equal_channels(stack).shape == (2, 2, 3)
    assert without_equal_channels(stack[..., :1]).shape == (2, 2)


@pytest.mark.parametrize("switch", [False, True])
def test_a_truncated_image_is_named_whatever_other_libraries_ask_of_pillow(tmp_path, pixels, monkeypatch, switch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", switch)
    Image.fromarray(np.tile(pixels, (20, 20, 1))).save(tmp_path / "image.jpeg")
    content = (tmp_path / "image.jpeg").read_bytes()
    (tmp_path / "image.jpeg").write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match=r"image\.jpeg: cannot be read .*truncated"):
        read_image(tmp_path / "image.jpeg")


@pytest.mark.parametrize("content", [b"", b"no image at all", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_other_contents_are_named(tmp_path, content):
    (tmp_path / "image.png").write_bytes(content)
    with pytest.raises(UserError, match=r"image\.png: not a readable image"):
        read_image(tmp_path / "image.png")


def test_several_images_in_one_file_are_refused(tmp_path, pixels):
    first = Image.fromarray(pixels)
    first.save(tmp_path / "image.tif", save_all=True, append_images=[first])
    with pytest.raises(UserError, match=r"holds 2 images .* set data\.frame"):
        read_image(tmp_path / "image.tif")


def test_pixels_of_32_bits_are_refused(tmp_path):
    Image.fromarray(np.zeros((2, 2), dtype=np.float32)).save(tmp_path / "image.tif")
    with pytest.raises(UserError, match="32 bits"):
        read_image(tmp_path / "image.tif")


def test_a_huge_image_is_refused(tmp_path, pixels, monkeypatch):
    Image.fromarray(pixels).save(tmp_path / "image.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    with refusing_huge_images(), pytest.raises(UserError, match="more than 50 pixels"):
        read_image(tmp_path / "image.png")


GREY = np.random.default_rng(1).integers(0, 256, (6, 9), dtype=np.uint8)
UPRIGHT = {  # what a reader has to do for each orientation of TIFF and EXIF, by NumPy
    1: lambda pixels: pixels,
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).T,
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("factor", [1, 257])
def test_a_tiff_is_turned_upright(tmp_path, orientation, factor):
    stored = GREY if factor == 1 else GREY.astype(np.uint16) * factor
    Image.fromarray(stored).save(tmp_path / "image.tif", tiffinfo={274: orientation})
    assert np.array_equal(read_image(tmp_path / "image.tif"), UPRIGHT[orientation](GREY))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_white_is_zero(tmp_path, dtype):
    # Pillow inverts 8 bits itself when it writes them, and leaves 16 bits as they are.
    stored = GREY if dtype == np.uint8 else 65535 - GREY.astype(np.uint16) * 257
    Image.fromarray(stored).save(tmp_path / "image.tif", tiffinfo={262: 0})
    assert np.array_equal(read_image(tmp_path / "image.tif"), GREY)


def test_signed_pixels_keep_the_range_of_their_type(tmp_path):
    wide = (GREY.astype(np.int32) * 257 - 32768).astype(np.int16)
    Image.fromarray(wide.view(np.uint16)).save(tmp_path / "wide.tif", tiffinfo={339: 2})
    assert np.array_equal(read_image(tmp_path / "wide.tif"), GREY)
    Image.fromarray(GREY ^ np.uint8(128)).save(tmp_path / "narrow.tif", tiffinfo={339: 2})
    assert np.array_equal(read_image(tmp_path / "narrow.tif"), GREY)


@pytest.mark.parametrize(("frame", "number"), [("first", 0), ("middle", 1), (2, 2)])
def test_of_several_pages_one_is_chosen(tmp_path, frame, number):
    pages = [Image.fromarray(GREY // (page + 1)) for page in range(3)]
    pages[0].save(tmp_path / "image.tif", save_all=True, append_images=pages[1:])
    assert np.array_equal(read_image(tmp_path / "image.tif", frame), GREY // (number + 1))


def test_a_tiff_of_another_kind_says_what_is_read(tmp_path):
    (tmp_path / "image.tif").write_bytes(b"II*\0" + bytes(100))
    with pytest.raises(UserError, match="of TIFF, 8 and 16 bits are read"):
        read_image(tmp_path / "image.tif")
