"""Citation, model card, methods paragraph: complete, and the same each time."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from transfer_report.export.citation import Author, citation_cff
from transfer_report.export.methods import METHODS_TEMPLATE, Methods, methods_paragraph
from transfer_report.export.model_card import CardMetric, ModelCard, model_card

CITATION = {
    "title": "Transfer learning: pneumonia",
    "authors": [Author("A. Student", "A University")],
    "version": "1a2b3c",
    "released": date(2026, 11, 29),
}
CARD = ModelCard(
    name="pneumonia-resnet50",
    summary="Tells pneumonia from normal chest radiographs.",
    architecture="ResNet-50",
    base_model="ResNet50_Weights.IMAGENET1K_V2",
    classes=["NORMAL", "PNEUMONIA"],
    dataset="phantom",
    simulated=True,
    test_images=200,
    metrics=[CardMetric("accuracy", "Accuracy", 0.8125, "81.3 % (75.0 to 86.4)")],
    selection="Chosen by validation accuracy.",
    operating_point="",
    calibration="Overconfident.",
    limits=["One hospital.", "No children."],
    commit="1a2b3c",
    requirements=["torch==2.13.0", "pillow"],
    licence="mit",
)
METHODS = Methods(
    classes=["NORMAL", "PNEUMONIA"],
    counts={"train": 400, "val": 100, "test": 200},
    has_patients=True,
    patients_apart=True,
    image_px=224,
    networks={"ResNet-50": "he2016", "MyNet_2": ""},
    initial_weights="ImageNet",
    strategies=["fine_tuning", "linear_probe", "lp_ft"],
    runs="5 to 10",
    epochs="3 to 30",
    select_by="accuracy",
    tuned=[],
    tuning_seeds=0,
    confidence="95\u202f%",
    decision="An image was called positive from the risk on that gives a sensitivity of 95\u202f% in validation.",
    software={"PyTorch": "2.13.0"},
    commit="1a2b3c",
)


def test_a_citation_leaves_out_what_is_empty():
    found = YAML(typ="safe").load(citation_cff(**CITATION))
    assert found == {
        "cff-version": "1.2.0",
        "message": "If you use these results, please cite them as below.",
        "type": "dataset",
        "title": "Transfer learning: pneumonia",
        "authors": [{"family-names": "Student", "given-names": "A.", "affiliation": "A University"}],
        "version": "1a2b3c",
        "date-released": date(2026, 11, 29),
    }


@pytest.mark.parametrize("name", ["Ada Maria Student", "Student, Ada Maria"])
def test_a_name_is_taken_apart(name):
    assert Author(name).fields() == {"family-names": "Student", "given-names": "Ada Maria"}


def test_a_single_name_is_a_family():
    assert Author("Student").fields() == {"family-names": "Student"}


def test_a_citation_needs_an_author():
    with pytest.raises(ValueError, match=r"report.author"):
        citation_cff(**CITATION | {"authors": []})


def test_a_card_has_the_fields_of_hugging_face_and_says_what_it_must():
    text = model_card(CARD)
    _, header, body = text.split("---\n", 2)
    fields = YAML(typ="safe").load(header)
    assert fields["pipeline_tag"] == "image-classification"
    (result,) = fields["model-index"][0]["results"]
    assert result["metrics"] == [{"type": "accuracy", "name": "Accuracy", "value": 0.8125}]
    assert "| Accuracy | 81.3 % (75.0 to 86.4) |" in body
    assert "must not be used" in body
    assert "simulated" in body
    assert "- No children." in body
    assert "    pip install torch==2.13.0 pillow\n" in body
    assert text == model_card(CARD)


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_a_methods_paragraph_names_what_was_done(form):
    text = methods_paragraph(METHODS, form)
    for part in ("LP-FT", "linear probing", "400, 100 and 200 images", "patient", "5 to 10 seeds"):
        assert part in text
    assert "  " not in text
    assert text.count("\n") == 1


def test_a_methods_paragraph_says_what_was_tuned():
    text = methods_paragraph(replace(METHODS, tuned=["learning rate", "dropout"], tuning_seeds=2), "markdown")
    assert (
        "values of learning rate, dropout were chosen for each tuned condition by validation accuracy, with 2 other"
        in text
    )
    assert "tuned" not in methods_paragraph(METHODS, "markdown")


def test_citations_are_those_of_the_bibliography():
    keys = set(re.findall(r"@\w+\{(\w+),", Path("report/references.bib").read_text(encoding="utf-8")))
    markdown, latex = (methods_paragraph(METHODS, form) for form in ("markdown", "latex"))
    named = re.findall(r"\[@(\w+)\]", markdown)
    assert named == re.findall(r"\\cite\{(\w+)\}", latex)
    assert "he2016" in named
    assert set(named) <= keys
    assert set(re.findall(r'"(\w+\d{4})" \| cite', METHODS_TEMPLATE.read_text(encoding="utf-8"))) <= keys


def test_names_are_escaped_for_latex_alone():
    assert "MyNet_2" in methods_paragraph(METHODS, "markdown")
    assert r"MyNet\_2" in methods_paragraph(METHODS, "latex")
    assert r"95\,\%" in methods_paragraph(METHODS, "latex")


def test_patients_in_two_sets_are_not_said_to_be_in_one():
    shared = replace(METHODS, patients_apart=False)
    assert "in one set" in methods_paragraph(METHODS, "markdown")
    assert "in one set" not in methods_paragraph(shared, "markdown")
