"""Files that may be images, of whatever kind, and how the settings want them read."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from transfer_report.data.dicom import DICOM_SUFFIXES, is_dicom, read_dicom
from transfer_report.data.image_file import image_suffixes, read_reduced
from transfer_report.data.source import Pixels, Size
from transfer_report.settings import Frame, Window


class Reading(NamedTuple):
    """How files are read that leave something open."""

    window: Window = "full"
    frame: Frame = "refuse"

    def read(self, path: str) -> Pixels:
        """Return the pixels of an image file, as `read_image` and `read_dicom` do.

        Raises:
            UserError: the file cannot be read, or leaves open what the settings do not decide.
        """
        return self.read_reduced(path, 0)[0]

    def read_reduced(self, path: str, side_px: int) -> tuple[Pixels, Size]:
        """Return pixels enough for a square of some side, as `image_file.read_reduced` does, and the whole size.

        Raises:
            UserError: the file cannot be read, or leaves open what the settings do not decide.
        """
        if is_dicom_file(path):
            pixels = read_dicom(path, self.window, self.frame)
            return pixels, (pixels.shape[1], pixels.shape[0])
        return read_reduced(path, self.frame, side_px)


@dataclass(frozen=True)
class ImageFiles:
    """The files of a source, by the position of their entries."""

    root: Path
    ids: NDArray[Any]
    """Paths below the root, (images,)."""
    reading: Reading

    def load(self, index: int) -> Pixels:
        """Return the pixels of a file."""
        return self.reading.read(self._path(index))

    def load_reduced(self, index: int, side_px: int) -> tuple[Pixels, Size]:
        """Return pixels enough for a square of some side, and the whole size."""
        return self.reading.read_reduced(self._path(index), side_px)

    def stamp(self, index: int) -> str:
        """Return what a change of the file or of how it is read would change."""
        path = self._path(index)
        state = os.stat(path)  # noqa: PTH116  # half the time of a Path
        return f"{path} {state.st_size} {state.st_mtime_ns} {self.reading}"

    def _path(self, index: int) -> str:
        return f"{self.root}/{self.ids[index]}"


READ_WHOLE = Reading()
"""Reads all that the stored bits can hold, of files with one image."""


def is_image(path: str) -> bool:
    """Return whether a file is taken for an image: by its suffix or, where it has another one, by its contents."""
    return Path(path).suffix.lower() in (*image_suffixes(), *DICOM_SUFFIXES) or is_dicom(path)


def is_dicom_file(path: str) -> bool:
    """Return whether a file that is not called otherwise is one of DICOM."""
    return Path(path).suffix.lower() not in image_suffixes() and is_dicom(path)


def missing_suffixes() -> list[str]:
    """Return endings that a table may have left out."""
    return sorted((*image_suffixes(), *DICOM_SUFFIXES))
