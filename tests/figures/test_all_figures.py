from xml.etree import ElementTree

import pytest
from tests.report.study import make_study

from transfer_report.dvc_yaml import declared_stages, flow
from transfer_report.figures.pipeline import ALSO, POSITIONS
from transfer_report.records.analysis import MAJORITY_CLASS


@pytest.fixture(scope="module")
def drawn():
    study = make_study()
    return study.figures, study.files


def test_every_figure_has_its_file_its_words_and_its_data(drawn):
    records, files = drawn
    for record in records.figures:
        assert {record.file, *(tile.file for tile in record.tiles)} - {""} <= set(files)
        assert record.title
        assert record.rows
        assert all(len(row) == len(record.columns) for row in record.rows)
        assert all(len(text) > 30 for text in ([tile.alt for tile in record.tiles] or [record.alt]))


def test_the_overview_and_the_tables_have_the_same_majority_class(drawn, evidence):
    overview = next(record for record in drawn[0].figures if record.id == "overview")
    control = next(one for one in evidence.controls if one.name == MAJORITY_CLASS)
    assert overview.values["chance"] == control.estimates["test"]["accuracy"].value


def test_drawings_are_well_formed_and_text_stays_text(drawn):
    for name, content in drawn[1].items():
        if name.endswith(".svg"):
            assert ElementTree.fromstring(content).findall(".//{http://www.w3.org/2000/svg}text"), name  # noqa: S314


def test_the_pipeline_is_that_of_dvc():
    stages = declared_stages()
    assert set(POSITIONS) == set(stages)
    edges = {*flow(stages), *ALSO}
    assert {stage for edge in edges for stage in edge} == set(POSITIONS)
    assert edges == {
        ("weights", "check"), ("check", "features"), ("prepare", "features"),
        ("check", "tune_fine_tuning"), ("check", "tune_lp_ft"), ("features", "tune_linear_probe"), ("check", "plan"),
        ("prepare", "tune_fine_tuning"), ("prepare", "tune_lp_ft"), ("tune_fine_tuning", "plan"),
        ("tune_lp_ft", "plan"), ("tune_linear_probe", "plan"), ("plan", "fine_tune"), ("plan", "lp_ft"),
        ("plan", "linear_probe"), ("plan", "train_fraction"), ("train_fraction", "evaluate"),
        ("plan", "cross_validate"), ("cross_validate", "evaluate"), ("fine_tune", "evaluate"),
        ("fine_tune", "external"), ("lp_ft", "external"), ("linear_probe", "external"), ("external", "evaluate"),
        ("lp_ft", "evaluate"), ("linear_probe", "evaluate"), ("evaluate", "analyse"), ("latency", "analyse"),
        ("analyse", "attention"), ("analyse", "figures"), ("attention", "figures"), ("figures", "report"),
            ("figures", "export"),
    }  # fmt: skip
