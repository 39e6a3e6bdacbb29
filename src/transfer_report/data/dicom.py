"""One DICOM file to one array of unsigned bytes. Nothing else of its header leaves this module, but a pseudonym."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from transfer_report.data.image_file import chosen_frame, too_many_pixels, without_equal_channels
from transfer_report.data.pseudonyms import pseudonym
from transfer_report.data.source import Pixels
from transfer_report.errors import UserError, first_line
from transfer_report.settings import Frame, Window, WindowSettings

if TYPE_CHECKING:  # at run time it is imported where a DICOM file is read: it takes a third of a second
    from pydicom import Dataset

DICOM_SUFFIXES = (".dcm", ".dicom")
_MAGIC = b"DICM"
_MAGIC_AT = 128


def is_dicom(path: Path | str) -> bool:
    """Return whether a file is one of DICOM, whatever it is called; many have no suffix."""
    with Path(path).open("rb") as file:
        return file.read(_MAGIC_AT + len(_MAGIC))[_MAGIC_AT:] == _MAGIC


def patient_of_dicom(path: Path | str) -> str:
    """Return a pseudonym of the patient; empty where the header has none."""
    patient = str(_read(path, only=["PatientID"]).get("PatientID") or "").strip()
    return pseudonym(patient) if patient else ""


def read_dicom(path: Path | str, window: Window, frame: Frame) -> Pixels:
    """Return the pixels: modality LUT, then window, bright where the tissue is dense (MONOCHROME1 is inverted).

    Args:
        path: the file.
        window: `full`: all that the stored bits can hold is 0…255; `header`: the window of the file; or a window.
        frame: which of several frames.

    Raises:
        UserError: the file is broken, too large, has several frames or no window, or is of a kind that is not read.
    """
    dataset = _read(path)
    if "PixelData" not in dataset:
        raise UserError(f"{path}: holds no image ({dataset.get('Modality', 'no modality')}); remove the file")
    if Image.MAX_IMAGE_PIXELS and dataset.Rows * dataset.Columns > Image.MAX_IMAGE_PIXELS:
        raise too_many_pixels(path)
    index = chosen_frame(frame, int(dataset.get("NumberOfFrames") or 1), path)
    try:
        return _to_bytes(_decoded(dataset, index), dataset, window, path)
    except UserError:
        raise
    except Exception as error:  # what a damaged file brings its decoders to is not foreseeable
        raise UserError(f"{path}: cannot be read ({first_line(error)}); replace or remove the file") from None


def _read(path: Path | str, only: list[str] | None = None) -> "Dataset":
    """The header and, unless only some of its elements are wanted, the undecoded pixels."""
    import pydicom

    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    try:
        return pydicom.dcmread(path, stop_before_pixels=bool(only), specific_tags=only)
    except Exception as error:  # whose message may quote the header
        raise UserError(
            f"{path}: not a readable DICOM file ({type(error).__name__}); replace or remove the file"
        ) from None


def _decoded(dataset: "Dataset", index: int) -> NDArray[Any]:
    """The stored pixels of a frame, in colour as RGB."""
    from pydicom.pixels.processing import apply_color_lut
    from pydicom.pixels.utils import pixel_array

    pixels = pixel_array(dataset, index=index)
    return apply_color_lut(pixels, dataset) if dataset.PhotometricInterpretation == "PALETTE COLOR" else pixels


def _to_bytes(pixels: NDArray[Any], dataset: "Dataset", window: Window, path: Path | str) -> Pixels:
    """Pixels of a frame on the scale 0…255."""
    if pixels.ndim == 3:
        bits = 16 if dataset.PhotometricInterpretation == "PALETTE COLOR" and pixels.dtype == np.uint16 else None
        highest = 2 ** (bits or dataset.BitsStored) - 1
        return without_equal_channels(np.round(pixels * (255.0 / highest)).astype(np.uint8))
    from pydicom.pixels.processing import apply_modality_lut, apply_voi, apply_windowing

    values = apply_modality_lut(pixels, dataset)
    low, high = _range(dataset)
    if isinstance(window, WindowSettings):
        dataset.WindowCenter, dataset.WindowWidth = window.center, window.width
        dataset.VOILUTFunction = "LINEAR"
        values = apply_windowing(values, dataset)
    elif window == "header" and "VOILUTSequence" in dataset:
        values = apply_voi(values, dataset)
        low, high = 0.0, float(2 ** dataset.VOILUTSequence[0].LUTDescriptor[2] - 1)
    elif window == "header":
        if "WindowCenter" not in dataset or "WindowWidth" not in dataset:
            raise UserError(f"{path}: has no window; set data.window to full or to a center and width")
        values = apply_windowing(values, dataset)
    scaled = np.round((values.astype(np.float64) - low) * (255.0 / (high - low))).clip(0, 255).astype(np.uint8)
    return 255 - scaled if dataset.PhotometricInterpretation == "MONOCHROME1" else scaled


def _range(dataset: "Dataset") -> tuple[float, float]:
    """The lowest and highest value that the stored bits can stand for, after the modality LUT."""
    if "ModalityLUTSequence" in dataset:
        return 0.0, float(2 ** dataset.ModalityLUTSequence[0].LUTDescriptor[2] - 1)
    bits, signed = int(dataset.BitsStored), int(dataset.PixelRepresentation)
    ends = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    slope, intercept = float(dataset.get("RescaleSlope", 1)), float(dataset.get("RescaleIntercept", 0))
    low, high = sorted(end * slope + intercept for end in ends)
    return low, high
