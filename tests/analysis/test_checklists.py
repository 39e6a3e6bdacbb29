"""Checklists have the published items, and say who answers them."""

import re
from typing import get_args

import pytest

from transfer_report.analysis.checklists import (
    CHECKLISTS,
    Checklist,
    ChecklistItem,
    NotApplicable,
    Place,
    fill_checklist,
    load_answers,
    load_checklist,
    load_checklists,
)
from transfer_report.errors import UserError

ALL = {one.name: one for one in load_checklists()}
NUMBERS = {name: [number for items in one.parts.values() for number in items] for name, one in ALL.items()}


def all_items():
    return [item for one in ALL.values() for item in one.items]


@pytest.mark.parametrize(
    ("name", "rows", "last"), [("CLAIM 2024", 44, 44), ("STARD-AI 2025", 48, 40), ("TRIPOD+AI 2024", 52, 27)]
)
def test_items_are_those_of_the_publication(name, rows, last):
    numbers = NUMBERS[name]
    assert len(numbers) == len(set(numbers)) == rows
    plain = [int(re.match(r"\d+", number)[0]) for number in numbers]
    assert plain == sorted(plain)
    assert set(plain) == set(range(1, last + 1))


def test_every_item_has_an_answer_or_a_reason():
    for item in all_items():
        assert bool(item.where or item.author) != bool(item.not_applicable), item.text
        assert len(item.text.split()) <= 20


def test_every_place_answers_something():
    assert {place for item in all_items() for place in item.where} == set(get_args(Place))


def test_the_author_is_asked_for_all_that_is_wanted_and_nothing_else():
    answers = load_answers(list(ALL.values()))
    assert set(answers) == {key for item in all_items() for key in item.author}
    assert set(answers.values()) == {None}


def one_item(**item):
    return Checklist(name="A", title="", citation="", doi="", parts={"Methods": {"1": ChecklistItem(text="", **item)}})


@pytest.mark.parametrize(
    ("item", "answers", "status"),
    [
        ({"where": ["data"]}, {}, "study"),
        ({"where": ["external"]}, {}, "missing"),
        ({"where": ["data", "external"]}, {}, "partly"),
        ({"author": ["ethics"]}, {"ethics": "Approved."}, "author"),
        ({"author": ["ethics"]}, {"ethics": ""}, "missing"),
        ({"author": ["ethics", "flow"]}, {"flow": "Figure 1"}, "partly"),
        ({"where": ["data"], "author": ["flow"]}, {"flow": "Figure 1"}, "both"),
        ({"where": ["data"], "author": ["flow"]}, {}, "partly"),
        ({"where": ["data"], "author": ["flow"]}, {"flow": NotApplicable(not_applicable="simulated")}, "study"),
        ({"author": ["flow"]}, {"flow": NotApplicable(not_applicable="simulated")}, "not_applicable"),
        ({"not_applicable": "no ensemble"}, {}, "not_applicable"),
    ],
)
def test_an_item_knows_who_answers_it(item, answers, status):
    (found,) = fill_checklist(one_item(**item), {"data": "Section A"}, answers).items
    assert found.status == status
    assert bool(found.missing) == (status in ("partly", "missing"))
    assert bool(found.reason) == (status == "not_applicable")


def test_a_study_with_all_places_and_no_author_leaves_what_only_the_author_knows():
    places = {place: place for place in get_args(Place)}
    for one in ALL.values():
        filled = fill_checklist(one, places, {})
        asked = {key for item in one.items for key in item.author}
        assert {key for item in filled.open_items for key in item.missing} == asked
        assert any(item.status == "study" for item in filled.items)


def test_answers_are_checked(tmp_path):
    path = tmp_path / "checklist.yaml"
    path.write_text("ethic: Approved.\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"ethic: no checklist asks for this; did you mean .*ethics"):
        load_answers(list(ALL.values()), path)
    path.write_text("ethics: {no: reason}\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"ethics: write a text, or \{not_applicable"):
        load_answers(list(ALL.values()), path)
    path.write_text("ethics: {not_applicable: simulated images}\nfunding: ' none '\n", encoding="utf-8")
    assert load_answers(list(ALL.values()), path) == {
        "ethics": NotApplicable(not_applicable="simulated images"),
        "funding": "none",
    }


def test_a_checklist_with_an_unknown_place_is_refused(tmp_path):
    path = tmp_path / "own.yaml"
    text = (CHECKLISTS / "claim_2024.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("where: [power]", "where: [powers]"), encoding="utf-8")
    with pytest.raises(UserError, match=r"own.yaml: parts.*21.where"):
        load_checklist(path)
