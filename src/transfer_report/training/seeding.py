"""One seed, several independent streams of random numbers."""

from hashlib import sha256
from typing import Literal

Stream = Literal["head", "shuffle", "layers", "statistics"]


def stream_seed(seed: int, stream: Stream) -> int:
    """The seed of one stream of a run.

    Head, order of images, what layers draw (dropout, augmentation) and the images that batch-norm statistics are
    recomputed from each have their own, so that a change of one
    leaves the others as they were: conditions with the same seed see the images in the same order.
    """
    return int.from_bytes(sha256(f"{stream} {seed}".encode()).digest()[:6], "big")
