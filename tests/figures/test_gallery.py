import io

import numpy as np
from PIL import Image
from tests.report.study import images, predicted

from transfer_report.figures import gallery as module
from transfer_report.figures.gallery import gallery


def test_every_image_has_its_place_on_the_sheet(runs):
    pictures = images(200, 2)
    shown, sheet = gallery(pictures, runs, predicted(runs))
    pixels = np.asarray(Image.open(io.BytesIO(sheet)).convert("L")).astype(int)
    assert pixels.shape == (10 * 48, 20 * 48)
    row, column = divmod(57, 20)
    thumbnail = pixels[row * 48 : (row + 1) * 48, column * 48 : (column + 1) * 48]
    assert abs(thumbnail - pictures[57, ..., 0]).mean() < 12  # noise, which WebP smooths
    assert shown.images[57].id == "test-057"
    assert shown.runs["fine_tuning/resnet50-baseline"][0][-2:] == "10"


def test_too_many_images_leave_those_that_most_runs_get_wrong(runs, monkeypatch):
    monkeypatch.setattr(module, "MOST_SHOWN", 20)
    shown, _ = gallery(images(200, 2), runs, predicted(runs))
    assert [image.id for image in shown.images] == [f"test-{row}" for row in range(180, 200)]
    assert shown.total == 200


def test_the_sheet_keeps_below_its_size(runs, monkeypatch):
    monkeypatch.setattr(module, "SHEET_BYTES", 20_000)
    shown, sheet = gallery(images(200, 2), runs, predicted(runs))
    assert len(sheet) <= 20_000
    assert 10 < len(shown.images) < 200


def test_same_bytes(runs):
    assert gallery(images(200, 2), runs, predicted(runs))[1] == gallery(images(200, 2), runs, predicted(runs))[1]
