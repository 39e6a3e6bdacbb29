import numpy as np
import pytest

from transfer_report.data import course
from transfer_report.data.hashes import git_blob_id
from transfer_report.errors import UserError


@pytest.fixture
def arrays(tmp_path):
    for number, file in enumerate(course.FILES):
        path = tmp_path / "dataset" / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.full((2, 4, 4), number, dtype=np.uint8))
    return tmp_path


def test_four_arrays_are_two_classes_in_two_splits(arrays):
    source = course.read_course(arrays, False, arrays / "cache")
    assert [(entry.split, entry.label) for entry in source.entries[::2]] == [
        ("train", 0), ("train", 1), ("test", 0), ("test", 1),
    ]  # fmt: skip
    assert source.entries[3].id == "train/pneumonia.npy[1]"
    assert (source.load(7) == 3).all()


def test_the_folder_itself_may_be_named(arrays):
    assert len(course.read_course(arrays / "dataset", False, arrays / "cache").entries) == 8


def test_other_contents_are_read_and_told(arrays, monkeypatch):
    assert course.read_course(arrays, False, arrays / "cache").verified is False
    published = [file._replace(blob=git_blob_id(arrays / "dataset" / file.name)) for file in course.FILES]
    monkeypatch.setattr(course, "FILES", published)
    source = course.read_course(arrays, False, arrays / "cache")
    assert source.verified
    assert course.COMMIT in str(source.notes["Address"])


def test_a_missing_array_is_named_with_its_address(arrays):
    (arrays / "dataset/test/test_normal.npy").unlink()
    with pytest.raises(UserError, match=r"test_normal\.npy: no such file; put it there \(https://raw"):
        course.read_course(arrays, False, arrays / "cache")


def test_a_wrong_shape_is_named(arrays):
    np.save(arrays / "dataset/train/normal.npy", np.zeros((4, 4), dtype=np.uint8))
    with pytest.raises(UserError, match=r"train/normal\.npy: has the shape \(4, 4\)"):
        course.read_course(arrays, False, arrays / "cache")


def test_a_missing_array_is_fetched_where_that_is_allowed(arrays, monkeypatch):
    (arrays / "dataset/test/test_normal.npy").rename(arrays / "fetched.npy")
    asked = []

    def fetch(url, _, is_published):
        asked.append((url, is_published(arrays / "fetched.npy")))
        return arrays / "fetched.npy"

    monkeypatch.setattr(course, "fetch", fetch)
    assert len(course.read_course(arrays, True, arrays / "cache").entries) == 8
    assert asked == [(f"{course.ADDRESS}/test/test_normal.npy", False)]
