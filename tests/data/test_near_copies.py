import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from scipy.fft import dctn

from transfer_report.data.near_copies import HASH_SIDE, MOST_BITS, WORDS, low_frequencies, near_pairs, perceptual_hashes


def smooth(seed):
    """A random picture with structure at all scales."""
    rng = np.random.default_rng(seed)
    layers = [
        Image.fromarray(rng.integers(0, 256, (side, side), np.uint8)).resize((128, 128)) for side in (4, 8, 16, 32)
    ]
    return Image.fromarray(np.mean(layers, axis=0).astype(np.uint8))


def saved(image, **how):
    file = io.BytesIO()
    image.save(file, "JPEG", **how)
    return Image.open(file)


def hashes(images):
    return perceptual_hashes(np.array([low_frequencies(np.asarray(image)) for image in images]))


def apart(*two):
    one, other = hashes(two)
    return int(np.bitwise_count(one ^ other).sum())


CHANGES = {
    "saved anew": lambda image: saved(image, quality=30),
    "smaller": lambda image: image.resize((90, 90)),
    "larger, with blocks cut at the edges": lambda image: image.resize((259, 387)),
    "in colour": lambda image: image.convert("RGB"),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_near_and_another_image_is_not(change):
    image = smooth(0)
    assert apart(image, CHANGES[change](image)) <= MOST_BITS < apart(image, smooth(1))


def test_pairs_are_those_between_parts():
    hashes = np.array([[0] * 4, [1] * 4, [2**64 - 1] * 4, [0] * 4], np.uint64)
    pairs = near_pairs(hashes, [np.array([0, 1]), np.array([2]), np.array([3])])
    assert sorted(pairs) == [(0, 3), (1, 3)]
    assert not list(near_pairs(hashes, [np.array([0, 1, 3]), np.array([2]), np.array([], int)]))


def test_frequencies_are_those_of_the_cosine_transform():
    pixels = np.random.default_rng(0).integers(0, 256, (32, 48), dtype=np.uint8)
    expected = dctn(pixels.astype(float), type=2)[:HASH_SIDE, :HASH_SIDE] / (4 * pixels.size)
    assert np.allclose(low_frequencies(pixels), expected, atol=1e-3)


def test_near_pairs_are_all_that_are_near():
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, (300, WORDS), dtype=np.uint64)
    hashes[200:] = hashes[:100] ^ (np.uint64(1) << rng.integers(0, 64, (100, WORDS), dtype=np.uint64))
    assert sorted(near_pairs(hashes, [np.arange(200), np.arange(200, 300)])) == [(row, row + 200) for row in range(100)]


@pytest.mark.skipif("CXR" not in os.environ, reason="CXR names no folder of chest radiographs")
def test_other_exposures_are_far_apart():
    files = sorted(Path(os.environ["CXR"]).rglob("*.jpeg"))[::8]
    found = hashes([Image.open(file).convert("L") for file in files])
    assert not list(near_pairs(found, [np.arange(0, len(files), 2), np.arange(1, len(files), 2)]))
