import io

import numpy as np
from PIL import Image
from tests.report.study import images

from transfer_report.figures.pictures import hard_image_sheet, samples
from transfer_report.records.data import ImageTable

TABLE = ImageTable(ids=[f"i{row}" for row in range(20)], patients=["g"] * 20, labels=[row % 2 for row in range(20)])


def test_a_strip_per_class_with_words(wording):
    sheet = samples(images(20, 0), TABLE, ["normal", "ill"], wording)
    assert [picture.caption for picture in sheet.pictures] == ["normal", "ill"]
    assert "8 training images of the class ill" in sheet.pictures[1].alt
    assert Image.open(io.BytesIO(sheet.pictures[0].png)).size == (
        sheet.pictures[0].width_px,
        sheet.pictures[0].height_px,
    )


def test_small_images_grow_by_whole_pixels_and_large_ones_shrink(wording):
    for side, shown in ((28, 112), (96, 96), (512, 192)):
        pixels = np.zeros((20, side, side, 3), np.uint8)
        assert samples(pixels, TABLE, ["a", "b"], wording).pictures[0].height_px == shown


def test_hard_images_say_what_they_are(evidence, runs, wording):
    sheet = hard_image_sheet(images(200, 0), evidence.hard_images, runs, wording)
    assert "22 of 22 conditions" in sheet.pictures[0].alt
    assert hard_image_sheet(images(200, 0), [], runs, wording) is None
