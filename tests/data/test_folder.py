import os
import shutil

import pytest

from transfer_report.data import folder
from transfer_report.data.folder import patient_of, read_folder
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
    ("name", "patient"),
    [
        ("a/person1001_virus_1681.jpeg", "person1001"),
        ("a/IM-0115-0001.jpeg", "IM-0115"),
        ("a/NORMAL2-IM-0381-0001.jpeg", "NORMAL2-IM-0381"),
        ("person7/other.jpeg", "person7/other.jpeg"),
    ],
)
def test_the_patient_is_found_in_the_file_name(name, patient):
    assert patient_of(name, PATTERN) == patient


def test_the_parentheses_that_take_part_name_the_patient():
    assert patient_of("b7.png", r"a(\d)|b(\d)") == "7"


def test_a_pattern_that_comes_to_no_end_is_an_error(monkeypatch):
    monkeypatch.setattr(folder, "PATTERN_PATIENCE_S", 0.1)
    with pytest.raises(UserError, match=r"data\.patient_pattern: .*takes too long on a{60}!\.png"):
        patient_of("a" * 60 + "!.png", r"^((a|a)+)$")


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
        path.rename(path.with_suffix(".txt"))
    with pytest.raises(UserError, match=r"test/well: the class is empty, only other files such as test_well0_0\.txt"):
        read_folder(image_folder, "")


def place(root, *folders, count=2):
    """Image files, empty: finding them reads none."""
    for name in folders:
        (root / name).mkdir(parents=True)
        for number in range(count):
            (root / name / f"{number}.png").touch()


def splits_and_classes(source):
    return {(entry.split, source.classes[entry.label]) for entry in source.entries}


SPLIT_SOURCE = {("train", "a"), ("train", "b"), ("test", "a"), ("test", "b")}


@pytest.mark.parametrize(
    ("train", "test"), [("Training", "Testing"), ("TRAIN", "Test"), ("train_set", "test_images"), ("training", "eval")]
)
def test_split_folders_by_usual_names(tmp_path, train, test):
    place(tmp_path, f"{train}/a", f"{train}/b", f"{test}/a", f"{test}/b")
    source = read_folder(tmp_path, "")
    assert splits_and_classes(source) == SPLIT_SOURCE
    assert sorted(source.assumed["split_folders"]) == sorted([f"{test} = test", f"{train} = train"])


def test_two_folders_of_one_split_are_refused(tmp_path):
    place(tmp_path, "train/a", "Training/a", "test/a")
    with pytest.raises(UserError, match="Training and train both name the train split"):
        read_folder(tmp_path, "")


def test_validation_without_test_says_what_to_rename(tmp_path):
    place(tmp_path, "train/a", "valid/a")
    with pytest.raises(UserError, match="rename valid to test"):
        read_folder(tmp_path, "")


def test_splits_inside_the_classes(tmp_path):
    place(tmp_path, "a/train", "a/test", "b/train", "b/test")
    source = read_folder(tmp_path, "")
    assert splits_and_classes(source) == SPLIT_SOURCE
    assert "split_folders" in source.assumed


def test_images_some_folders_deeper(tmp_path):
    place(tmp_path, *(f"chest/chest_xray/{split}/{name}" for split in ("train", "test") for name in "ab"))
    place(tmp_path, "__MACOSX/chest")
    source = read_folder(tmp_path, "")
    assert splits_and_classes(source) == SPLIT_SOURCE
    assert source.assumed == {"found_deeper": ["chest/chest_xray"]}


def test_images_in_a_folder_of_images_beside_masks(tmp_path):
    place(
        tmp_path,
        *(f"{split}/{kind}/{name}" for split in ("train", "test") for kind in ("images", "masks") for name in "ab"),
    )
    source = read_folder(tmp_path, "")
    assert splits_and_classes(source) == SPLIT_SOURCE
    assert source.assumed["masks_left_out"] == ["train/masks", "test/masks"]
    assert source.assumed["found_deeper"] == ["train/images", "test/images"]


@pytest.mark.parametrize(
    "folders",
    [
        ("one/train/a", "one/test/a", "two/train/a", "two/test/a"),
        ("one/normal", "one/sick", "two/normal", "two/sick"),
    ],
)
def test_data_sets_side_by_side_are_refused_by_name(tmp_path, folders):
    place(tmp_path, *folders)
    with pytest.raises(UserError, match="one and two look like data sets of their own"):
        read_folder(tmp_path, "")


def test_views_inside_classes_are_no_data_sets(tmp_path):
    place(tmp_path, "benign/40X", "benign/100X", "malignant/40X", "malignant/100X")
    assert read_folder(tmp_path, "").classes == ["benign", "malignant"]


def test_masks_are_left_out(tmp_path):
    place(tmp_path, "COVID/images", "COVID/masks", "Normal/images", "Normal/masks")
    for name in ("0_mask.png", "0_mask_1.png", "other_mask.png"):
        (tmp_path / "Normal/images" / name).touch()
    source = read_folder(tmp_path, "")
    assert [entry.id for entry in source.entries if "mask" in entry.id] == ["Normal/images/other_mask.png"]
    assert source.assumed["masks_left_out"] == [
        "COVID/masks",
        "Normal/images/0_mask.png",
        "Normal/images/0_mask_1.png",
        "Normal/masks",
    ]


def test_classes_may_be_about_masks(tmp_path):
    place(tmp_path, "with_mask", "without_mask")
    assert read_folder(tmp_path, "").classes == ["with_mask", "without_mask"]


@pytest.mark.parametrize(
    ("train", "test", "how"),
    [
        ("NORMAL", "normal", "case"),
        ("l\u00e9sion", "le\u0301sion", "Unicode form"),
        ("no  finding", "no finding ", "white space"),
    ],
)
def test_classes_whose_names_look_alike_are_joined_and_named(tmp_path, train, test, how):
    place(tmp_path, f"train/{train}", "train/sick", f"test/{test}", "test/sick")
    source = read_folder(tmp_path, "")
    assert splits_and_classes(source) == {(split, name) for split in ("train", "test") for name in (train, "sick")}
    assert source.assumed == {"class_names_joined": [f"test/{test} = {train} ({how})"]}


def test_classes_of_one_split_that_look_alike_are_refused(tmp_path):
    place(tmp_path, "NORMAL", "normal", "sick")
    with pytest.raises(UserError, match="'NORMAL' and 'normal' differ in case alone"):
        read_folder(tmp_path, "")


def test_a_class_of_another_name_in_one_split_is_named(tmp_path):
    place(tmp_path, "train/glioma", "train/no_tumor", "test/glioma", "test/notumor")
    with pytest.raises(UserError, match="did you mean 'no"):
        read_folder(tmp_path, "")


def test_classes_with_numbers_are_in_their_order(tmp_path):
    place(tmp_path, "0", "1", "10", "2")
    assert read_folder(tmp_path, "").classes == ["0", "1", "2", "10"]


def test_patients_that_are_folders(tmp_path):
    place(tmp_path, *(f"{name}/patient{number:05}/study1" for number, name in enumerate("aabb")))
    assert read_folder(tmp_path, "").assumed == {"patient_folders": ["a/patient00000", "b/patient00002"]}
    source = read_folder(tmp_path, r"(patient\d+)/")
    assert [source.entries.patient(row) for row in range(0, 8, 2)] == [f"patient{number:05}" for number in range(4)]
    assert source.assumed == {}
    with pytest.raises(UserError, match=r"matches no file name, such as 0\.png; to find it in the folders, write"):
        read_folder(tmp_path, r"(patient\d+)")
    with pytest.raises(UserError, match=r"matches no path, such as a/patient00000/study1/0\.png"):
        read_folder(tmp_path, r"(person\d+)/")


def test_a_table_without_folders_is_named(tmp_path):
    (tmp_path / "labels.csv").touch()
    with pytest.raises(UserError, match=r"has no folders, but labels\.csv; .*set data\.source to table"):
        read_folder(tmp_path, "")


def test_links_into_dvcs_cache_are_read(image_folder, tmp_path):
    cached = tmp_path / "cache/files/md5/ab" / ("c" * 30)
    cached.parent.mkdir(parents=True)
    image = image_folder / "train/ill/train_ill0_0.png"
    image.rename(cached)
    image.symlink_to(cached)
    assert read_folder(image_folder, "").load(0).shape == (16, 16)
