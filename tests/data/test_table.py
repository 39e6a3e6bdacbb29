import numpy as np
import polars
import pytest
from PIL import Image

from transfer_report.data.prepare import prepare
from transfer_report.data.table import read_table
from transfer_report.errors import UserError
from transfer_report.settings import TableSettings

COLUMNS = TableSettings(
    image="file", label="finding", split="set", patient="patient", characteristics=["sex"], folder="files"
)


@pytest.fixture
def rows(tmp_path):
    """24 images of 8 patients and the table of them, as a dictionary of columns that `table_of` writes."""
    rng = np.random.default_rng(0)
    (tmp_path / "files").mkdir()
    for number in range(24):
        Image.fromarray(rng.integers(0, 256, (16, 16), dtype=np.uint8)).save(tmp_path / f"files/{number:03}.png")
    return {
        "file": [f"{number:03}.png" for number in range(24)],
        "finding": ["sick" if number % 2 else "healthy" for number in range(24)],
        "patient": [f"00{number // 3}" for number in range(24)],
        "set": ["Training"] * 12 + ["valid"] * 6 + ["TEST"] * 6,
        "sex": ["F", "M", ""] * 8,
    }


@pytest.fixture
def table_of(rows, tmp_path):
    """Returns a function that writes the table with changed columns and reads it."""

    def read(name="labels.csv", settings=None, pattern="", separator=",", **columns):
        frame = polars.DataFrame(rows | columns)
        if name.endswith(".parquet"):
            frame.write_parquet(tmp_path / name)
        else:
            frame.write_csv(tmp_path / name, separator=separator, include_bom=separator == ";")
        changes = {"file": name, **(settings or {})}
        return read_table(tmp_path, COLUMNS.model_copy(update=changes), pattern)

    return read


@pytest.mark.parametrize(("name", "separator"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t"), ("a.parquet", "")])
def test_the_same_from_every_kind_of_table(table_of, name, separator):
    source = table_of(name, separator=separator)
    assert source.classes == ["healthy", "sick"]
    assert source.entries[0].id == "files/000.png"
    assert [entry.label for entry in source.entries] == [0, 1] * 12
    assert [entry.split for entry in source.entries] == ["train"] * 12 + ["val"] * 6 + ["test"] * 6
    assert [entry.patient for entry in source.entries][:4] == ["000", "000", "000", "001"]
    assert source.characteristics["sex"].tolist() == ["F", "M", ""] * 8
    assert source.load(3).shape == (16, 16)


def test_numbers_in_a_parquet_file_are_labels(table_of):
    assert table_of("a.parquet", finding=[number % 2 for number in range(24)]).classes == ["0", "1"]


def test_without_columns_of_splits_and_patients(table_of):
    source = table_of(settings={"split": "", "patient": ""})
    assert {entry.split for entry in source.entries} == {None}
    assert all(entry.patient == entry.id for entry in source.entries)


def test_an_empty_cell_is_a_patient_of_its_own(table_of, rows):
    source = table_of(patient=["", *rows["patient"][1:]])
    assert [source.entries.patient(row) for row in (0, 1)] == ["files/000.png", "000"]


def test_the_patient_by_a_pattern(table_of):
    source = table_of(settings={"patient": ""}, pattern=r"(\d\d)\d\.png")
    assert source.entries.patient(23) == "02"
    with pytest.raises(UserError, match=r"matches no file name, such as 000\.png"):
        table_of(settings={"patient": ""}, pattern="(x)")


def test_ids_and_paths_of_windows(table_of, rows):
    ids = [name.removesuffix(".png") for name in rows["file"]]
    assert table_of(file=ids, settings={"ending": ".png"}).entries.ids[1] == "files/001.png"
    paths = [f".\\files\\{name}" for name in rows["file"]]
    assert table_of(file=paths, settings={"folder": ""}).entries.ids[1] == "files/001.png"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"file": ["999.png"]}, r"files/999\.png: no such file in data\.path"),
        ({"file": ["000"]}, r"data\.table\.ending .* \(there is files/000\.png\)"),
        ({"file": [""]}, "row 2: file is empty"),
        ({"file": ["001.png"]}, r"files/001\.png: listed twice"),
        ({"file": ["../../x.png"]}, "outside of"),
        ({"finding": [""]}, r"files/000\.png: finding is empty"),
        (
            {"finding": ["sick|old"]},
            r"labels, such as 'sick\|old'.*: add a column .* such as sick yes or no",
        ),
        ({"finding": ["Sick"]}, "'Sick' and 'sick' differ in case alone"),
        ({"finding": [str(number) for number in range(24)]}, "24 different values in 24 rows"),
        ({"set": ["first"]}, "'first' is none of train, val, test"),
        ({"set": ["train"] * 24}, "no row is of the test split"),
    ],
)
def test_what_cannot_be_used_is_named(table_of, rows, changes, message):
    changed = {name: values + rows[name][len(values) :] for name, values in changes.items()}
    with pytest.raises(UserError, match=message):
        table_of(**changed)


def test_a_missing_file_is_sought(table_of, tmp_path):
    with pytest.raises(UserError, match=r"there is files/000\.png"):
        table_of(settings={"folder": ""})
    with pytest.raises(UserError, match=r"x\.csv: no such file; .*there is labels\.csv"):
        read_table(tmp_path, TableSettings(file="x.csv"), "")
    with pytest.raises(UserError, match=r"is a file; name the folder .* data\.table\.file to labels\.csv"):
        read_table(tmp_path / "labels.csv", TableSettings(), "")


def test_a_missing_column_is_named_with_those_there_are(table_of):
    with pytest.raises(UserError, match=r"data\.table\.label: .* has no column 'Finding'; did you mean 'finding'"):
        table_of(settings={"label": "Finding"})


def test_a_table_that_is_none(tmp_path):
    (tmp_path / "labels.csv").write_bytes(b"image,label\n\xe9.png,x\n")
    with pytest.raises(UserError, match="not a readable table"):
        read_table(tmp_path, TableSettings(), "")
    (tmp_path / "labels.csv").write_text("image,label\n")
    with pytest.raises(UserError, match="has no rows"):
        read_table(tmp_path, TableSettings(), "")


def test_images_that_no_row_lists_are_named(table_of, tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "files/extra.png")
    assert table_of().unused_files == ["files/extra.png"]


def test_a_table_is_prepared(table_of, settings, tmp_path):
    table_of()
    data = prepare(settings(source="table", path=str(tmp_path), table=COLUMNS), tmp_path / "cache")
    assert data.description.counts == {"train": [6, 6], "val": [3, 3], "test": [3, 3]}
    assert data.description.patient_counts == {"train": 4, "val": 2, "test": 2}
    assert data.description.positive_class == "sick"
    (sex,) = data.description.characteristics
    assert [(level.name, level.counts["train"]) for level in sex.levels] == [("F", 4), ("M", 4)]
    assert sex.missing == {"train": 4, "val": 2, "test": 2}
