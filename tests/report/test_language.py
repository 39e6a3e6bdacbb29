"""A report in a language of one letter: whatever can still be read was not in the wording file."""

import re
from pathlib import Path

import pytest
from tests.report.study import texts

from transfer_report.report.bibliography import read_bibliography
from transfer_report.report.context import Context
from transfer_report.report.markdown import render_markdown

GAP = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.DOTALL)
QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")
WORD = re.compile(r"[A-Za-z]{3,}")


def pseudo(text):
    """A text with ö for every letter; gaps stay, with the words that they choose between."""
    parts = GAP.split(text)
    return "".join(_gap(part) if index % 2 else re.sub(r"[^\W\d_]", "ö", part) for index, part in enumerate(parts))


def _gap(gap):
    if "plural" not in gap:
        return gap
    return QUOTED.sub(lambda match: re.sub(r"[^\W\d_]", "ö", match[0]), gap)


def translated(branch):
    if isinstance(branch, dict):
        return {key: translated(value) for key, value in branch.items()}
    return pseudo(branch) if isinstance(branch, str) else branch


@pytest.fixture(scope="module")
def markdown(study):
    wording = translated(texts())
    context = Context(study, wording, read_bibliography(Path("report/references.bib")), "markdown", "wording")
    return render_markdown(context)


def test_words_are_replaced_and_gaps_are_not():
    assert pseudo('{{ count }} {{ count | plural("run", "runs") }} failed') == (
        '{{ count }} {{ count | plural("ööö", "öööö") }} öööööö'
    )
    assert pseudo("{% if a is one %}Only{% else %}All {{ n }}{% endif %}") == (
        "{% if a is one %}öööö{% else %}ööö {{ n }}{% endif %}"
    )


def test_no_english_is_left_in_code(study, markdown):
    """What remains are data: the study's records, its settings, the author's note, and what is cited."""
    shown = re.sub(r"https?://\S+|<[^>]*>", " ", markdown)
    body = shown[: shown.rfind("\n1. ")]  # without the references
    data = " ".join(
        [
            *map(str, (study.settings, study.conditions, study.weights, study.data, study.notes, study.provenance)),
            *(claim.text for claim in study.analysis.claims),
            *map(str, study.records.leaves.values()),
        ]
    )
    left = {word for word in WORD.findall(body) if word not in data}
    assert "ööö" in body
    assert left == set()
