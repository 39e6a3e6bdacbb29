import io

import numpy as np
from PIL import Image
from tests.report.study import attention as shown
from tests.report.study import description, images, maps

from transfer_report.figures.attention import attention


def test_pictures_say_in_words_what_they_show(evidence, wording):
    sheet = attention(shown(evidence), maps(), images(200, 2), description().classes, wording)
    assert [picture.caption for picture in sheet.pictures] == [
        "confident, correct: consolidation",
        "confident, incorrect: normal, predicted consolidation",
    ]
    assert sheet.pictures[1].alt == (
        "Test image test-004, normal, predicted consolidation. The map for normal is highest at the top, left, "
        "that for consolidation at the bottom, right."
    )
    right, wrong = (np.asarray(Image.open(io.BytesIO(picture.png))).astype(int) for picture in sheet.pictures)
    red_over_blue = (wrong[..., 0] - wrong[..., 2]) > 40
    first, second = red_over_blue[:, 100:196], red_over_blue[:, 200:]
    assert first[:20, :20].all()
    assert not first[60:, 60:].any()
    assert second[-20:, -20:].all()
    assert right.shape == (96, 196, 4)  # predicted right: one map
    assert not right[:, 96:100, 3].any()  # between the two, whatever colour the page has
    assert (np.delete(right[..., 3], np.s_[96:100], axis=1) == 255).all()
