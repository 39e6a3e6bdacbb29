"""One image file to one array of unsigned bytes."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, ImageOps, TiffImagePlugin, UnidentifiedImageError

from transfer_report.data.source import Pixels, Size
from transfer_report.errors import UserError, first_line
from transfer_report.settings import Frame

# Formats of pixels. Pillow knows others, some of which (EPS) run a program of the system on what they are given.
PIXEL_FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TGA", "TIFF", "WEBP")
Image.init()
# AVIF, JPEG 2000 and WebP are options of Pillow's builds.
FORMATS = tuple(name for name in PIXEL_FORMATS if name in Image.OPEN)
# Formats whose mode I holds 16 bits (in the others it may hold 32).
SIXTEEN_BIT_INTEGERS = ("PNG", "PPM")
# Values of the tags of TIFF.
SIGNED, WHITE_IS_ZERO = 2, 0
GREY_MODES = ("1", "L", "LA", "La")
LEAST_REDUCTION = 2
"""Files that are decoded at a fraction of their size keep so many pixels a side for each of the square that is wanted.

Reducing the rest smooths away the decoder's own reduction; Pillow's thumbnails keep as many.
"""
FIRST_TURNED = 5
"""From this orientation of EXIF on, width and height change places."""


@cache
def image_suffixes() -> frozenset[str]:
    """The file name endings of the formats that are read, in lower case, with their dot."""
    return frozenset(suffix for suffix, name in Image.registered_extensions().items() if name in FORMATS)


@contextmanager
def refusing_huge_images() -> Iterator[None]:
    """Turns Pillow's warning about images that may be decompression bombs into an error, in all threads."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def read_image(path: Path | str, frame: Frame = "refuse") -> Pixels:
    """The pixels of an image file, upright (EXIF orientation), without alpha; grey where its three channels are equal.

    Args:
        path: the file.
        frame: which image of a file that holds several.

    Raises:
        UserError: the file is broken, too large, holds several images, or pixels without an agreed range.
    """
    return read_reduced(path, frame, 0)[0]


def read_reduced(path: Path | str, frame: Frame, side_px: int) -> tuple[Pixels, Size]:
    """The pixels as `read_image` has them, and the size of the whole image.

    A large JPEG file is decoded at 1/2, 1/4 or 1/8 of its size, which takes a fraction of the time; no other format
    offers that.

    Args:
        path: the file.
        frame: which image of a file that holds several.
        side_px: side of the square that the image is wanted for; 0: it is wanted whole.

    Raises:
        UserError: the file is broken, too large, holds several images, or pixels without an agreed range.
    """
    # A switch for the whole process, which other libraries (WeasyPrint) turn on: half an image would be grey below.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        # By its name, Pillow would map a TIFF file of one strip, with the rows of one that is not turned.
        with Path(path).open("rb") as file, Image.open(file, formats=FORMATS) as image:
            size, least_px = image.size, LEAST_REDUCTION * side_px
            if side_px:
                image.draft(None, (least_px, least_px))  # does nothing where the format cannot
            is_reduced = image.size != size
            is_turned = is_reduced and image.getexif().get(ExifTags.Base.Orientation, 1) >= FIRST_TURNED
            pixels = _pixels(image, path, frame)
            if not is_reduced:
                return pixels, (pixels.shape[1], pixels.shape[0])
            return pixels, (size[1], size[0]) if is_turned else size
    except UnidentifiedImageError:
        raise UserError(f"{path}: not a readable image; {_help(Path(path))}") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_many_pixels(path) from None
    except UserError:
        raise
    except Exception as error:  # what a damaged file brings Pillow's formats to is not foreseeable
        reason = first_line(error)
        raise UserError(f"{path}: cannot be read ({reason}); replace or remove the file") from None


def chosen_frame(frame: Frame, count: int, path: Path | str) -> int:
    """Return which of the images in a file is read, counted from 0.

    Raises:
        UserError: there are several and none is chosen, or fewer than that.
    """
    if count == 1:
        return 0
    if frame == "refuse":
        raise UserError(
            f"{path}: holds {count} images (frames, pages or channels); set data.frame to the one to read (first, "
            f"middle, or 0 to {count - 1}), or save each as a file of its own"
        )
    if isinstance(frame, int) and frame >= count:
        raise UserError(f"{path}: data.frame: {frame}, but the file holds {count} images, counted from 0")
    return {"first": 0, "middle": count // 2}[frame] if isinstance(frame, str) else frame


def too_many_pixels(path: Path | str) -> UserError:
    """Return the error for a file that may be a decompression bomb."""
    limit = f"{Image.MAX_IMAGE_PIXELS:,}" if Image.MAX_IMAGE_PIXELS else "?"
    return UserError(f"{path}: has more than {limit} pixels; make it smaller, or remove it")


def to_bytes(pixels: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Pixels of 8 or 16 bits on the scale 0…255: the range of the type is kept, not the range of the image."""
    if pixels.dtype.itemsize == 1:
        return pixels.astype(np.uint8, copy=False)
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def without_equal_channels(pixels: NDArray[np.uint8]) -> Pixels:
    """One channel where an image has one, or three equal ones; three otherwise. Alpha is dropped.

    Args:
        pixels: (height, width) or (height, width, channels) with 1, 3 or 4 channels.
    """
    if pixels.ndim == 2:
        return pixels
    red = pixels[..., 0]
    if pixels.shape[2] == 1 or all(np.array_equal(red, pixels[..., channel]) for channel in (1, 2)):
        return np.ascontiguousarray(red)
    return np.ascontiguousarray(pixels[..., :3])


def _help(path: Path) -> str:
    """Return advice on a file of unknown format."""
    with path.open("rb") as file:
        tiff = file.read(4) in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
    if tiff:
        return "of TIFF, 8 and 16 bits are read, with one channel (grey), three or four; save it so, channel by channel"
    return "replace or remove the file"


def _pixels(image: Image.Image, path: Path | str, frame: Frame) -> Pixels:
    # The second picture in the file of some cameras (MPO) is a preview, or the other eye's.
    if image.format != "MPO" and (count := getattr(image, "n_frames", 1)) > 1:
        image.seek(chosen_frame(frame, count, path))
    # The tags of TIFF that Pillow leaves to its readers; they go when the image is turned.
    tags = image.tag_v2 if isinstance(image, TiffImagePlugin.TiffImageFile) else {}
    signed = SIGNED in tags.get(TiffImagePlugin.SAMPLEFORMAT, ())
    bits = tags.get(TiffImagePlugin.BITSPERSAMPLE, (16,))[0]
    inverted = tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == WHITE_IS_ZERO
    sixteen_bits = image.mode.startswith("I;16") or (
        image.mode == "I" and (image.format in SIXTEEN_BIT_INTEGERS or (signed and bits <= 16))
    )
    if image.mode in ("I", "F") and not sixteen_bits:
        raise UserError(f"{path}: pixels of 32 bits have no agreed range; save it with 8 or 16 bits")
    ImageOps.exif_transpose(image, in_place=True)
    if sixteen_bits:
        wide = (np.asarray(image).astype(np.int32) + (1 << 15 if signed else 0)) * 65535 // ((1 << bits) - 1)
        return to_bytes((65535 - wide if inverted else wide).astype(np.uint16))
    if signed and image.mode == "L":
        return np.asarray(image) ^ np.uint8(0x80)
    mode = "L" if image.mode in GREY_MODES else "RGB"
    converted = image if image.mode == mode else image.convert(mode)
    if mode == "RGB":
        red, green, blue = (channel.tobytes() for channel in converted.split())
        if red == green == blue:  # an array of all three first would take twice the time
            return np.frombuffer(red, dtype=np.uint8).reshape(image.height, image.width)
    return np.asarray(converted)
