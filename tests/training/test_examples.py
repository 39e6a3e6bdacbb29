import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from transfer_report.files import release, scratch_array
from transfer_report.models.inputs import Normalisation
from transfer_report.training.augmentation import build_augmentation
from transfer_report.training.examples import Images, balanced_class_weights

ALL = ["horizontal_flip", "vertical_flip", "rotation", "crop", "brightness"]


def test_balanced_classes_count_alike():
    labels = torch.tensor([0, 0, 0, 1])
    weights = balanced_class_weights(labels, 2)
    torch.testing.assert_close(weights, torch.tensor([4 / 6, 2.0]))
    assert weights[labels].sum() == 4


def test_no_names_no_augmentation():
    assert build_augmentation([], 8) is None


def test_augmentation_draws_for_each_image_and_repeats_with_the_seed():
    images = torch.randint(0, 255, (1, 16, 16, 1), dtype=torch.uint8).repeat(6, 1, 1, 1)
    augment = build_augmentation(ALL, 16)
    torch.manual_seed(0)
    first = augment(images)
    torch.manual_seed(0)
    assert torch.equal(first, augment(images))
    assert first.shape == images.shape
    assert first.dtype == torch.uint8
    assert len({image.numpy().tobytes() for image in first}) == 6


def test_a_flip_is_a_flip():
    image = torch.arange(16, dtype=torch.uint8).reshape(1, 4, 4, 1)
    flipped = {build_augmentation(["horizontal_flip"], 4)(image).numpy().tobytes() for _ in range(40)}
    assert flipped == {image.numpy().tobytes(), image.flip(2).contiguous().numpy().tobytes()}


def resident_file_kib():
    return int(re.search(r"RssFile:\s+(\d+)", Path("/proc/self/status").read_text())[1])


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells of a process")
def test_images_that_were_read_do_not_stay_in_memory(tmp_path):
    images = scratch_array((64, 512, 512, 1), "uint8", tmp_path)  # 16 MiB
    images[:] = np.arange(64, dtype=np.uint8).reshape(64, 1, 1, 1)
    release(images)
    inputs = Images(images, Normalisation([0.0] * 3, [1 / 255] * 3, torch.device("cpu")))
    before = resident_file_kib()
    means = [inputs.batch(torch.tensor([row])).mean().item() for row in range(64)]
    assert resident_file_kib() - before < 4096
    assert means == pytest.approx(range(64), abs=1e-3)
