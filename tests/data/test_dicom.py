"""DICOM files, made here by pydicom, Pillow and GDCM: transfer syntaxes, photometric kinds, windows, patients."""

import io
import stat

import gdcm
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
    generate_uid,
)

from transfer_report.data import pseudonyms
from transfer_report.data.dicom import read_dicom
from transfer_report.data.folder import read_folder
from transfer_report.data.reading import READ_WHOLE, Reading
from transfer_report.errors import UserError
from transfer_report.settings import WindowSettings

STORED = np.random.default_rng(0).integers(0, 4096, (16, 24), dtype=np.uint16)
GREY = STORED.astype(np.float64) * 255 / 4095
COLOUR = np.random.default_rng(1).integers(0, 256, (16, 24, 3), dtype=np.uint8)


def dataset(pixels=STORED, syntax=ExplicitVRLittleEndian, bits=12, **elements):
    """A DICOM file of some pixels, (rows, columns), (rows, columns, 3) or (frames, rows, columns)."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, generate_uid()
    meta.TransferSyntaxUID = syntax
    made = FileDataset(
        "",
        {},
        preamble=bytes(128),
        file_meta=meta,
        is_implicit_VR=syntax.is_implicit_VR,
        is_little_endian=syntax.is_little_endian,
    )
    made.SOPClassUID, made.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    made.PatientID, made.PatientName = "MRN-0042", "Doe^Jane"
    made.SamplesPerPixel = 3 if pixels.shape[-1] == 3 else 1
    made.PhotometricInterpretation = "RGB" if made.SamplesPerPixel == 3 else "MONOCHROME2"
    if made.SamplesPerPixel == 3:
        made.PlanarConfiguration = 0
    elif pixels.ndim == 3:
        made.NumberOfFrames = len(pixels)
    made.Rows, made.Columns = (pixels.shape[:2] if made.SamplesPerPixel == 3 else pixels.shape)[-2:]
    made.BitsAllocated = pixels.dtype.itemsize * 8
    made.BitsStored = min(bits, made.BitsAllocated)
    made.HighBit, made.PixelRepresentation = made.BitsStored - 1, int(pixels.dtype.kind == "i")
    made.PixelData = (
        pixels.astype(pixels.dtype.newbyteorder(">")) if syntax == ExplicitVRBigEndian else pixels
    ).tobytes()
    made["PixelData"].VR = "OW" if made.BitsAllocated == 16 else "OB"
    for name, value in elements.items():
        setattr(made, name, value)
    return made


def by_pillow(pixels, syntax, format_, **elements):
    """A DICOM file whose pixels Pillow has compressed."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format_, **({"no_jp2": True} if format_ == "JPEG2000" else {"quality": 100}))
    made = dataset(pixels, syntax, bits=8, **elements)
    made.PixelData = encapsulate([file.getvalue()])
    made["PixelData"].is_undefined_length = True
    return made


@pytest.fixture
def read(tmp_path):
    """Returns a function that writes a data set and reads it."""

    def written(made, window="full", frame="refuse"):
        made.save_as(tmp_path / "image.dcm", enforce_file_format=True)
        return read_dicom(tmp_path / "image.dcm", window, frame)

    return written


@pytest.mark.parametrize(
    "syntax",
    [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian, RLELossless],
)
def test_uncompressed_and_simply_compressed(read, syntax):
    made = dataset(syntax=ExplicitVRLittleEndian if syntax == RLELossless else syntax)
    if syntax == RLELossless:
        made.compress(RLELossless)
    assert np.array_equal(read(made), np.round(GREY))


@pytest.mark.parametrize(
    "syntax",
    [
        gdcm.TransferSyntax.JPEGLosslessProcess14_1,
        gdcm.TransferSyntax.JPEGLSLossless,
        gdcm.TransferSyntax.JPEG2000Lossless,
    ],
)
def test_losslessly_compressed(tmp_path, syntax):
    dataset().save_as(tmp_path / "plain.dcm", enforce_file_format=True)
    reader = gdcm.ImageReader()
    reader.SetFileName(str(tmp_path / "plain.dcm"))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(tmp_path / "image.dcm"))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    assert pydicom.dcmread(tmp_path / "image.dcm").file_meta.TransferSyntaxUID.is_compressed
    assert np.array_equal(read_dicom(tmp_path / "image.dcm", "full", "refuse"), np.round(GREY))


def test_jpeg_and_jpeg_2000_of_eight_bits(read):
    grey = (STORED // 16).astype(np.uint8)
    assert np.array_equal(read(by_pillow(grey, JPEG2000Lossless, "JPEG2000")), grey)
    smooth = np.add.outer(np.arange(16), np.arange(24)).astype(np.uint8) * 5
    assert np.abs(read(by_pillow(smooth, JPEGBaseline8Bit, "JPEG")).astype(int) - smooth).max() <= 3


def test_colour_and_equal_channels(read):
    assert np.array_equal(read(dataset(COLOUR)), COLOUR)
    assert read(dataset(np.repeat(COLOUR[..., :1], 3, axis=2))).shape == (16, 24)
    smooth = np.stack([np.add.outer(np.arange(16), np.arange(24)) * 5 // (1 + part) for part in range(3)], axis=-1)
    made = by_pillow(smooth.astype(np.uint8), JPEGBaseline8Bit, "JPEG", PhotometricInterpretation="YBR_FULL_422")
    assert np.abs(read(made).astype(int) - smooth).max() <= 12


def test_a_palette_is_resolved(read):
    made = dataset((STORED // 16).astype(np.uint8), bits=8, PhotometricInterpretation="PALETTE COLOR")
    for number, name in enumerate(("Red", "Green", "Blue")):
        setattr(made, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 16])
        table = np.roll(np.arange(256, dtype=np.uint16) * 257, number)
        setattr(made, f"{name}PaletteColorLookupTableData", table.tobytes())
    pixels = (STORED // 16).astype(np.uint8)
    assert np.array_equal(read(made), np.stack([pixels, pixels - 1, pixels - 2], axis=-1))


def test_monochrome_1_is_inverted(read):
    assert np.array_equal(read(dataset(PhotometricInterpretation="MONOCHROME1")), 255 - np.round(GREY))


def test_the_modality_lut_comes_before_the_window(read):
    made = dataset(RescaleSlope=2, RescaleIntercept=-1024)
    assert np.array_equal(read(made), np.round(GREY))
    window = WindowSettings(center=1024.5, width=2049.0)  # 0 to 2048
    expected = np.round(np.clip((STORED * 2.0 - 1024) / 2048, 0, 1) * 255)
    assert np.abs(read(made, window) - expected).max() <= 1


def test_signed_pixels(read):
    made = dataset(STORED.astype(np.int16) - 2048)
    assert np.array_equal(read(made), np.round(GREY))


def test_the_window_of_the_header(read):
    narrow = dataset(WindowCenter=["1000.5", "7"], WindowWidth=["1001", "1"])
    assert np.abs(read(narrow, "header") - np.round(np.clip((STORED - 500.0) / 1000, 0, 1) * 255)).max() <= 1
    with pytest.raises(UserError, match=r"has no window; set data\.window"):
        read(dataset(), "header")


def test_of_several_frames_one_is_chosen(read):
    frames = dataset(np.stack([STORED, STORED // 2, STORED // 4]))
    with pytest.raises(UserError, match=r"holds 3 images .* set data\.frame"):
        read(frames)
    assert np.array_equal(read(frames, frame="middle"), np.round((STORED // 2) * (255 / 4095)))
    assert np.array_equal(read(frames, frame=2), np.round((STORED // 4) * (255 / 4095)))
    with pytest.raises(UserError, match=r"data\.frame: 3, but the file holds 3 images"):
        read(frames, frame=3)


def test_what_cannot_be_read_is_named_and_quotes_no_header(read, tmp_path, monkeypatch):
    made = dataset()
    del made.PixelData
    with pytest.raises(UserError, match=r"image\.dcm: holds no image"):
        read(made)
    with pytest.raises(UserError, match=r"image\.dcm: cannot be read") as error:
        read(dataset(PixelData=b"short!"))
    assert "Doe" not in str(error.value)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    with pytest.raises(UserError, match="more than 50 pixels"):
        read(dataset())
    (tmp_path / "half.dcm").write_bytes(bytes(128) + b"DICM\x02\x00\x00")
    with pytest.raises(UserError, match=r"half\.dcm: holds no image"):
        READ_WHOLE.read(str(tmp_path / "half.dcm"))


@pytest.fixture
def key(tmp_path, monkeypatch):
    """A key of this test's own; returns the file that it will lie in."""
    monkeypatch.setenv("TRANSFER_REPORT_KEY", str(tmp_path / "keys/patient-key"))
    pseudonyms._key.cache_clear()
    yield pseudonyms.key_file()
    pseudonyms._key.cache_clear()


def test_patients_are_known_by_pseudonyms(tmp_path, key):
    for number, name in enumerate(("a/1.2.3", "a/IM0001", "b/x.dcm", "b/y.DCM")):
        (tmp_path / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        made = dataset(PatientID=("MRN-1", "MRN-1", "MRN-2", "")[number])
        made.save_as(tmp_path / "images" / name, enforce_file_format=True)
    (tmp_path / "images/a/notes").write_text("no image")
    source = read_folder(tmp_path / "images", "", Reading())
    patients = [source.entries.patient(row) for row in range(4)]
    assert patients[0] == patients[1] != patients[2]
    assert patients[3] == "b/y.DCM"
    assert "MRN" not in "".join(patients)
    assert source.unused_files == ["a/notes"]
    assert source.load(0).shape == (16, 24)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_bytes()) == 32


def test_another_key_gives_another_pseudonym(key):
    first = pseudonyms.pseudonym("MRN-1")
    assert first == pseudonyms.pseudonym("MRN-1")
    key.write_bytes(b"another")
    pseudonyms._key.cache_clear()
    assert pseudonyms.pseudonym("MRN-1") != first
