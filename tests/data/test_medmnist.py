import numpy as np
import pytest

from transfer_report.data import medmnist
from transfer_report.data.medmnist import read_medmnist
from transfer_report.errors import UserError

COUNTS = {"train": 6, "val": 2, "test": 4}


def write(path, shape=(28, 28), labels=(0, 1), **changes):
    arrays = {}
    for split, count in COUNTS.items():
        arrays[f"{split}_images"] = np.full((count, *shape), 9, dtype=np.uint8)
        arrays[f"{split}_labels"] = np.resize(np.array(labels), (count, 1))
    arrays |= changes
    np.savez_compressed(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 3), (64, 64)])
def test_any_two_dimensional_set_is_read(tmp_path, shape):
    source = read_medmnist(write(tmp_path / "own.npz", shape), "", False, tmp_path)
    assert [entry.split for entry in source.entries] == ["train"] * 6 + ["val"] * 2 + ["test"] * 4
    assert source.entries[7].id == "val[1]"
    assert source.load(11).shape == shape[:2]
    assert source.verified is None


def test_unknown_labels_are_numbered_as_they_are(tmp_path):
    source = read_medmnist(write(tmp_path / "own.npz", labels=(3, 7)), "", False, tmp_path)
    assert source.classes == ("3", "7")
    assert [entry.label for entry in source.entries[:2]] == [0, 1]


def test_a_published_set_has_names_and_is_verified(tmp_path):
    source = read_medmnist(write(tmp_path / "pneumoniamnist_64.npz"), "", False, tmp_path)
    assert source.classes == ("normal", "pneumonia")
    assert source.verified is False
    assert source.notes == {}  # whose contents they are is not known


def test_a_folder_and_a_name_are_a_file(tmp_path):
    write(tmp_path / "breastmnist.npz")
    assert read_medmnist(tmp_path, "breastmnist", False, tmp_path).classes == ("malignant", "normal, benign")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"train_images": np.zeros((6, 28, 28, 28), np.uint8)}, "train_images: has the shape"),
        ({"train_images": np.zeros((6, 28, 28))}, "train_images: pixels are unsigned"),
        ({"val_labels": np.zeros((2, 14), int)}, r"val_labels: has the shape \(2, 14\)"),
        ({"val_labels": np.zeros((3, 1), int)}, "one label for each of 2 images"),
        ({"test_labels": np.zeros((4, 1))}, "whole numbers, not float64"),
        ({"test_images": None}, "has no array test_images"),
        ({"val_labels": None}, "has no array val_labels"),
        ({"test_labels": np.array([[None]] * 4)}, "not a readable NumPy array"),
    ],
)
def test_other_arrays_are_refused(tmp_path, changes, said):
    with pytest.raises(UserError, match=rf"own\.npz: .*{said}"):
        read_medmnist(write(tmp_path / "own.npz", **changes), "", False, tmp_path)


def test_a_label_beyond_the_published_classes_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"labels are 0, 2, but pneumoniamnist\.npz has 2 classes"):
        read_medmnist(write(tmp_path / "pneumoniamnist.npz", labels=(0, 2)), "", False, tmp_path)


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / "own.npz").write_bytes(b"no archive")
    with pytest.raises(UserError, match=r"own\.npz: not a readable \.npz file"):
        read_medmnist(tmp_path / "own.npz", "", False, tmp_path)


def test_a_missing_file_is_named_with_its_address(tmp_path):
    with pytest.raises(UserError, match=r"no such file; put it there \(https://zenodo.org/records/10519652/files/path"):
        read_medmnist(tmp_path, "pathmnist_128", False, tmp_path)


def test_an_unknown_set_is_named_with_the_nearest(tmp_path):
    with pytest.raises(UserError, match="did you mean 'pneumoniamnist"):
        read_medmnist(tmp_path, "pneumonia-mnist", True, tmp_path)


def test_a_published_set_is_fetched_where_that_is_allowed(tmp_path, monkeypatch):
    monkeypatch.setattr(medmnist, "fetch", lambda _, target, __: write(tmp_path / target.name))
    source = read_medmnist(tmp_path, "octmnist", True, tmp_path / "cache")
    assert len(source.classes) == 4


def test_unpacked_files_do_not_stay(tmp_path):
    source = read_medmnist(write(tmp_path / "own.npz"), "", False, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())
    assert (source.load(0) == 9).all()
