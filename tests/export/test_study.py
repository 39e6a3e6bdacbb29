"""What a study says of itself where it leaves the house, made from the study that the report's tests are made from."""

import csv
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from tests.report.study import make_study, texts

from transfer_report.analysis.checklists import Place
from transfer_report.export.checklists import checklist_text
from transfer_report.export.latex import macros
from transfer_report.export.methods import methods_paragraph
from transfer_report.export.model_card import model_card
from transfer_report.export.study import (
    exported_tables,
    methods_of,
    model_card_of,
    network_settings,
    numbers_of,
    run_to_ship,
)
from transfer_report.export.tables import to_csv
from transfer_report.records.analysis import FailedRun
from transfer_report.report.bibliography import read_bibliography
from transfer_report.report.checklists import file_name
from transfer_report.report.context import Context
from transfer_report.wording.wording import load_texts, wording_file


@pytest.fixture(scope="module")
def study():
    """With a recommended condition whose model has a record of its weights."""
    made = make_study()
    selection = made.analysis.selection.model_copy(update={"recommended": "fine_tuning/resnet50-baseline"})
    return replace(made, analysis=made.analysis.model_copy(update={"selection": selection}))


@pytest.fixture(scope="module")
def context(study):
    # Findings of the clinical section have words in the wording file alone.
    tree = texts()
    tree["findings"] = load_texts(wording_file("en"))["findings"] | tree["findings"]
    return Context(study, tree, read_bibliography(Path("report/references.bib")), "markdown", "wording")


@pytest.fixture(scope="module")
def run(study):
    recommended = study.analysis.selection.recommended
    return run_to_ship(study, {(recommended, seed): True for seed in (0, 1, 2)})


def test_a_run_that_failed_never_leaves(study):
    recommended = study.analysis.selection.recommended
    failed = [
        FailedRun(condition=recommended, seed=seed, reason="one_class", class_share=1.0, train_loss=0.7, test_loss=0.7)
        for seed in (0, 2)
    ]
    marred = replace(study, analysis=study.analysis.model_copy(update={"failed_runs": failed}))
    kept = {(recommended, seed): True for seed in (0, 1, 2)}
    assert run_to_ship(marred, kept).seed == 1
    assert run_to_ship(marred, kept | {(recommended, 1): False}) is None
    assert run_to_ship(study, {}) is None


def test_a_network_is_used_as_the_study_used_it(study, run):
    found = network_settings(study, run, "pad")
    assert (found.fit, found.channels, found.image_px) == ("pad", study.data.channels, study.data.image_px)
    assert found.threshold is None  # the more probable class is called
    assert list(found.mean) == study.weights[0].mean


def test_card_and_methods_are_complete(study, context, run):
    card = model_card(model_card_of(study, run, "some images", context.wording))
    estimate = study.analysis.estimates["test"][str(run.key)]["accuracy"]
    assert f"{100 * estimate.value:.1f}" in card
    assert "simulated" in card
    assert "must not be used" in card
    assert "pip install torch==2.13.0 safetensors pillow torchvision\n" in card
    for form in ("markdown", "latex"):
        assert "{{" not in methods_paragraph(methods_of(study, context.wording), form)


def test_every_number_has_a_macro_of_its_own(study, context):
    numbers = numbers_of(study, context.wording)
    lines = macros(numbers).splitlines()
    assert len(lines) == len(numbers) > 100
    assert all(re.fullmatch(r"\\newcommand\{\\[A-Za-z]+\}\{.+\}", line) for line in lines)


def test_no_table_that_leaves_names_an_image(context):
    tables = list(exported_tables(context))
    assert len(tables) > 10
    cells = [cell for table in tables for row in table.rows for cell in row]
    assert not [cell for cell in cells if re.search(r"(train|val|test)-\d", cell)]
    assert all(len(list(csv.reader(to_csv(table).splitlines()))) == len(table.rows) + 1 for table in tables)


def test_checklists_name_places_that_the_report_has(context):
    filled = context.filled_checklists()
    items = {item.text: item for one in filled for item in one.items}
    assert items["Accuracy with its precision; ROC analysis"].places[1] == context.numbering.label("fig-risks")
    # What no place answers is for the author, or a part that this study lacks: subgroups, external images.
    places = {key for item in items.values() for key in item.missing} & set(get_args(Place))
    assert places == {"external", "prevalence", "subgroups"}
    for checklist, own in zip(context.study.checklists, filled, strict=True):
        text = checklist_text(own, context.wording)
        assert text.count("\n| ") == len(checklist.items) + 2 * len(checklist.parts)
        assert len(context.tables[f"tab-{file_name(own.name)}"].rows) == len(checklist.items)
