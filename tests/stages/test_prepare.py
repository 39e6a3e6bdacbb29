import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from ruamel.yaml import YAML

from transfer_report.errors import UserError
from transfer_report.files import open_array, read_record
from transfer_report.layout import HERE
from transfer_report.records.base import SPLITS
from transfer_report.records.data import DataDescription, ImageTable, TestLabels
from transfer_report.stages.prepare import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data_settings(tmp_path, monkeypatch):
    """An empty project with the real settings, made small; returns a function that changes those of the data."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    yaml = YAML()

    def change(**changes):
        params = yaml.load(Path("params.yaml"))
        params["data"].update({"image_px": 8, **changes})
        params["data"]["phantom"].update({"train": 12, "test": 4})
        yaml.dump(params, Path("params.yaml"))

    return change


def test_arrays_tables_and_labels_belong_together(data_settings):
    data_settings()
    main()
    description = read_record(HERE.data_description_file(), DataDescription)
    for split in SPLITS:
        images = open_array(HERE.images_file(split))
        table = read_record(HERE.table_file(split), ImageTable)
        assert images.shape == (len(table.ids), 8, 8, description.channels)
        assert images.dtype == np.uint8
    assert len(read_record(HERE.test_labels, TestLabels).labels) == len(table.ids)


def test_findings_are_told(data_settings, caplog):
    caplog.set_level("INFO")
    data_settings()
    main()
    printed = caplog.text
    assert "found: few_test_images (2), such as normal: 2" in printed
    assert "By its size alone" in printed
    assert "warning: too small" in printed


def test_a_mistake_leaves_earlier_results_alone(data_settings):
    data_settings()
    main()
    before = HERE.images_file("train").read_bytes()
    data_settings(source="folder", path="nowhere")
    with pytest.raises(UserError, match="nowhere: no such folder"):
        main()
    assert HERE.images_file("train").read_bytes() == before


@pytest.mark.parametrize("there", [True, False])
def test_classes_of_an_external_set_are_held_against_the_studys_before_anything_trains(data_settings, there):
    if there:
        for name in ("Healthy", "PNEUMONIA"):
            Path("clinic", name).mkdir(parents=True)
            Image.new("L", (8, 8)).save(Path("clinic", name, "a.png"))
    data_settings(external={"clinic-b": {"source": "folder", "path": "clinic"}})
    if not there:  # as in a copy that an experiment runs in
        main()
        return
    with pytest.raises(UserError, match=r"data\.external\.clinic-b\.classes: .*Healthy.*no class of the study"):
        main()
    assert not HERE.images_file("train").exists()
