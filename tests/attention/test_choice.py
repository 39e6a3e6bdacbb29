import numpy as np

from transfer_report.attention.choice import chosen_images
from transfer_report.records.analysis import HardImage


def test_surest_right_surest_wrong_and_hardest():
    sure = np.array([0.6, 0.9, 0.7, 0.95, 0.8, 0.99])
    probabilities = np.stack([sure, 1 - sure], axis=1).astype(np.float32)  # class 0 each time
    labels = [0, 0, 0, 1, 1, 1]
    hard = [HardImage(row=5, id="f", label=1, incorrect=9, conditions=10)]
    chosen = chosen_images(probabilities, labels, list("abcdef"), hard)
    assert [(image.id, image.kind) for image in chosen] == [
        ("b", "correct"), ("c", "correct"), ("a", "correct"), ("d", "incorrect"), ("e", "incorrect"), ("f", "hard"),
    ]  # fmt: skip
