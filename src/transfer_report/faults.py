"""Faults outside of the code and of the user's files: one message each, with advice."""

import errno
import re

from transfer_report.errors import first_line

OUT_OF_MEMORY = "can't allocate memory", "not enough memory", "out of memory", "std::bad_alloc"
GPU_FAILED = "CUDA error", "CUDNN_STATUS", "CUBLAS_STATUS", "NCCL error"
DISK_FULL = errno.ENOSPC, errno.EDQUOT, errno.EFBIG
NOT_ALLOWED = errno.EACCES, errno.EPERM, errno.EROFS
NUMPY_NOT_WRITTEN = re.compile(r"\d+ requested and \d+ written")
"""How NumPy says that a disk is full."""
ARCHIVE_NOT_WRITTEN = "PytorchStreamWriter failed", "unexpected pos"
"""How PyTorch says it."""


def explain(error: BaseException) -> str | None:
    """The fault in one message; None where it is none of the machine's, but a mistake in the code."""
    text = first_line(error)
    if isinstance(error, OSError):
        return _explain_file_error(error)
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and _holds(str(error), OUT_OF_MEMORY)):
        return (
            f"out of memory ({text}). Less is taken by a smaller `batch_size` or "
            "`data.image_px`, by `precision: bfloat16`, or by a smaller model; other programs may hold memory, too. "
            "With the settings as they are, `dvc repro` goes on from the epochs that are kept"
        )
    if isinstance(error, RuntimeError) and _holds(str(error), GPU_FAILED):
        return (
            f"the GPU failed ({text}). `nvidia-smi` shows whether it is back; `dvc repro` then goes on from the epochs "
            "that are kept. `device: cpu` does without it, and starts its runs again"
        )
    if isinstance(error, RuntimeError) and _holds(str(error), ARCHIVE_NOT_WRITTEN):
        return f"a file could not be written ({text}); is the disk full? Make room, then `dvc repro`"
    return None


def _explain_file_error(error: OSError) -> str | None:
    place = f"{error.filename}: " if error.filename else ""
    text = " ".join(map(str, error.args))  # NumPy gives no number, but a sentence
    if error.errno in DISK_FULL or NUMPY_NOT_WRITTEN.search(text):
        return f"{place}no room on the disk ({error.strerror or text}); make some, then `dvc repro`"
    if error.errno in NOT_ALLOWED:
        return f"{place}{error.strerror}; give yourself the right to read and write there, then `dvc repro`"
    if error.errno == errno.EIO:
        return f"{place}the disk fails ({error.strerror}); look after it before anything else"
    return None


def _holds(text: str, parts: tuple[str, ...]) -> bool:
    return any(part in text for part in parts)
