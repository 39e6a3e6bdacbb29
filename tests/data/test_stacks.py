import numpy as np
import pytest

from transfer_report.data.stacks import Stacks, check_images, open_npy
from transfer_report.errors import UserError


def test_images_are_numbered_through_all_stacks():
    grey = np.array([[[1]], [[2]]], dtype=np.uint8)
    colour = np.array([[[[3, 4, 5]]]], dtype=np.uint8)
    stacks = Stacks([grey, colour])
    assert [stacks.load(index).tolist() for index in range(3)] == [[[1]], [[2]], [[[3, 4, 5]]]]


def test_giving_back_memory_keeps_the_contents(tmp_path):
    np.save(tmp_path / "stack.npy", np.full((2, 4, 4), 7, dtype=np.uint8))
    stacks = Stacks([open_npy(tmp_path / "stack.npy", "stack")])
    stacks.release()
    assert (stacks.load(1) == 7).all()


@pytest.mark.parametrize(
    ("shape", "dtype", "said"),
    [
        ((2, 4, 4), "float32", "not float32"),
        ((2, 4, 4), "int64", "not int64"),
        ((4, 4), "uint8", r"shape \(4, 4\)"),
        ((2, 4, 4, 4, 4), "uint8", r"shape \(2, 4, 4, 4, 4\)"),
        ((2, 28, 28, 28), "uint8", r"shape \(2, 28, 28, 28\)"),
        ((2, 0, 4), "uint8", r"shape \(2, 0, 4\)"),
        ((0, 4, 4), "uint8", "holds no image"),
    ],
)
def test_what_is_no_stack_of_images_is_refused(shape, dtype, said):
    with pytest.raises(UserError, match=f"file.npy: .*{said}"):
        check_images(np.zeros(shape, dtype=dtype), "file.npy")


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY"])
def test_a_broken_file_is_named(tmp_path, content):
    (tmp_path / "broken.npy").write_bytes(content)
    with pytest.raises(UserError, match="the file: not a readable NumPy array"):
        open_npy(tmp_path / "broken.npy", "the file")


def test_python_objects_are_never_loaded(tmp_path):
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}], dtype=object))
    with pytest.raises(UserError, match="not a readable NumPy array"):
        open_npy(tmp_path / "objects.npy", "the file")
