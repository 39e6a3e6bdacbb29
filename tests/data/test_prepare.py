import os
import shutil

import numpy as np
import pytest

from transfer_report.data import pseudonyms
from transfer_report.data.prepare import prepare
from transfer_report.errors import UserError
from transfer_report.files import write_columns, write_record
from transfer_report.records.base import SPLITS
from transfer_report.records.data import ImageTable


@pytest.fixture
def prepared(settings, image_folder, tmp_path):
    def run(**changes):
        return prepare(settings(source="folder", path=str(image_folder), **changes), tmp_path / "cache")

    return run


def table(data, split):
    return ImageTable(**data.table(split))


def finding(data, check):
    return next(result for result in data.description.checks if result.check == check)


def test_splits_tables_and_description_agree(prepared):
    data = prepared()
    assert data.description.counts == {"train": [6, 6], "val": [2, 2], "test": [4, 4]}
    assert table(data, "train").labels == [0] * 6 + [1] * 6
    assert data.shape("test") == (8, 8, 8, 1)
    assert data.description.original_sizes == ["16 × 16"]


def test_test_labels_are_apart(prepared):
    data = prepared()
    assert table(data, "test").labels is None
    assert data.test_labels.labels == [0] * 4 + [1] * 4


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_table_is_written_piece_by_piece_as_the_record_would_be(prepared, tmp_path, split):
    data = prepared()
    write_columns(tmp_path / "columns.json", data.table(split))
    write_record(tmp_path / "record.json", table(data, split))
    assert (tmp_path / "columns.json").read_bytes() == (tmp_path / "record.json").read_bytes()


@pytest.mark.parametrize("ids", [[], ['a"b\\c\n\x07', "ü\x7f\u2028😀"]])
def test_texts_of_all_kinds_are_written_as_a_record_has_them(tmp_path, ids):
    record = ImageTable(ids=ids, patients=[], labels=[3])
    write_columns(tmp_path / "columns.json", record.model_dump())
    write_record(tmp_path / "record.json", record)
    assert (tmp_path / "columns.json").read_bytes() == (tmp_path / "record.json").read_bytes()


PATIENT = r"^(?:train|test)_(\w+?\d+)_"
"""By which patients of both splits have the same names."""


def test_results_name_no_file_and_no_patient_but_pseudonyms(prepared, image_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TRANSFER_REPORT_KEY", str(tmp_path / "key"))
    pseudonyms._key.cache_clear()
    (image_folder / "train/ill/ill0_notes.txt").touch()
    plain, hidden = (prepared(patient_pattern=PATIENT, pseudonyms=setting) for setting in (False, True))
    pseudonyms._key.cache_clear()
    for data, named in ((plain, True), (hidden, False)):
        texts = data.description.model_dump_json() + "".join(table(data, split).model_dump_json() for split in SPLITS)
        assert ("ill0" in texts) == named
        assert ("/" in texts) == named
        assert ".png" in texts
    assert hidden.description.counts == plain.description.counts
    assert hidden.description.patient_counts == plain.description.patient_counts
    assert len(set(table(hidden, "test").ids)) == 8


def test_patients_on_two_sides_are_named(prepared):
    shared = finding(prepared(patient_pattern=PATIENT), "patients_across_splits")
    assert shared.examples == ["ill0", "ill1", "well0", "well1"]


def test_patients_on_two_sides_are_left_out_of_training(prepared):
    data = prepared(patient_pattern=PATIENT, shared_patients="drop_from_train", val_fraction=0.5)
    assert data.description.counts == {"train": [2, 2], "val": [2, 2], "test": [4, 4]}
    assert finding(data, "patients_across_splits").passed
    assert finding(data, "shared_patients_dropped").count == 8
    flow = [(step.step, step.images, step.patients) for step in data.description.flow]
    assert flow == [("read", 24, 8), ("shared_patients", 8, None)]


def test_patients_on_two_sides_move_to_training(prepared, image_folder):
    for name in ("ill", "well"):
        for old in (image_folder / "test" / name).glob("*1_*.png"):
            old.rename(old.with_name(old.name.replace("1_", "9_")))
    data = prepared(patient_pattern=PATIENT, shared_patients="move_to_train")
    assert data.description.counts["test"] == [2, 2]
    assert finding(data, "patients_across_splits").passed
    assert finding(data, "splits_changed").count == 4


def test_a_small_validation_split_is_named_and_cut_anew(prepared, image_folder):
    for name in ("ill", "well"):
        (image_folder / "val" / name).mkdir(parents=True)
        old = image_folder / "train" / name / f"train_{name}0_0.png"
        old.rename(image_folder / "val" / name / old.name)
    assert prepared().description.counts["val"] == [1, 1]
    data = prepared(recut_val=True)
    assert data.description.counts["val"] == [2, 2]
    assert finding(data, "splits_changed").count == 2
    assert finding(data, "few_val_images").examples == ["ill: 2", "well: 2"]


def test_patients_stay_together(prepared):
    data = prepared(patient_pattern=r"^(\w+_\w+\d+)_")
    assert data.description.has_patients
    assert not set(table(data, "train").patients) & set(table(data, "val").patients)
    assert data.description.patient_counts == {"train": 6, "val": 2, "test": 4}


def test_the_same_settings_give_the_same_data_and_another_seed_others(prepared):
    first, again, other = prepared(), prepared(), prepared(seed=1)
    assert first.description == again.description
    assert np.array_equal(first.pixels, again.pixels)
    assert first.description.content_sha256 != other.description.content_sha256


def test_each_split_is_copied_in_the_order_of_its_table(prepared):
    data, images = prepared(), {}
    for split in ("train", "val", "test"):
        images[split] = np.empty(data.shape(split), dtype=np.uint8)
        data.copy(split, images[split])
    ids = table(data, "train").ids
    assert ids == sorted(ids)
    together = np.concatenate(list(images.values()))
    assert len(np.unique(together, axis=0)) == len(together) == 24


def test_a_class_of_one_image_is_named(prepared, image_folder):
    for path in sorted((image_folder / "train/ill").iterdir())[1:]:
        path.unlink()
    with pytest.raises(UserError, match=r"the class 'ill' has no image in the (train|val) split"):
        prepared()


def test_a_limit_is_held(prepared):
    assert prepared(limit_per_class=4).description.limit_per_class == 4
    assert prepared(limit_per_class=4).description.counts == {"train": [3, 3], "val": [1, 1], "test": [4, 4]}


@pytest.fixture
def with_copy(image_folder):
    shutil.copy(image_folder / "test/ill/test_ill0_0.png", image_folder / "train/ill/copy.png")


@pytest.mark.usefixtures("with_copy")
def test_an_image_in_two_splits_is_named(prepared):
    with pytest.raises(UserError, match=r"train/ill/copy\.png = test/ill/test_ill0_0\.png"):
        prepared()


@pytest.mark.usefixtures("with_copy")
def test_a_copy_is_dropped_from_training_where_that_is_wanted(prepared):
    data = prepared(duplicates="drop_from_train")
    assert "train/ill/copy.png" not in table(data, "train").ids + table(data, "val").ids
    assert "test/ill/test_ill0_0.png" in table(data, "test").ids
    assert finding(data, "identical_across_splits").examples == ["train/ill/copy.png = test/ill/test_ill0_0.png"]


def test_our_own_split_keeps_equal_images_together(prepared, image_folder):
    for path in sorted((image_folder / "train/ill").iterdir()):
        shutil.copy(path, path.with_name(f"again_{path.name}"))
    data = prepared()
    sides = {name.removeprefix("train/ill/").removeprefix("again_"): split
             for split in ("train", "val") for name in table(data, split).ids}  # fmt: skip
    for split in ("train", "val"):
        assert all(sides[name.removeprefix("train/ill/").removeprefix("again_")] == split
                   for name in table(data, split).ids)  # fmt: skip
    assert finding(data, "identical_within_split").count == 8


@pytest.mark.skipif("CXR" not in os.environ, reason="CXR names no folder of chest radiographs")
def test_real_radiographs(settings, tmp_path):
    pattern = r"(person\d+|IM-\d+|NORMAL2-IM-\d+)"
    data = prepare(settings(source="folder", path=os.environ["CXR"], patient_pattern=pattern), tmp_path)
    assert data.description.counts == {"train": [750, 750], "val": [250, 250], "test": [200, 200]}
    assert not set(table(data, "train").patients) & set(table(data, "val").patients)
    assert data.description.channels == 1
