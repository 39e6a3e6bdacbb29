"""Images, arrays and weights, broken: each is read, or refused in words; no code runs, memory stays bounded."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save
from tests.fuzz.mutations import tried

from transfer_report.data.image_file import FORMATS, read_image, refusing_huge_images
from transfer_report.data.medmnist import read_medmnist
from transfer_report.data.stacks import check_images, open_npy
from transfer_report.models.initial_weights import load_backbone
from transfer_report.models.pretrained import build_pretrained

QUICK, LONG = 30, 1500


def image(name):
    pixels = np.random.default_rng(0).integers(0, 256, (24, 20, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, name)
    return file.getvalue()


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def npz(compressed):
    arrays = {}
    for split in ("train", "val", "test"):
        arrays |= {f"{split}_images": np.full((3, 28, 28), 9, np.uint8), f"{split}_labels": np.array([[0], [1], [0]])}
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **arrays)
    return file.getvalue()


def read_picture(path):
    with refusing_huge_images():
        return read_image(path)


def read_stack(path):
    array = open_npy(path, str(path))
    check_images(array, str(path))
    return array[0].sum()


def read_set(path):
    source = read_medmnist(path, "", False, path.parent / "cache")
    return [source.load(row) for row in range(len(source.entries))]


TENSORS = {"features.0.weight": torch.zeros(2, 2), "features.0.bias": torch.ones(3, dtype=torch.float16)}


def published(zipped):
    file = io.BytesIO()
    torch.save(TENSORS, file, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


def read_weights(path):
    build_pretrained("squeezenet1_1", path)


def read_initial_weights(path):
    load_backbone("squeezenet1_1", path.read_bytes())


LENGTHS = b"\xff\xff\xff\xff", b"\x00\x00\x00\x00"
HEADER_WORDS = (
    b"(9999999999, 28, 28)",
    b"(-1, 2)",
    b"'|O'",
    b"'<f8'",
    b"'|V4000000000'",
    b"{}",
    b"True",
    b"__import__",
)
PICKLED = b"cos\nsystem\n", b"(S'true'\ntR.", b"\x80\x02", b"\x8c\x08builtins\x8c\x04eval\x93", b"\x8a\xff"
KINDS = {
    **{f"image {name}": (".png", [image(name)], LENGTHS, read_picture) for name in FORMATS},
    "npy": (".npy", [npy(np.full((3, 8, 8), 7, np.uint8))], HEADER_WORDS, read_stack),
    # Of two tensors, which are no network's: what can be read is refused all the same.
    "weights": (".pth", [published(True), published(False)], (*PICKLED, *LENGTHS), read_weights),
    "initial weights": (".safetensors", [save(TENSORS)], HEADER_WORDS, read_initial_weights),
    "npz": (".npz", [npz(True), npz(False)], (*HEADER_WORDS, b"\xff\xff\xff\x7f"), read_set),
}  # fmt: skip


def tried_as(kind, folder, examples):
    suffix, contents, words, read = KINDS[kind]
    return tried(read, folder / f"file{suffix}", contents, words, examples)


pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # of Pillow, about damaged metadata


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_file_is_read_or_refused(kind, tmp_path):
    assert tried_as(kind, tmp_path, QUICK)["refused"]


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_many_broken_files(kind, tmp_path):
    assert tried_as(kind, tmp_path, LONG)["refused"]
