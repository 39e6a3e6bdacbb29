"""Choice of test images for attention maps: by a rule, not by how their maps look."""

import numpy as np
from numpy.typing import NDArray

from transfer_report.records.analysis import HardImage
from transfer_report.records.attention import AttentionImage, AttentionKind

IMAGES_PER_KIND = 3


def chosen_images(
    probabilities: NDArray[np.float32], labels: list[int], ids: list[str], hard: list[HardImage]
) -> list[AttentionImage]:
    """The images that a run is surest of and right, then those that it is surest of and wrong, then the hardest.

    Args:
        probabilities: Of one run, (images, classes).
        labels: True classes.
        ids: Names of the images.
        hard: Images that most conditions get wrong, hardest first.
    """
    predicted = probabilities.argmax(axis=1)
    truth = np.asarray(labels)
    most_confident = np.argsort(-probabilities.max(axis=1), kind="stable")
    hardest = [image.row for image in hard][:IMAGES_PER_KIND]
    rows: dict[AttentionKind, list[int]] = {
        "correct": [int(row) for row in most_confident if predicted[row] == truth[row]],
        "incorrect": [int(row) for row in most_confident if predicted[row] != truth[row] and row not in hardest],
        "hard": hardest,
    }
    return [
        AttentionImage(row=row, id=ids[row], label=labels[row], predicted=int(predicted[row]), kind=kind)
        for kind, chosen in rows.items()
        for row in chosen[:IMAGES_PER_KIND]
    ]
