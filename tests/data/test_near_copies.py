import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from transfer_report.data.near_copies import MOST_BITS, near_pairs, perceptual_hash


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


def apart(one, other):
    return int(np.bitwise_count(perceptual_hash(np.asarray(one)) ^ perceptual_hash(np.asarray(other))).sum())


CHANGES = {
    "saved anew": lambda image: saved(image, quality=30),
    "smaller": lambda image: image.resize((90, 90)),
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


@pytest.mark.skipif("CXR" not in os.environ, reason="CXR names no folder of chest radiographs")
def test_other_exposures_are_far_apart():
    files = sorted(Path(os.environ["CXR"]).rglob("*.jpeg"))[::8]
    hashes = np.array([perceptual_hash(np.asarray(Image.open(file).convert("L"))) for file in files])
    assert not list(near_pairs(hashes, [np.arange(0, len(files), 2), np.arange(1, len(files), 2)]))
