"""Files that were made to do harm: nothing of them runs, and none takes more memory or disk than it may."""

import io
import os
import struct
import zipfile
import zlib

import numpy as np
import pytest
import torch

from transfer_report.data.image_file import read_image, refusing_huge_images
from transfer_report.data.medmnist import BOMB_BYTES, read_medmnist
from transfer_report.data.stacks import open_npy
from transfer_report.errors import UserError
from transfer_report.files import open_array
from transfer_report.models.initial_weights import load_backbone
from transfer_report.models.pretrained import build_pretrained
from transfer_report.training.checkpoints import Checkpoint


class Trap:
    """An object whose unpickling makes a folder."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_weights_run_no_code(tmp_path):
    torch.save({"features.0.weight": Trap(tmp_path / "sprung")}, tmp_path / "weights.pth")
    with pytest.raises(UserError, match="do not fit the network"):
        build_pretrained("squeezenet1_1", tmp_path / "weights.pth")
    assert not (tmp_path / "sprung").exists()


def test_a_checkpoint_runs_no_code(tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    checkpoint = Checkpoint("tiny")
    checkpoint.path.parent.mkdir(parents=True)
    torch.save({"epochs": Trap(tmp_path / "sprung")}, checkpoint.path)
    assert checkpoint.load() is None
    assert "not readable" in caplog.text
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "content", [b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}q\x00(X", b"PK\x03\x04", b""]
)
def test_damaged_weights_are_refused_whatever_the_unpickler_says(tmp_path, content):
    (tmp_path / "weights.pth").write_bytes(content)
    with pytest.raises(UserError, match="do not fit the network"):
        build_pretrained("squeezenet1_1", tmp_path / "weights.pth")


def test_an_archive_whose_compressed_bytes_are_damaged_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "set.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("train_images", "train_labels", "test_images", "test_labels"):
            archive.writestr(f"{name}.npy", bytes(1000))
    content = bytearray((tmp_path / "set.npz").read_bytes())
    content[30 + len("train_images.npy") : 34 + len("train_images.npy")] = b"\xff\xff\xff\xff"
    (tmp_path / "set.npz").write_bytes(content)
    with pytest.raises(UserError, match=r"not a readable \.npz file"):
        read_medmnist(tmp_path / "set.npz", "", False, tmp_path / "cache")


@pytest.mark.parametrize("read", [open_array, lambda path: open_npy(path, "a")])
def test_an_array_runs_no_code(tmp_path, read):
    np.save(tmp_path / "a.npy", np.array([Trap(tmp_path / "sprung")], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match="not a readable"):
        read(tmp_path / "a.npy")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "content", [b"", b"\xff" * 16, struct.pack("<Q", 1 << 62) + b"{}", struct.pack("<Q", 2) + b"{}"]
)
def test_broken_initial_weights_are_refused(content):
    with pytest.raises(UserError, match="not the weights of squeezenet1_1"):
        load_backbone("squeezenet1_1", content)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("side", [20_000, 2_000_000])
def test_an_image_of_absurd_size_is_refused_before_it_is_unpacked(tmp_path, side):
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    content = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
    (tmp_path / "bomb.png").write_bytes(content)
    with refusing_huge_images(), pytest.raises(UserError, match=r"bomb\.png: "):
        read_image(tmp_path / "bomb.png")


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (BOMB_BYTES // 784, 28, 28)}
    )
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in ("train_labels", "test_images", "test_labels"):
            archive.writestr(f"{name}.npy", b"")
        with archive.open("train_images.npy", "w") as member:
            member.write(header.getvalue())
            for _ in range(BOMB_BYTES >> 20):
                member.write(bytes(1 << 20))
    with pytest.raises(UserError, match=r"train_images: unpacks from .* as no images do"):
        read_medmnist(tmp_path / "bomb.npz", "", False, tmp_path / "cache")


def test_names_in_an_archive_lead_nowhere(tmp_path):
    with zipfile.ZipFile(tmp_path / "set.npz", "w") as archive:
        for name in ("../outside.npy", "/outside.npy", "train_images.npy"):
            archive.writestr(name, b"x")
    with pytest.raises(UserError, match="has no array"):
        read_medmnist(tmp_path / "set.npz", "", False, tmp_path / "cache")
    assert not list(tmp_path.rglob("outside*"))
