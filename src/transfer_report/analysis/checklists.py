"""Reporting checklists that fill themselves: what the report answers, what the author does, and what is missing.

Items are data, in `report/checklists/`; the author's answers are one file for all checklists, so that each is given
once. The caller names the places that a report has.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from transfer_report.errors import UserError, did_you_mean
from transfer_report.records.base import Record
from transfer_report.yaml_files import problems, read_yaml

CHECKLISTS = Path("report/checklists")
ANSWERS_FILE = Path("report/checklist.yaml")

Place = Literal[
    "attention",
    "calibration",
    "caveats",
    "characteristics",
    "classes",
    "comparisons",
    "confusion",
    "data",
    "data_checks",
    "definitions",
    "errors",
    "external",
    "flow_diagram",
    "initial_weights",
    "models",
    "operating_point",
    "power",
    "predictions",
    "preparation",
    "prevalence",
    "provenance",
    "question",
    "risk_distribution",
    "roc",
    "seeds",
    "selection",
    "settings",
    "shift",
    "splits",
    "subgroups",
    "summary",
    "temperature",
    "test_set",
    "training",
]
"""Parts of a report that answer an item."""

Status = Literal["study", "author", "both", "partly", "missing", "not_applicable"]
"""Answered by the report, by the author or by both together; in part; not at all; nothing to answer."""


class _Read(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ChecklistItem(_Read):
    """One item of a checklist; it is answered by all its places and all its answers together."""

    text: str
    where: list[Place] = Field(default_factory=list)
    author: list[str] = Field(default_factory=list)
    """Keys of the author's answers."""
    not_applicable: str = ""
    """Why no study of this kind has an answer; empty where one has."""


class Checklist(_Read):
    """A published reporting guideline."""

    name: str
    title: str
    citation: str
    doi: str
    parts: dict[str, dict[str, ChecklistItem]]
    """Items by number, by part of a paper, in the published order."""

    @property
    def items(self) -> list[ChecklistItem]:
        """All items, in their order."""
        return [item for items in self.parts.values() for item in items.values()]


class NotApplicable(_Read):
    """An author's answer that an item does not concern the study."""

    not_applicable: str


Answer = str | NotApplicable | None


class FilledItem(Record):
    """One item with what answers it."""

    number: str
    part: str
    text: str
    status: Status
    places: list[str]
    """Where the report answers it, as the report calls these places."""
    answers: dict[str, str]
    """The author's answers, by key."""
    missing: list[str]
    """Keys that the author has left empty, and places that the report lacks."""
    reason: str
    """Why it does not apply; empty where it does."""


class FilledChecklist(Record):
    """A checklist of one study."""

    name: str
    title: str
    citation: str
    doi: str
    items: list[FilledItem]

    @property
    def open_items(self) -> list[FilledItem]:
        """Items that lack an answer, or a part of one."""
        return [item for item in self.items if item.status in ("partly", "missing")]


def load_checklist(path: Path) -> Checklist:
    """Read one checklist.

    Raises:
        UserError: naming file and key.
    """
    try:
        return Checklist.model_validate(read_yaml(path))
    except ValidationError as error:
        raise UserError(problems(path, error, lambda _: [])) from None


def load_checklists(folder: Path = CHECKLISTS) -> list[Checklist]:
    """Read all checklists of a folder, by name of file."""
    return [load_checklist(path) for path in sorted(folder.glob("*.yaml"))]


def load_answers(checklists: list[Checklist], path: Path = ANSWERS_FILE) -> dict[str, Answer]:
    """Read the author's answers.

    Raises:
        UserError: a key that no checklist asks for, or an answer that is neither text nor `{not_applicable: …}`.
    """
    asked = {
        key for one in checklists for items in one.parts.values() for item in items.values() for key in item.author
    }
    answers: dict[str, Answer] = {}
    for key, given in read_yaml(path).items():
        if key not in asked:
            raise UserError(f"{path}: {key}: no checklist asks for this; {did_you_mean(str(key), sorted(asked))}")
        if isinstance(given, dict):
            try:
                given = NotApplicable.model_validate(given)
            except ValidationError:
                raise UserError(f"{path}: {key}: write a text, or {{not_applicable: the reason}}") from None
        answers[key] = given if given is None or isinstance(given, NotApplicable) else str(given).strip()
    return answers


def fill_checklist(checklist: Checklist, places: Mapping[Place, str], answers: Mapping[str, Answer]) -> FilledChecklist:
    """Fill a checklist.

    Args:
        checklist: The items to fill.
        places: The parts that the report has, with what it calls them (`Section E, Figure 9`).
        answers: The author's, by key; missing and empty ones are open.
    """
    return FilledChecklist(
        name=checklist.name,
        title=checklist.title,
        citation=checklist.citation,
        doi=checklist.doi,
        items=[
            _filled(number, part, item, places, answers)
            for part, items in checklist.parts.items()
            for number, item in items.items()
        ],
    )


def _filled(
    number: str, part: str, item: ChecklistItem, places: Mapping[Place, str], answers: Mapping[str, Answer]
) -> FilledItem:
    given = {key: answers.get(key) for key in item.author}
    refused = {key: answer.not_applicable for key, answer in given.items() if isinstance(answer, NotApplicable)}
    said = {key: answer for key, answer in given.items() if isinstance(answer, str) and answer}
    found = [places[place] for place in item.where if place in places]
    lacking = [key for key in item.author if key not in refused and key not in said]
    lacking += [place for place in item.where if place not in places]
    reason = item.not_applicable or ("; ".join(refused.values()) if refused and not found and not said else "")
    return FilledItem(
        number=number,
        part=part,
        text=item.text,
        status=_status(bool(found), bool(said), bool(lacking), bool(reason)),
        places=list(dict.fromkeys(found)),
        answers=said,
        missing=lacking,
        reason=reason,
    )


def _status(found: bool, said: bool, lacking: bool, refused: bool) -> Status:
    if lacking:
        return "partly" if found or said or refused else "missing"
    if refused:
        return "not_applicable"
    if found and said:
        return "both"
    return "study" if found else "author"
