"""The one door to torchvision: everything else imports its models and transforms from here."""

from importlib.util import find_spec
from pathlib import Path

import torch

_NON_MAXIMUM_SUPPRESSION = ("nms", "qnms")


def _compiled_operators_load() -> bool:
    """Return whether torchvision's own operators can be loaded with this PyTorch."""
    spec = find_spec("torchvision")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("torchvision is not installed")
    try:
        torch.ops.load_library(str(next(Path(spec.origin).parent.glob("_C.*"))))  # type: ignore[no-untyped-call]
    except (OSError, StopIteration):
        return False
    return True


def _declare_missing_operators() -> None:
    """Declare the two operators for which torchvision registers shapes while it is imported.

    Its compiled operators are made for one build of PyTorch; with another (CPU with CUDA, for one) they do not load,
    and the import fails with "operator torchvision::nms does not exist". They serve detection alone, so that for
    classification it is enough that their names exist.
    """
    if not _compiled_operators_load():
        for name in _NON_MAXIMUM_SUPPRESSION:
            torch.library.define(f"torchvision::{name}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


_declare_missing_operators()

from torchvision import models as models  # noqa: E402  # only now that the operators exist
from torchvision.transforms import v2 as transforms  # noqa: E402

__all__ = ["models", "transforms"]
