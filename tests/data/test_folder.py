import os
import shutil

import pytest

from transfer_report.data import folder
from transfer_report.data.folder import group_of, read_folder
from transfer_report.errors import UserError

PATTERN = r"(person\d+|IM-\d+|NORMAL2-IM-\d+)"


def test_splits_classes_and_ids(image_folder):
    source = read_folder(image_folder, "")
    assert source.classes == ["ill", "well"]
    assert source.entries[0].id == "train/ill/train_ill0_0.png"
    assert [(entry.split, entry.label) for entry in source.entries[::8]] == [("train", 0), ("train", 1), ("test", 0)]
    assert source.load(0).shape == (16, 16)


def test_one_folder_per_class_brings_no_splits(image_folder):
    source = read_folder(image_folder / "train", "")
    assert source.classes == ["ill", "well"]
    assert {entry.split for entry in source.entries} == {None}


def test_folders_inside_a_class_are_read(image_folder):
    (image_folder / "train/ill/patient").mkdir()
    shutil.move(image_folder / "train/ill/train_ill0_0.png", image_folder / "train/ill/patient/image.PNG")
    assert "train/ill/patient/image.PNG" in {entry.id for entry in read_folder(image_folder, "").entries}


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("a/person1001_virus_1681.jpeg", "person1001"),
        ("a/IM-0115-0001.jpeg", "IM-0115"),
        ("a/NORMAL2-IM-0381-0001.jpeg", "NORMAL2-IM-0381"),
        ("person7/other.jpeg", "person7/other.jpeg"),
    ],
)
def test_the_patient_is_found_in_the_file_name(name, group):
    assert group_of(name, PATTERN) == group


def test_the_group_that_takes_part_names_the_patient():
    assert group_of("b7.png", r"a(\d)|b(\d)") == "7"


def test_a_pattern_that_comes_to_no_end_is_an_error(monkeypatch):
    monkeypatch.setattr(folder, "PATTERN_PATIENCE_S", 0.1)
    with pytest.raises(UserError, match=r"data\.group_pattern: .*takes too long on a{60}!\.png"):
        group_of("a" * 60 + "!.png", r"^((a|a)+)$")


def test_a_pattern_that_matches_nothing_is_an_error(image_folder):
    with pytest.raises(UserError, match=r"matches no file name, such as train_ill0_0\.png"):
        read_folder(image_folder, PATTERN)


def test_hidden_files_and_a_readme_are_ignored_and_others_named(image_folder):
    for name in (".DS_Store", "README.md", "train/ill/.hidden.png", "train/ill/notes.txt", "test/labels.csv"):
        (image_folder / name).touch()
    assert sorted(read_folder(image_folder, "").unused_files) == ["test/labels.csv", "train/ill/notes.txt"]


@pytest.mark.parametrize("target", ["/", "missing.png", "train/well"])
def test_stray_links_are_refused(image_folder, target):
    (image_folder / "train/ill/link.png").symlink_to(image_folder / target)
    with pytest.raises(UserError, match=r"link\.png: a link"):
        read_folder(image_folder, "")


def test_a_link_to_a_file_outside_is_refused(image_folder, tmp_path):
    (tmp_path / "outside.png").touch()
    (image_folder / "test/ill/link.png").symlink_to(tmp_path / "outside.png")
    with pytest.raises(UserError, match=r"link\.png: a link"):
        read_folder(image_folder, "")


def test_the_order_is_that_of_the_parts_of_a_path(image_folder):
    for name in ("a/b.png", "a-b.png", "a.png"):
        (image_folder / "train/ill/z" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(image_folder / "test/ill/test_ill0_0.png", image_folder / "train/ill/z" / name)
    ids = [name for name in read_folder(image_folder, "").entries.ids if "/z/" in name]
    assert ids == ["train/ill/z/a/b.png", "train/ill/z/a-b.png", "train/ill/z/a.png"]


def test_a_name_that_is_no_text_is_an_error(image_folder):
    (image_folder / "train/ill" / os.fsdecode(b"\xff.png")).touch()
    with pytest.raises(UserError, match=r"udcff\.png': the name is not in UTF-8"):
        read_folder(image_folder, "")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(UserError, match=r"nowhere: no such folder; set data\.path"):
        read_folder(tmp_path / "nowhere", "")


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(UserError, match="expected one per class"):
        read_folder(tmp_path, "")


def test_a_missing_split_is_named(image_folder):
    shutil.rmtree(image_folder / "test")
    with pytest.raises(UserError, match="has no folder test"):
        read_folder(image_folder, "")


def test_a_misspelt_split_is_named(image_folder):
    (image_folder / "vall").mkdir()
    with pytest.raises(UserError, match="did you mean 'val'"):
        read_folder(image_folder, "")


def test_an_empty_class_is_named_with_what_was_found(image_folder):
    for path in (image_folder / "test/well").iterdir():
        path.rename(path.with_suffix(".dcm"))
    with pytest.raises(UserError, match=r"test/well: the class is empty, only other files such as test_well0_0\.dcm"):
        read_folder(image_folder, "")
