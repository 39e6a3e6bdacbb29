"""Settings and small images that the tests of this folder share."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from transfer_report.loading import load_params
from transfer_report.settings import DataSettings

ROOT = Path(__file__).parents[2]
IMAGES = {"train": 8, "test": 4}


@pytest.fixture
def settings() -> Callable[..., DataSettings]:
    """The project's own settings of the data, small, with changes."""
    real = load_params(ROOT / "params.yaml").data

    def changed(**changes: object) -> DataSettings:
        return real.model_copy(update={"image_px": 8, **changes})

    return changed


@pytest.fixture
def image_folder(tmp_path: Path) -> Path:
    """A folder of random images: two classes, in train and test."""
    rng = np.random.default_rng(0)
    for split, count in IMAGES.items():
        for label in ("ill", "well"):
            folder = tmp_path / "images" / split / label
            folder.mkdir(parents=True)
            for number in range(count):
                pixels = rng.integers(0, 256, (16, 16), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{split}_{label}{number // 2}_{number}.png")
    return tmp_path / "images"
