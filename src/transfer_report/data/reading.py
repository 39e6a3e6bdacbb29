"""Files that may be images, of whatever kind, and how the settings want them read."""

from pathlib import Path
from typing import NamedTuple

from transfer_report.data.dicom import DICOM_SUFFIXES, is_dicom, read_dicom
from transfer_report.data.image_file import image_suffixes, read_image
from transfer_report.data.source import Pixels
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
        if is_dicom_file(path):
            return read_dicom(path, self.window, self.frame)
        return read_image(path, self.frame)


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
